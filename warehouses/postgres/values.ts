import type { FieldDef } from 'pg'
import type { Value } from '../../core/value.ts'
import { carriedInteger } from '../canonical.ts'
import type { Written } from '../delimited.ts'
import { instantText } from '../instants.ts'

type Convert = (text: string) => Value

const integer: Convert = carriedInteger
const double: Convert = (text) => (Number.isFinite(Number(text)) ? Number(text) : text)

/** By type oid; every other type stays PostgreSQL's text. Source: pg_type.dat */
const converters: Record<number, Convert> = {
  16: (text) => text === 't',
  20: integer,
  21: integer,
  23: integer,
  26: integer,
  700: double,
  701: double,
  1114: (text) => instantText(text, ''),
  1184: (text) => instantText(text),
}

const asText: Convert = (text) => text

/** Turns rows of PostgreSQL's text into canonical values, in place. */
export function canonicalRows(rows: (string | null)[][], fields: FieldDef[]): Value[][] {
  const convert = fields.map((it) => converters[it.dataTypeID] ?? asText)
  for (const row of rows as Value[][]) {
    for (let i = 0; i < convert.length; i++) {
      const value = row[i]
      if (typeof value === 'string') row[i] = convert[i]!(value)
    }
  }
  return rows
}

/** The text of staged values that the server takes for their columns. */
export const written: Written = { booleans: ['t', 'f'] }
