import type { Batch, Column } from '../core/batch.ts'
import type { FieldType, RowSchema } from '../core/field.ts'
import { escapePart, joinKey, shorten } from '../core/row-id.ts'
import { keyText } from './key-text.ts'
import { Misfit, Rejected } from './misfit.ts'

/** A key field of the batch in hand. */
export interface KeyField {
  name: string
  column: Column | undefined
  type: FieldType | undefined
}

export const keyFields = (names: string[], { fields }: RowSchema, columns: Column[]): KeyField[] =>
  names.map((name) => {
    const at = fields.findIndex((it) => it.name === name)
    return { name, column: columns[at], type: fields[at]?.type }
  })

/** The row's key, escaped and joined, not shortened. @throws {Rejected} */
export function rowKey(key: KeyField[], row: number): string {
  const [only] = key
  if (key.length === 1) return escapePart(fieldText(only!, row))
  return joinKey(key.map((it) => fieldText(it, row)))
}

function fieldText({ name, column, type }: KeyField, row: number): string {
  const value = column?.[row]
  if (value === null || value === undefined)
    throw new Rejected(new Misfit('E501', `key field "${name}" is missing`))
  const text = keyText(value, type)
  if (text instanceof Misfit) throw new Rejected(new Misfit('E502', `key field "${name}" ${text.reason}`))
  return text
}

/** `source_id` of every row of a key scan; a row that a mapping would reject for its key has none. */
export function scannedKeys(names: string[], batch: Batch, columns: Column[]): string[] {
  const key = keyFields(names, batch.schema, columns)
  const keys: string[] = []
  for (let row = 0; row < batch.rows; row++) {
    try {
      keys.push(shorten(rowKey(key, row)))
    } catch (cause) {
      if (!(cause instanceof Rejected)) throw cause
    }
  }
  return keys
}
