import { canonicalJson } from '../core/json.ts'
import type { ColumnType } from '../core/unified.ts'
import type { Value } from '../core/value.ts'

/** An engine's integer text: a number where a double carries it, else the text. */
export function carriedInteger(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** What `Connection.stream` gave, as the canonical value of a column of this type. */
export function canonicalValue(value: Value, type: ColumnType): Value {
  if (value === null) return null
  // What was written as a number is a double: long numbers were written as texts.
  if (type.kind === 'json') return canonicalJson(JSON.parse(String(value)))
  if (type.kind === 'boolean') return value === true || value === 1
  if (type.kind === 'double') return Number(value) + 0
  return value
}
