import { expect, test } from 'vitest'
import { problemJson } from './problem-json.ts'

test('as JSON every key of a finding is there', () => {
  const file = { path: 'pipelines/a.yaml', text: 'a' }
  const at = { file, line: 1, column: 1, length: 1 }
  const found = { code: 'E152', severity: 'error', problem: 'Here.' } as const
  expect(problemJson({ ...found, at, remedy: 'Do this.' })).toEqual({
    code: 'E152',
    severity: 'error',
    file: 'pipelines/a.yaml',
    line: 1,
    column: 1,
    length: 1,
    problem: 'Here.',
    remedy: 'Do this.',
    note: null,
  })
  expect(problemJson(found)).toMatchObject({ file: null, line: null, remedy: null })
})
