/** The number rule of `docs/coercion.md`: what arrives as a number and what as exact text. */

/** Longest number that is carried; the smallest double, 5e-324, has 325 digits. */
const MAX_DIGITS = 400
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/**
 * Canonical text of a decimal number: no exponent, no leading or padding zeros, `-0` is `0`.
 * @returns undefined where the text is no number, or would print with more than 400 digits
 */
export function canonicalDecimal(text: string): string | undefined {
  // A longer text cannot be a number of 400 digits unless it is padded with zeros on purpose.
  if (text.length > 2 * MAX_DIGITS) return undefined
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent] = match
  if (whole === '' && fraction === '') return undefined
  const shift = exponent ? Number(exponent) : 0
  if (Math.abs(shift) > MAX_DIGITS) return /[1-9]/.test(whole + fraction) ? undefined : '0'
  let digits = whole + fraction
  let point = whole.length + shift
  if (point < 0) {
    digits = '0'.repeat(-point) + digits
    point = 0
  }
  if (point > digits.length) digits += '0'.repeat(point - digits.length)
  const integer = digits.slice(0, point).replace(/^0+/, '') || '0'
  const rest = digits.slice(point).replace(/0+$/, '')
  if (integer.length + rest.length > MAX_DIGITS) return undefined
  const plain = rest ? `${integer}.${rest}` : integer
  return sign === '-' && plain !== '0' ? `-${plain}` : plain
}

/** Significant digits of canonical decimal text; zeros that only pad do not count. */
export function significantDigits(canonical: string): number {
  const digits = canonical.replace('-', '').replace('.', '')
  return digits.replace(/^0+/, '').replace(/0+$/, '').length || 1
}

/** True where a double carries the number exactly by the rule: ≤ 15 significant digits or an integer ≤ 2^53−1. */
export function fitsNumber(canonical: string): boolean {
  if (significantDigits(canonical) <= 15) return staysItself(canonical)
  return (
    !canonical.includes('.') &&
    Number.isSafeInteger(Number(canonical)) &&
    String(Number(canonical)) === canonical
  )
}

/** At the ends of the range of a double even few digits get lost: 1e400 is Infinity, 1e-350 is 0. */
function staysItself(canonical: string): boolean {
  if (canonical.length < 300) return true
  const number = Number(canonical)
  return Number.isFinite(number) && canonicalDecimal(String(number)) === canonical
}

/**
 * A number as a row carries it: a JS number where the rule allows, else its canonical text.
 * @returns undefined where `text` is no number
 */
export function carriedNumber(text: string): number | string | undefined {
  // The common case, a short integer, without the regular expressions.
  if (text.length <= 15 && /^-?[1-9]\d*$/.test(text)) return Number(text)
  const canonical = canonicalDecimal(text)
  if (canonical === undefined) return undefined
  return fitsNumber(canonical) ? Number(canonical) : canonical
}

/** Canonical decimal text of a carried number (numbers print without exponent). */
export function decimalText(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined
  const text = String(value)
  return text.includes('e') ? canonicalDecimal(text) : text === '-0' ? '0' : text
}
