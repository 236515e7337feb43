import { expect, test } from 'vitest'
import type { Checkpoint } from '../../core/batch.ts'
import { type DatasetState, decide, startMark } from './mode.ts'

const highWater: Checkpoint = {
  v: 1,
  position: { kind: 'keyset', mark: null, key: [], inclusive: false },
  highWater: '2026-03-01T10:00:00.000000Z',
  readStartedAt: '2026-03-01T10:30:00.000000Z',
}
const complete = {
  origin: 'here',
  highWater: highWater.highWater,
  readStartedAt: highWater.readStartedAt,
  endedAt: '2026-03-01T10:31:00.000000Z',
}
const read: DatasetState = { v: 1, mapping: 'a', complete }
const unfinished = {
  id: 's',
  kind: 'full',
  startedAt: '',
  highWater,
  from: null,
  at: highWater,
  append: false,
} as const
const ask = { hash: 'a', origin: 'here', cursorType: 'timestamp', full: false, fullDue: false } as const

test('a dataset that was never read is read in full', () => {
  expect(decide(undefined, ask)).toMatchObject({ mode: 'full', because: 'never read before' })
})

test('a complete dataset with a cursor goes on from it', () => {
  expect(decide(read, ask)).toMatchObject({ mode: 'incremental', fromMark: '2026-03-01T10:00:00.000000Z' })
})

test('a complete dataset without a cursor is read in full again', () => {
  expect(decide(read, { ...ask, cursorType: undefined })).toMatchObject({ mode: 'full' })
})

test('a changed mapping forces a full read, even of an unfinished scan', () => {
  const scan = unfinished
  expect(decide({ ...read, scan }, { ...ask, hash: 'b' })).toMatchObject({ mode: 'full' })
})

test('an unfinished scan is resumed, but not when a full read is asked for', () => {
  const scan = { ...unfinished, kind: 'incremental', from: highWater } as const
  expect(decide({ ...read, scan }, ask)).toMatchObject({ mode: 'resume', scan: { id: 's' } })
  expect(decide({ ...read, scan }, { ...ask, full: true })).toMatchObject({ mode: 'full' })
})

test('a table that was empty has no mark to go on from', () => {
  const state = { ...read, complete: { ...complete, highWater: undefined } }
  expect(decide(state, ask)).toMatchObject({
    mode: 'full',
    because: 'the cursor had no value yet that is safe to go on from',
  })
})

test.each([
  ['timestamp', '2026-03-01T10:29:00.123456Z', '2026-03-01T10:20:00.000000Z'],
  ['timestamp', '2026-03-01T09:00:00.123456Z', '2026-03-01T09:00:00.123456Z'],
  ['datetime', '2026-03-01T00:05:00.123456', '2026-02-28T23:55:00.123456'],
  ['date', '2026-03-01', '2026-02-28'],
  ['integer', '9007199254740993', '9007199254740993'],
] as const)('a %s cursor at %s starts again at %s', (type, mark, expected) => {
  expect(startMark(mark, '2026-03-01T10:30:00.000000Z', type)).toBe(expected)
})

test('a full read that is due comes before the cursor, and begins at start', () => {
  expect(decide(read, { ...ask, fullDue: true, start: '2026-01-01T00:00:00.000000Z' })).toEqual({
    mode: 'full',
    fromMark: '2026-01-01T00:00:00.000000Z',
    because: 'a full read is due',
  })
})

test('with remap: forward a changed mapping goes on from the cursor, but a first reading is whole', () => {
  expect(decide(read, { ...ask, hash: 'b', remap: 'forward' })).toMatchObject({ mode: 'incremental' })
  expect(decide(read, { ...ask, hash: 'b', origin: 'there', remap: 'forward' })).toMatchObject({
    mode: 'full',
  })
  const unread = { ...read, complete: undefined }
  expect(decide(unread, { ...ask, hash: 'b', remap: 'forward' })).toMatchObject({ mode: 'full' })
})

test.each([
  ['timestamp', '2026-03-01T10:29:00.123456Z', { millis: 3_600_000 }, '2026-03-01T09:30:00.000000Z'],
  ['integer', '10', { units: 15 }, '-5'],
  ['decimal', '90071992547409930.5', { units: 1 }, '90071992547409929'],
  ['decimal', '-0.5', { units: 1 }, '-2'],
] as const)('a %s cursor at %s with a lookback of its own', (type, mark, lookback, expected) => {
  expect(startMark(mark, '2026-03-01T10:30:00.000000Z', type, lookback)).toBe(expected)
})

const cities = { of: 'city by id', rows: 'a' }
const lookedUp = { city: { ...cities, from: 'public.cities' } }
const other = { city: { ...lookedUp.city, rows: 'b' } }
const joined: DatasetState = { ...read, complete: { ...complete, lookups: { city: cities } } }
const anew = { mode: 'full', because: 'the looked-up table public.cities has changed' }

test('a changed look-up is a full read, and the same one is none', () => {
  expect(decide(joined, { ...ask, lookedUp })).toMatchObject({ mode: 'incremental' })
  expect(decide(joined, { ...ask, lookedUp: other })).toMatchObject(anew)
  // What was not read tells nothing.
  expect(decide(joined, ask)).toMatchObject({ mode: 'incremental' })
})

test('an unfinished scan is resumed with what it looked up, and with nothing else', () => {
  const scan = { ...unfinished, lookups: { city: cities } }
  // The last complete reading is older than the scan: it says nothing of the rows that the scan has read.
  const state = { ...joined, complete: { ...complete, lookups: { city: { ...cities, rows: 'old' } } }, scan }
  expect(decide(state, { ...ask, lookedUp })).toMatchObject({ mode: 'resume' })
  expect(decide(state, { ...ask, lookedUp: other })).toMatchObject(anew)
})

test('remap: forward lets a look-up that was redefined pass, but not one whose table has changed', () => {
  const forward = { ...ask, hash: 'b', remap: 'forward' } as const
  const redefined = { city: { ...other.city, of: 'city by name' } }
  expect(decide(joined, { ...forward, lookedUp: redefined })).toMatchObject({ mode: 'incremental' })
  expect(decide(read, { ...forward, lookedUp })).toMatchObject({ mode: 'incremental' })
  expect(decide(joined, { ...forward, lookedUp: other })).toMatchObject(anew)
})
