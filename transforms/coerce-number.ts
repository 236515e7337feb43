import Big from 'big.js'
import { canonicalDecimal, carriedNumber, decimalText } from '../core/number.ts'
import { Changed, Misfit } from './misfit.ts'

const NO_NUMBER = new Misfit('E509', 'is no number')
const NOT_FINITE = new Misfit('E509', 'is not a finite number')
const NO_INTEGER = new Misfit('E507', 'is not a whole number')
const NOT_64_BITS = new Misfit('E507', 'is beyond 64 bits')
const MAX_INT64 = '9223372036854775807'
const MIN_INT64 = '9223372036854775808'
const ZERO = /^-?0(?:\.0+)?$/

/** Exact decimal text of a number or a numeric text. */
export function numberText(value: unknown): string | Misfit {
  if (typeof value === 'number') return decimalText(value) ?? NOT_FINITE
  if (typeof value !== 'string') return NO_NUMBER
  return canonicalDecimal(value) ?? NO_NUMBER
}

export function coerceInteger(value: unknown): number | string | Misfit {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value === 0 ? 0 : value
  const text = numberText(value)
  if (typeof text !== 'string') return text
  if (text.includes('.')) return NO_INTEGER
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  const digits = text.replace('-', '')
  const limit = text.startsWith('-') ? MIN_INT64 : MAX_INT64
  if (digits.length > limit.length || (digits.length === limit.length && digits > limit)) return NOT_64_BITS
  return text
}

/**
 * Text with exactly `scale` fraction digits.
 * @param rounds the value is a double (computed, or from a float column): half-even on its shortest decimal text
 */
export function coerceDecimal(
  value: unknown,
  precision: number,
  scale: number,
  rounds: boolean,
): string | Misfit {
  let text = numberText(value)
  if (typeof text !== 'string') return text
  if (fractionLength(text) > scale) {
    if (!rounds || typeof value !== 'number')
      return new Misfit('E508', `has more than ${scale} decimal places`)
    text = roundHalfEven(text, scale)
  }
  const point = text.indexOf('.')
  const whole = (point < 0 ? text : text.slice(0, point)).replace('-', '')
  if ((whole === '0' ? 0 : whole.length) > precision - scale) {
    return new Misfit('E508', `has more than ${precision - scale} digits before the decimal point`)
  }
  if (scale === 0) return text
  return point < 0 ? `${text}.${'0'.repeat(scale)}` : text + '0'.repeat(scale - fractionLength(text))
}

function fractionLength(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

/** Canonical decimal text, rounded half-even; may keep padding zeros, never `-0`. */
export function roundHalfEven(text: string, scale: number): string {
  const rounded = new Big(text).round(scale, Big.roundHalfEven).toFixed()
  return ZERO.test(rounded) ? '0' : rounded
}

/** Text beyond a double takes the nearest one, which is counted. */
export function coerceDouble(value: unknown): number | Misfit | Changed<number> {
  if (typeof value === 'number') return Number.isFinite(value) ? (value === 0 ? 0 : value) : NOT_FINITE
  const text = numberText(value)
  if (typeof text !== 'string') return text
  const carried = carriedNumber(text)
  if (typeof carried === 'number') return carried
  const number = Number(text)
  if (!Number.isFinite(number)) return NOT_FINITE
  return decimalText(number) === text ? number : new Changed(number, 'E542')
}

const NO_BOOLEAN = new Misfit('E510', 'is none of true, false, 1 and 0')

export function coerceBoolean(value: unknown): boolean | Misfit {
  if (typeof value === 'boolean') return value
  if (value === 1 || value === '1') return true
  if (value === 0 || value === '0') return false
  if (typeof value !== 'string' || value.length > 5) return NO_BOOLEAN
  const lower = value.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : NO_BOOLEAN
}
