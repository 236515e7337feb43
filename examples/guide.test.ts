import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const guide = readFileSync(new URL('../docs/guide/mapping.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map((it) => it[1]!)
const sample = ['shop', 'mailing', 'helpdesk'].map((it) =>
  readFileSync(new URL(`./dutch-shop/pipelines/${it}.yaml`, import.meta.url), 'utf8'),
)

/** What the guide shows and the sample shop has no use for. */
const NOT_IN_SAMPLE = [
  'given_name: first_name',
  'full_name: $full_name(',
  'registered_at:',
  'organisation_party_id:',
  'product_id: $ref("prices"',
  'mailing:',
  'same_as: $ref("contacts"',
  'net: $decimal($sum(lines.(quantity',
]

test('every example of the guide is YAML', () => {
  expect(blocks.length).toBeGreaterThan(10)
  // A list of alternatives for one column repeats its name; YAML would not.
  for (const block of blocks) expect(() => parse(block, { uniqueKeys: false }), block).not.toThrow()
})

test('an expression that the guide shows is one of the sample shop', () => {
  const known = sample.join('\n')
  const shown = blocks
    .flatMap((it) => it.split('\n'))
    .map((line) => line.replace(/ {2,}#.*| # .*/, '').trim())
    .filter((line) => /^(- )?\w+: .*[$&?]/.test(line) && !line.startsWith('- name'))
    .filter((line) => !NOT_IN_SAMPLE.some((it) => line.startsWith(it)))
  expect(shown.length).toBeGreaterThan(8)
  expect(shown.filter((line) => !known.includes(line))).toEqual([])
})
