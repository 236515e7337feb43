import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../core/json.ts'
import { carriedNumber } from '../core/number.ts'
import { type ColumnType, columnTypeText } from '../core/unified.ts'
import { type Coerced, coerce, coerceColumn } from './coerce.ts'
import { COERCION_CORPUS, type Outcome } from './coercion-corpus.ts'
import { Changed, Misfit } from './misfit.ts'
import { own } from './testing/mapping.ts'

const outcome = (coerced: Coerced): Outcome => {
  if (coerced instanceof Misfit) return { rejects: coerced.code }
  return coerced instanceof Changed ? { changes: coerced.value, code: coerced.code } : { fits: coerced }
}

test.each(
  COERCION_CORPUS.map((it) => ({
    ...it,
    name: columnTypeText(it.type),
    shown: show(it.value),
    zone: it.options?.zone ?? '',
  })),
)('$name ← $shown $zone', ({ value, type, options, outcome: expected }) => {
  expect(outcome(coerce(value, type, options))).toEqual(expected)
})

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const types: ColumnType[] = [
  { kind: 'id' },
  { kind: 'text' },
  { kind: 'integer' },
  { kind: 'decimal', precision: 18, scale: 4 },
  { kind: 'double' },
  { kind: 'boolean' },
  { kind: 'date' },
  { kind: 'timestamp' },
]
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.date({ noInvalidDate: true }).map((it) => it.toISOString()),
  fc.bigInt().map(String),
  fc.constantFrom(...COERCION_CORPUS.map((it) => it.value)),
)

test('what fits a column fits it again unchanged', () => {
  fc.assert(
    fc.property(scalar, fc.constantFrom(...types), fc.boolean(), (value, type, rounds) => {
      const first = coerce(value, type, { zone: 'Europe/Amsterdam', rounds })
      if (first instanceof Misfit) return
      const settled = first instanceof Changed ? first.value : first
      expect(coerce(settled, type, { zone: 'America/New_York' })).toEqual(settled)
    }),
    { numRuns: 2000 },
  )
})

test('a wall clock in UTC is read alike however it is spelt, also where there is no such day or time', () => {
  const part = (max: number) => fc.integer({ min: 0, max }).map((it) => String(it).padStart(2, '0'))
  const year = fc.integer({ min: 0, max: 9999 }).map((it) => String(it).padStart(4, '0'))
  const micros = fc.integer({ min: 0, max: 999_999 }).map((it) => String(it).padStart(6, '0'))
  const clock = fc.tuple(
    year,
    part(13),
    part(32),
    fc.constantFrom('T', ' '),
    part(25),
    part(60),
    part(60),
    micros,
  )
  fc.assert(
    fc.property(clock, ([y, m, d, between, hour, minute, second, fraction]) => {
      const read = (point: string) =>
        outcome(
          coerce(
            `${y}-${m}-${d}${between}${hour}:${minute}:${second}${point}${fraction}`,
            { kind: 'timestamp' },
            { zone: 'UTC' },
          ),
        )
      // A comma is as good, and rarer: it is read part by part.
      expect(read('.')).toEqual(read(','))
    }),
    { numRuns: 3000 },
  )
})

test('integers and decimals keep the value that BigInt computes', () => {
  const scale = 4n
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }), (units) => {
      const sign = units < 0n ? '-' : ''
      const digits = String(units < 0n ? -units : units).padStart(Number(scale) + 1, '0')
      const text = `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`
      const carried = carriedNumber(text)!
      const zeroed = text === '-0.0000' ? '0.0000' : text
      expect(coerce(carried, { kind: 'decimal', precision: 18, scale: 4 })).toBe(zeroed)
      expect(String(coerce(carriedNumber(String(units))!, { kind: 'integer' }))).toBe(String(units))
    }),
    { numRuns: 2000 },
  )
})

test('a computed double is rounded half-even on its shortest decimal text', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), (thousandths) => {
      const value = thousandths / 1000
      const units = roundedHalfEven(BigInt(thousandths), 10n)
      const text = coerce(value, { kind: 'decimal', precision: 18, scale: 2 }, { rounds: true }) as string
      expect(BigInt(text.replace('.', ''))).toBe(units)
    }),
    { numRuns: 2000 },
  )
})

function roundedHalfEven(value: bigint, unit: bigint): bigint {
  const negative = value < 0n
  const size = negative ? -value : value
  const [whole, rest] = [size / unit, size % unit]
  const up = rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n)
  const rounded = up ? whole + 1n : whole
  return negative ? -rounded : rounded
}

test('json columns hold the canonical text of what came', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = coerce(value, { kind: 'json' })
      if (text instanceof Misfit || typeof text !== 'string') return
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test('a column with a list takes nothing else', () => {
  const column = own('status', { kind: 'text' }, { values: ['lead', '1'] })
  expect(coerceColumn('lead', column, {})).toBe('lead')
  expect(coerceColumn(1, column, {})).toBe('1')
  expect(outcome(coerceColumn('Lead', column, {}))).toEqual({ rejects: 'E516' })
})
