import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { dayOf, daysOf, isDay, secondsText } from '../core/calendar.ts'
import { isZone, offsetOfInstant, offsetOfLocal } from './zone.ts'

const ZONES = [
  'Europe/Amsterdam',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'UTC',
  '+05:30',
]
const seconds = fc.oneof(
  fc.integer({ min: Date.UTC(1880, 0) / 1000, max: Date.UTC(2060, 0) / 1000 }),
  // Around the changes of clocks, where it matters.
  fc
    .tuple(
      fc.integer({ min: 1970, max: 2037 }),
      fc.constantFrom(2, 3, 9, 10),
      fc.integer({ min: 0, max: 31 * 86_400 }),
    )
    .map(([year, month, rest]) => Date.UTC(year, month) / 1000 + rest),
)

test('remembered offsets of local times are those of the zone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), seconds, (zone, local) => {
      const clock = Temporal.Instant.fromEpochMilliseconds(local * 1000)
        .toZonedDateTimeISO('UTC')
        .toPlainDateTime()
      const zoned = clock.toZonedDateTime(zone, { disambiguation: 'compatible' })
      expect(offsetOfLocal(zone, local)).toEqual({
        seconds: local - zoned.epochMilliseconds / 1000,
        moved: !zoned.toPlainDateTime().equals(clock),
      })
    }),
    { numRuns: 3000 },
  )
})

test('remembered offsets of instants are those of the zone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), seconds, (zone, utc) => {
      const zoned = Temporal.Instant.fromEpochMilliseconds(utc * 1000).toZonedDateTimeISO(zone)
      expect(offsetOfInstant(zone, utc)).toBe(zoned.offsetNanoseconds / 1e9)
    }),
    { numRuns: 1000 },
  )
})

test('days and seconds are those of the calendar', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1000, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 }), (utc) => {
      const { year, text } = secondsText(utc)
      expect(`${text}.000Z`).toBe(new Date(utc * 1000).toISOString())
      expect(String(year)).toBe(text.slice(0, 4))
      const day = dayOf(Math.floor(utc / 86_400))
      expect(daysOf(day.year, day.month, day.day)).toBe(Math.floor(utc / 86_400))
      expect(isDay(day.year, day.month, day.day)).toBe(true)
    }),
  )
})

test('zones are known by their names or offsets', () => {
  expect(['Europe/Amsterdam', 'UTC', '+02:00'].map(isZone)).toEqual([true, true, true])
  expect(['Europe/Amsterdm', '', 'local'].map(isZone)).toEqual([false, false, false])
})
