import { expect, test } from 'vitest'
import { noCounts } from '../../core/counts.ts'
import type { DatasetRun } from '../../core/report.ts'
import { exitCodeOf } from './exit-code.ts'

const dataset = (failure?: string): DatasetRun => ({
  dataset: 'a.b',
  status: failure ? 'failed' : 'ok',
  road: 'stream',
  mode: 'full',
  startedAt: '',
  counts: noCounts(),
  deleted: 0,
  tables: {},
  commits: 0,
  failure,
  warnings: [],
})

test.each([
  [[], 'ok', 0],
  [['TransientError'], 'failed', 5],
  [['TransientError', 'DataError'], 'failed', 1],
  [['LeaseError', 'TransientError'], 'failed', 7],
  [['ContractError', 'DataError'], 'failed', 4],
  [['PreparationError'], 'failed', 2],
  [['SomethingElse'], 'failed', 1],
  [[], 'interrupted', 5],
] as const)('failures %j with status %s answer %i', (failures, status, code) => {
  expect(exitCodeOf([dataset(), ...failures.map(dataset)], status, noCounts())).toBe(code)
})

test('more than one rejected row in a hundred answers 3', () => {
  expect(exitCodeOf([dataset()], 'ok', { ...noCounts(), read: 100, rejected: 1 })).toBe(0)
  expect(exitCodeOf([dataset()], 'ok', { ...noCounts(), read: 100, rejected: 2 })).toBe(3)
})
