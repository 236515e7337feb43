import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  SQLNULL,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api'
import type { Column } from '../../core/batch.ts'
import type { ColumnType } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'
import type { Bind } from '../../core/warehouse.ts'
import { carriedInteger } from '../canonical.ts'
import { dayNumber, dayText, instantMicros, microsText } from '../instants.ts'

/** Canonical form of what DuckDB gave. Types that no table of ours has come as DuckDB's text. */
export function canonical(value: DuckDBValue): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return carriedInteger(String(value))
  if (value instanceof DuckDBTimestampTZValue) return microsText(value.micros)
  if (value instanceof DuckDBTimestampValue) return microsText(value.micros, '')
  if (value instanceof DuckDBDateValue) return dayText(value.days)
  return value.toString()
}

export const canonicalRows = (chunk: DuckDBDataChunk): Value[][] =>
  chunk.getRows().map((row) => row.map(canonical))

/** Value and type of a bind: an integer must not arrive as a double. */
export function typedBind(bind: Bind): [DuckDBValue, DuckDBType] {
  if (bind === null) return [null, SQLNULL]
  if (typeof bind === 'boolean') return [bind, BOOLEAN]
  if (typeof bind === 'string') return [bind, VARCHAR]
  return Number.isInteger(bind) ? [BigInt(bind), BIGINT] : [bind, DOUBLE]
}

/** The type of a staged column and how a canonical value becomes DuckDB's. */
export interface Staged {
  type: DuckDBType
  convert: (value: Value) => DuckDBValue
}

const asText: Staged = { type: VARCHAR, convert: (value) => value as string }

export function stagedAs(type: ColumnType): Staged {
  switch (type.kind) {
    case 'integer':
      return { type: BIGINT, convert: (value) => BigInt(value as number | string) }
    case 'decimal':
      return decimal(type.precision, type.scale)
    case 'double':
      return { type: DOUBLE, convert: (value) => value as number }
    case 'boolean':
      return { type: BOOLEAN, convert: (value) => value as boolean }
    case 'date':
      return { type: DATE, convert: (value) => new DuckDBDateValue(dayNumber(value as string)) }
    case 'timestamp':
      return {
        type: TIMESTAMPTZ,
        convert: (value) => new DuckDBTimestampTZValue(instantMicros(value as string)),
      }
    default:
      return asText
  }
}

/** A column that gets no values. NULLs of any type fit every column. */
export const nothing: Staged = asText

function decimal(precision: number, scale: number): Staged {
  // Staged text has exactly `scale` fraction digits, so without the point it is the unscaled number.
  const convert = (value: Value) =>
    new DuckDBDecimalValue(BigInt(String(value).replace('.', '')), precision, scale)
  return { type: DECIMAL(precision, scale), convert }
}

/** Rows `start` to `end` of a column in DuckDB's values. */
export function stagedValues(
  column: Column,
  convert: Staged['convert'],
  start: number,
  end: number,
): DuckDBValue[] {
  const values = new Array<DuckDBValue>(end - start)
  for (let row = start; row < end; row++) {
    const value = column[row]
    values[row - start] = value === null || value === undefined ? null : convert(value)
  }
  return values
}
