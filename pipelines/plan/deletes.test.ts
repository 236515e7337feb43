import { expect, test } from 'vitest'
import type { DatasetSpec } from '../../core/spec.ts'
import type { DatasetState, Decision } from '../run/mode.ts'
import { keyScanOf } from './cadence.ts'
import { plannedDeletes } from './deletes.ts'

const at = { file: { path: 'p.yaml', text: '' }, line: 1, column: 1, length: 1 }
const dataset = (more: Partial<DatasetSpec>) =>
  ({ timezone: 'Europe/Amsterdam', dataset: more as DatasetSpec }) as const
const scanned = (cron?: string) => dataset({ keyScan: { at, cron } })
const daily = scanned('0 0 * * *')

const NOON = '2026-03-02T12:00:00.000000Z'
const state = (complete: Partial<NonNullable<DatasetState['complete']>>): DatasetState => ({
  v: 1,
  mapping: 'a',
  complete: { origin: 'here', readStartedAt: NOON, endedAt: NOON, ...complete },
})

test.each([
  ['a full read', { fullAt: NOON }, false],
  ['an incremental reading', { fullAt: '2026-01-01T00:00:00.000000Z' }, true],
  ['a reading of an older version', {}, true],
])('without times of its own a key scan follows after %s: %j', (_, complete, due) => {
  expect(keyScanOf(scanned(), state(complete), NOON)).toEqual({ due })
})

test('a key scan is due at its first time after the last one, or after the last full read, in the zone of the source', () => {
  const next = (complete: Parameters<typeof state>[0]) => keyScanOf(daily, state(complete), NOON)
  const early = '2026-02-20T00:00:00.000000Z'
  expect(next({ fullAt: early, scannedAt: '2026-03-01T22:59:00.000000Z' })).toMatchObject({ due: true })
  expect(next({ fullAt: early, scannedAt: '2026-03-01T23:01:00.000000Z' })).toEqual({
    due: false,
    at: '2026-03-02T23:00:00.000000Z',
  })
  expect(next({ scannedAt: early, fullAt: '2026-03-02T08:00:00.000000Z' })).toMatchObject({ due: false })
  expect(next({ scannedAt: early })).toMatchObject({ due: true, at: '2026-02-20T23:00:00.000000Z' })
})

const incremental: Decision = { mode: 'incremental', fromMark: '1', because: '' }

test('plan says what finds deleted rows, and when', () => {
  const read = state({ fullAt: '2026-03-02T08:00:00.000000Z' })
  const planned = (it: ReturnType<typeof dataset>, decision: Decision = incremental) =>
    plannedDeletes(it, read, decision, NOON)
  expect(planned(daily, { mode: 'full', because: '' })).toMatchObject({ next: 'full' })
  expect(planned(daily)).toMatchObject({ next: 'later', scanAt: '2026-03-02T23:00:00.000000Z' })
  expect(planned(scanned())).toMatchObject({ next: 'scan' })
  expect(planned(dataset({}))).toMatchObject({ next: 'none', because: expect.stringContaining('old ids') })
  expect(planned(dataset({ deletesBySource: at }))).toMatchObject({ next: 'none', told: 'source' })
})
