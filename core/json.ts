import { type JSONValue, parse } from 'lossless-json'
import { carriedNumber } from './number.ts'
import type { Json } from './value.ts'

/** Could `text` hold a number that a double does not carry? Cheap, may say yes for long digits inside strings. */
const LONG_NUMBER = /\d[\d.]{15,}|\d[eE]/

/**
 * Parses JSON without losing digits: numbers follow the number rule (long ones become canonical text).
 * Of two entries with one name the last counts, as in `JSON.parse`.
 * @throws {SyntaxError} no JSON, or with long numbers in it nested too deep
 */
export function parseJson(text: string): Json {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  try {
    return parse(text, undefined, {
      // A number that canonical text cannot say (1e999) stays as it was written; coercion judges it.
      parseNumber: (digits) => carriedNumber(digits) ?? digits,
      onDuplicateKey: ({ newValue }) => newValue,
    }) as JSONValue as Json
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new SyntaxError('JSON is nested too deep', { cause })
  }
}

/** Canonical JSON text: keys in UTF-16 code-unit order, no blanks. Equal values give equal text. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((it) => canonicalJson(it ?? null)).join(',')}]`
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name]!)}`)
    .join(',')}}`
}
