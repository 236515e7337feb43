import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { projectRoot } from './context.ts'
import { createPrinter } from './printer.ts'
import { capturedIo } from './testing/io.ts'

test('the project is the nearest folder upwards with a polder.yaml, or the one named', () => {
  const root = mkdtempSync(join(tmpdir(), 'polder-cli-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const deep = join(root, 'outer/inner/pipelines')
  mkdirSync(deep, { recursive: true })
  writeFileSync(join(root, 'outer/polder.yaml'), '')
  writeFileSync(join(root, 'outer/inner/polder.yaml'), '')
  const rootFrom = (cwd: string, project?: string) => {
    const io = capturedIo({ cwd })
    const printer = createPrinter(io, { quiet: false, color: false })
    return projectRoot({ io, printer, options: { color: false, project } })
  }
  expect(rootFrom(deep)).toBe(join(root, 'outer/inner'))
  expect(rootFrom(deep, '../..')).toBe(join(root, 'outer'))
  expect(() => rootFrom(root)).toThrow('E802')
})
