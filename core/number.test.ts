import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalDecimal, carriedNumber, decimalText, fitsNumber, significantDigits } from './number.ts'

test.each([
  ['0', '0'],
  ['-0', '0'],
  ['-0.000', '0'],
  ['+7', '7'],
  ['007', '7'],
  ['1.500', '1.5'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['1e3', '1000'],
  ['1.25E1', '12.5'],
  ['1e-3', '0.001'],
  ['-12.5e-1', '-1.25'],
  ['0e999999', '0'],
  ['12345678901234567890.123', '12345678901234567890.123'],
])('%s is written %s', (text, canonical) => {
  expect(canonicalDecimal(text)).toBe(canonical)
})

test.each([
  '',
  '.',
  '-',
  '+',
  'e5',
  '1e',
  '1 ',
  ' 1',
  '1_000',
  '1,5',
  '0x10',
  'NaN',
  'Infinity',
  '--1',
  '1.2.3',
  '١',
  '1e9999999999',
])('"%s" is no number', (text) => {
  expect(canonicalDecimal(text)).toBeUndefined()
})

test('no more than 400 digits are printed, and hostile lengths cost nothing', () => {
  expect(canonicalDecimal('1e399')).toHaveLength(400)
  expect(canonicalDecimal('1e400')).toBeUndefined()
  expect(canonicalDecimal(`1${'0'.repeat(400)}`)).toBeUndefined()
  expect(canonicalDecimal(`${'0'.repeat(1_000_000)}1`)).toBeUndefined()
})

test.each([
  ['123456789012345', 123456789012345],
  ['9007199254740991', 9007199254740991],
  ['-9007199254740991', -9007199254740991],
  ['9007199254740993', '9007199254740993'],
  ['9007199254740992', '9007199254740992'],
  ['12345678901234500000', 12345678901234500000],
  ['0.123456789012345', 0.123456789012345],
  ['0.1234567890123456', '0.1234567890123456'],
  ['1.50', 1.5],
  ['1e400', undefined],
  ['1e350', `1${'0'.repeat(350)}`],
  ['5e-324', 5e-324],
  ['1e-350', `0.${'0'.repeat(349)}1`],
  ['1.23456789e-320', `0.${'0'.repeat(319)}123456789`],
  ['x', undefined],
])('%s is carried as %s', (text, carried) => {
  expect(carriedNumber(text)).toBe(carried)
})

const digits = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength: length }).map((it) => it.join(''))
const decimals = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits(25),
    fc.option(digits(25)),
    fc.option(fc.integer({ min: -40, max: 40 })),
  )
  .map(([sign, whole, fraction, exponent]) => ({
    text: `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
    // The same number times 10^100, which is whole.
    scaled:
      BigInt(sign + whole + (fraction ?? '')) *
      10n ** BigInt(100 - (fraction?.length ?? 0) + (exponent ?? 0)),
  }))

const scaledOf = (canonical: string): bigint => {
  const [whole, fraction = ''] = canonical.split('.') as [string, string?]
  return BigInt(whole + fraction) * 10n ** BigInt(100 - fraction.length)
}

test('canonical text is the same number, and its own canonical text', () => {
  fc.assert(
    fc.property(decimals, ({ text, scaled }) => {
      const canonical = canonicalDecimal(text)!
      expect(canonical).toMatch(/^(0|-?([1-9]\d*|0)\.\d*[1-9]|-?[1-9]\d*)$/)
      expect(scaledOf(canonical)).toBe(scaled)
      expect(canonicalDecimal(canonical)).toBe(canonical)
    }),
  )
})

test('a carried number is exactly the number that was written', () => {
  fc.assert(
    fc.property(decimals, ({ text, scaled }) => {
      const carried = carriedNumber(text)!
      const back = typeof carried === 'number' ? decimalText(carried)! : carried
      expect(scaledOf(back)).toBe(scaled)
      expect(typeof carried === 'number').toBe(fitsNumber(canonicalDecimal(text)!))
    }),
  )
})

test('every finite double prints without exponent and reads back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = decimalText(value)!
      expect(text).not.toMatch(/[eE+]/)
      expect(Number(text)).toBe(value === 0 ? 0 : value)
    }),
  )
  expect(decimalText(Number.NaN)).toBeUndefined()
  expect(decimalText(Number.NEGATIVE_INFINITY)).toBeUndefined()
})

test('zeros that only pad are no significant digits', () => {
  expect(['0', '0.001', '1200', '-10.5', '120034'].map(significantDigits)).toEqual([1, 1, 2, 3, 6])
})
