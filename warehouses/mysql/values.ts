import type { FieldPacket } from 'mysql2'
import type { ColumnType } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'
import { carriedInteger } from '../canonical.ts'
import type { Written } from '../delimited.ts'
import { instantText, spacedInstant } from '../instants.ts'

type Convert = (value: Value) => Value

/** Column types of the protocol. Source: https://mariadb.com/kb/en/result-set-packets/#field-types */
const TINY = 1
const TIMESTAMP = 7
const LONGLONG = 8
const DATETIME = 12

function converter({ columnType, columnLength }: FieldPacket): Convert | undefined {
  if (columnType === TINY && columnLength === 1) return (value) => value !== 0
  if (columnType === LONGLONG) return (value) => carriedInteger(String(value))
  if (columnType === DATETIME || columnType === TIMESTAMP) return (value) => instantText(String(value))
  return undefined
}

/** Turns rows as the driver gives them into canonical values, in place. */
export function canonicalRows(rows: Value[][], fields: FieldPacket[]): Value[][] {
  const converters = fields.map(converter)
  for (let i = 0; i < converters.length; i++) {
    const convert = converters[i]
    if (convert === undefined) continue
    for (const row of rows) if (row[i] !== null) row[i] = convert(row[i]!)
  }
  return rows
}

/** The text of staged values that the server takes for their columns. */
export const written: Written = { booleans: ['1', '0'], instant: spacedInstant }

export function textOf(type: ColumnType): (value: Value) => string {
  if (type.kind === 'timestamp') return (value) => spacedInstant(String(value))
  if (type.kind === 'boolean') return (value) => written.booleans[value ? 0 : 1]
  return String
}
