import { expect, test } from 'vitest'
import { isDue, nextDue, parseCron } from './cron.ts'

const ZONE = 'Europe/Amsterdam'
const MINUTE_MS = 60_000

/** Due minutes between two instants, as local time. */
function dueBetween(expression: string, from: string, to: string): string[] {
  const cron = parseCron(expression)
  const due: string[] = []
  for (let at = Date.parse(from); at < Date.parse(to); at += MINUTE_MS) {
    if (isDue(cron, at, ZONE)) due.push(new Date(at).toISOString().slice(11, 16))
  }
  return due
}

test('fault 23: a job in the hour that spring skips runs at the first minute after it, once', () => {
  expect(dueBetween('30 2 * * *', '2026-03-28T22:00:00Z', '2026-03-29T12:00:00Z')).toEqual(['01:00'])
})

test('fault 23: a job in the hour that autumn repeats runs once, the first time', () => {
  expect(dueBetween('30 2 * * *', '2026-10-24T22:00:00Z', '2026-10-25T12:00:00Z')).toEqual(['00:30'])
})

test('fault 23: a rhythm goes on through the repeated hour without a pause', () => {
  const due = dueBetween('*/15 * * * *', '2026-10-24T23:00:00Z', '2026-10-25T03:00:00Z')
  expect(due).toHaveLength(16)
})

test('fault 23: a rhythm loses nothing and doubles nothing when an hour is skipped', () => {
  const due = dueBetween('*/15 * * * *', '2026-03-29T00:00:00Z', '2026-03-29T02:00:00Z')
  expect(due).toEqual(['00:00', '00:15', '00:30', '00:45', '01:00', '01:15', '01:30', '01:45'])
})

test.each([
  ['0 9 * * mon-fri', '2026-11-20T09:00:00Z', '2026-11-23T08:00:00.000Z'],
  ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-28T23:00:00.000Z'],
  ['0 0 13 * 5', '2026-11-10T00:00:00Z', '2026-11-12T23:00:00.000Z'],
  ['5-10/5,40 6 * * *', '2026-11-20T05:05:00Z', '2026-11-20T05:10:00.000Z'],
  ['0 12 * * 7', '2026-11-20T00:00:00Z', '2026-11-22T11:00:00.000Z'],
])('%s after %s is due at %s', (expression, after, expected) => {
  const next = nextDue(parseCron(expression), Date.parse(after), ZONE)
  expect(new Date(next!).toISOString()).toBe(expected)
})

test('a day that never comes is never due', () => {
  expect(nextDue(parseCron('0 0 31 2 *'), 0, ZONE)).toBeUndefined()
})
