import { type JSONValue, parse } from 'lossless-json'
import { carriedNumber } from './number.ts'
import type { Json } from './value.ts'

/** Could `text` hold a number that a double does not carry? Cheap; says yes for digits inside strings, too. */
const LONG_NUMBER = /\d[\d.]{15,}|\d[eE]/

/**
 * Parses JSON without losing digits: numbers follow the number rule (long ones become canonical text).
 * Of two entries with one name the last counts, as in `JSON.parse`.
 * Any depth: how deep a value may be is for those to say who use it.
 * @throws {SyntaxError} no JSON
 */
export function parseJson(text: string): Json {
  // The exact parser takes some sixty times a text's size: not for the digits of a UUID or a picture in base 64.
  if (!LONG_NUMBER.test(text) || !hasLongNumber(text)) return JSON.parse(text)
  try {
    return parse(text, undefined, {
      // A number that canonical text cannot say (1e999) stays as it was written; coercion judges it.
      parseNumber: (digits) => carriedNumber(digits) ?? digits,
      onDuplicateKey: ({ newValue }) => newValue,
    }) as JSONValue as Json
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    return parseDeep(text)
  }
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Nested deeper than a recursive parser can follow; the built-in one is not recursive, but rounds long numbers. */
function parseDeep(text: string): Json {
  const quoted = text.replace(TOKENS, (token) => {
    if (token[0] === '"') return token
    const carried = carriedNumber(token) ?? token
    return typeof carried === 'number' ? token : `"${carried}"`
  })
  return JSON.parse(quoted)
}

/** The same outside strings. */
function hasLongNumber(text: string): boolean {
  for (let at = 0; ; ) {
    const quote = text.indexOf('"', at)
    if (LONG_NUMBER.test(text.slice(at, quote < 0 ? undefined : quote))) return true
    if (quote < 0) return false
    at = behindString(text, quote)
  }
}

function behindString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslash = end
    while (text[backslash - 1] === '\\') backslash -= 1
    if ((end - backslash) % 2 === 0) return end + 1
  }
  return text.length
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
