import { carriedNumber } from '../core/number.ts'

/** A decimal of at most 15 characters has at most 15 digits: a number by the number rule. */
const SHORT = 15

/** A server's decimal text as a row carries it; what is no number (NaN) stays text. */
export function exactNumber(text: string): number | string {
  if (text.length <= SHORT) {
    // + 0: no negative zero.
    const value = Number(text) + 0
    if (Number.isFinite(value)) return value
  }
  return carriedNumber(text) ?? text
}

/** A server's text of a double; NaN and the infinities stay text. */
export function exactFloat(text: string): number | string {
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}
