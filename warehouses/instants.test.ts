import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayNumber, dayText, instantMicros, instantText, microsText } from './instants.ts'

const FIRST_DAY = -719_162
const LAST_DAY = 2_932_896

test('days and their text are one to one from year 1 to 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: FIRST_DAY, max: LAST_DAY }), (day) => {
      expect(dayNumber(dayText(day))).toBe(day)
      expect(dayText(day)).toBe(new Date(day * 86_400_000).toISOString().slice(0, 10))
    }),
  )
  expect([dayText(FIRST_DAY), dayText(0), dayText(LAST_DAY)]).toEqual([
    '0001-01-01',
    '1970-01-01',
    '9999-12-31',
  ])
})

test('instants keep their microseconds before and after 1970', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }), (micros) => {
      expect(BigInt(instantMicros(microsText(micros)))).toBe(micros)
    }),
  )
  expect(microsText(-1n)).toBe('1969-12-31T23:59:59.999999Z')
})

test('what the engines print becomes canonical', () => {
  expect(instantText('2026-03-29 01:00:00.5+00')).toBe('2026-03-29T01:00:00.500000Z')
  expect(instantText('2026-03-29 01:00:00')).toBe('2026-03-29T01:00:00.000000Z')
  expect(instantText('2026-03-29 01:00:00.123', '')).toBe('2026-03-29T01:00:00.123000')
  expect(instantText('infinity')).toBe('infinity')
  expect(instantText('0044-03-15 00:00:00+00 BC')).toBe('0044-03-15 00:00:00+00 BC')
})
