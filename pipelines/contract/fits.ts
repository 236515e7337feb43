import type { Field } from '../../core/field.ts'
import { canonicalDecimal } from '../../core/number.ts'
import type { ColumnType } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'
import { coerce, Misfit } from '../../transforms/index.ts'

/**
 * Would the column, as it was declared then, have held this value? Values of a wider type that lie in the old one do.
 * What a declaration cannot tell (a domain, a check) fits.
 */
export function fitsField(value: Value, was: Field): boolean {
  if (value === null) return was.nullable
  return fitsType(value, was) && fitsLimits(value, was)
}

const LOCAL = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/
const TIME = /^-?\d+:\d\d:\d\d(\.\d+)?$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

function fitsType(value: Value, { type }: Field): boolean {
  switch (type) {
    case 'json':
    case 'unknown':
      return true
    case 'decimal':
      return isScalar(value) && (canonicalDecimal(String(value)) !== undefined || isNotFinite(value))
    case 'datetime':
      return typeof value === 'string' && LOCAL.test(value) && coerces(value, { kind: 'timestamp' })
    case 'time':
      return typeof value === 'string' && TIME.test(value)
    case 'binary':
      return typeof value === 'string' && BASE64.test(value)
    case 'float':
      return isNotFinite(value) || coerces(value, { kind: 'double' })
    case 'text':
      return isScalar(value)
    default:
      return coerces(value, { kind: type })
  }
}

const isScalar = (value: Value): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

const isNotFinite = (value: Value): boolean => ['NaN', 'Infinity', '-Infinity'].includes(String(value))

const coerces = (value: Value, type: ColumnType): boolean => {
  const zone = type.kind === 'timestamp' && typeof value === 'string' && LOCAL.test(value) ? 'UTC' : undefined
  return !(coerce(value, type, zone ? { zone } : {}) instanceof Misfit)
}

const BITS: Record<string, number> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  integer: 32,
  bigint: 64,
}

/** Lengths, ranges and lists as declarations of PostgreSQL, MySQL and MariaDB write them. */
function fitsLimits(value: Value, { type, sourceType }: Field): boolean {
  const [, declared = '', inside] = DECLARATION.exec(sourceType) ?? []
  const word = declared.toLowerCase()
  const text = String(value)
  const bits = BITS[word]
  if (type === 'integer' && bits) return isWithin(text, bits, / unsigned/i.test(sourceType))
  if (inside === undefined) return true
  if (TEXTS.includes(word)) return [...text].length <= Number(inside)
  if (type === 'decimal') return fitsDigits(text, inside)
  if (word === 'enum') return listed(inside).includes(text)
  return word !== 'set' || text === '' || text.split(',').every((it) => listed(inside).includes(it))
}

const DECLARATION = /^([a-z]+(?: varying)?)\s*(?:\((.*)\))?(?:\s.*)?$/is
const TEXTS = ['varchar', 'char', 'character', 'character varying']

function fitsDigits(text: string, inside: string): boolean {
  const [precision = 0, scale = 0] = inside.split(',').map(Number)
  const [whole = '', fraction = ''] = (canonicalDecimal(text) ?? '').replace('-', '').split('.')
  return whole.replace(/^0+/, '').length <= precision - scale && fraction.length <= scale
}

const listed = (inside: string): string[] =>
  [...inside.matchAll(/'((?:[^']|'')*)'/g)].map((it) => it[1]!.replaceAll("''", "'"))

function isWithin(text: string, bits: number, unsigned: boolean): boolean {
  const whole = canonicalDecimal(text)
  if (whole === undefined || !/^-?\d+$/.test(whole)) return false
  const number = BigInt(whole)
  const half = 1n << BigInt(bits - 1)
  return unsigned ? number >= 0n && number < half * 2n : number >= -half && number < half
}
