import { canonicalJson } from '../core/json.ts'
import { decimalText } from '../core/number.ts'
import { MAX_ID } from '../core/row-id.ts'
import type { Json } from '../core/value.ts'
import { Misfit } from './misfit.ts'
import { plainJson, storableText } from './plain.ts'

const NO_TEXT = new Misfit('E504', 'is an object or a list, and the column holds one value')
const NOT_FINITE = new Misfit('E509', 'is not a finite number')
const ID_TOO_LONG = new Misfit('E506', `is longer than ${MAX_ID} characters`)

/** The text of a scalar: a number in decimal notation, a boolean as `true` or `false`. */
export function scalarText(value: unknown): string | Misfit {
  if (typeof value === 'string') return storableText(value)
  if (typeof value === 'number') return decimalText(value) ?? NOT_FINITE
  if (typeof value === 'boolean') return String(value)
  return NO_TEXT
}

/** @param maxLength in characters (code points) */
export function coerceText(value: unknown, maxLength: number | undefined): string | Misfit {
  const text = scalarText(value)
  if (typeof text !== 'string' || maxLength === undefined || text.length <= maxLength) return text
  let characters = 0
  for (const _ of text) characters += 1
  return characters <= maxLength ? text : new Misfit('E506', `is longer than ${maxLength} characters`)
}

export function coerceId(value: unknown): string | Misfit {
  const text = scalarText(value)
  return typeof text === 'string' && text.length > MAX_ID ? ID_TOO_LONG : text
}

/** Canonical JSON text of any value. */
export function coerceJson(value: unknown): string | Misfit {
  const plain = plainJson(value)
  return plain instanceof Misfit ? plain : canonicalJson(plain as Json)
}
