import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  SQLNULL,
  VARCHAR,
} from '@duckdb/node-api'
import type { Value } from '../../core/value.ts'
import type { Bind } from '../../core/warehouse.ts'
import { carriedInteger } from '../canonical.ts'
import { dayText, microsText } from '../instants.ts'

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
