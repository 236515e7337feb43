import fc from 'fast-check'
import { expect, test } from 'vitest'
import { versionText } from './mark.ts'
import { carriedNumber } from './number.ts'

const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

test('numbers are ordered by their version texts', () => {
  const numbers = [
    '-100000000000000000000',
    '-50',
    '-5',
    '-1.5',
    '-1.25',
    '-1',
    '-0.5',
    '-0.05',
    '0',
    '0.05',
    '0.5',
    '1',
    '1.05',
    '1.5',
    '9',
    '10',
    '99.5',
    '100',
    '9007199254740993',
    '1e30',
  ]
  const texts = numbers.map((it) => versionText(carriedNumber(it)!, 'decimal')!)
  expect([...texts].sort(byUnits)).toEqual(texts)
})

test('the order of version texts is the order of the numbers', () => {
  const number = fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 30 }))
    .map(([digits, places]) => ({
      scaled: digits * 10n ** BigInt(30 - places),
      carried: carriedNumber(`${digits}e-${places}`)!,
    }))
  fc.assert(
    fc.property(number, number, (a, b) => {
      const order = a.scaled < b.scaled ? -1 : a.scaled > b.scaled ? 1 : 0
      expect(byUnits(versionText(a.carried, 'decimal')!, versionText(b.carried, 'decimal')!)).toBe(order)
    }),
    { numRuns: 5000 },
  )
})

test('instants and dates are their own version; what is no mark has none', () => {
  expect(versionText('2024-01-01T00:00:00.000000Z', 'timestamp')).toBe('2024-01-01T00:00:00.000000Z')
  expect(versionText('2024-01-01', 'date')).toBe('2024-01-01')
  expect(versionText(null, 'integer')).toBeNull()
  expect(versionText(undefined, 'timestamp')).toBeNull()
  expect(versionText('x', 'integer')).toBeNull()
  expect(versionText(5, 'timestamp')).toBeNull()
})

test('a number has one version, however it was carried', () => {
  expect(versionText(42, 'integer')).toBe(versionText('42.0', 'decimal'))
  expect(versionText(-0, 'integer')).toBe(versionText(0, 'integer'))
  expect(versionText(1e21, 'decimal')).toBe(versionText('1000000000000000000000', 'decimal'))
})
