import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generatedFiles } from '../scripts/generate.ts'

const stored = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

test.each(Object.entries(generatedFiles()))('%s is what npm run generate writes', (path, text) => {
  const [have, want] = path.endsWith('.json')
    ? [JSON.parse(stored(path)), JSON.parse(text)]
    : [stored(path), text]
  expect(have, 'run: npm run generate').toEqual(want)
})
