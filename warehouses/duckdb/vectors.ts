/**
 * Canonical values written straight into the memory of DuckDB's vectors.
 * Source: https://duckdb.org/docs/stable/clients/c/vector, duckdb.h (how values lie in memory)
 */
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBType,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api'
import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { Column } from '../../core/batch.ts'
import type { ColumnType } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'
import {
  type Cells,
  decimalWidth,
  newCells,
  type Put,
  putBoolean,
  putDate,
  putDecimal,
  putDouble,
  putInstant,
  putInteger,
} from './cells.ts'
import { fillTexts } from './texts.ts'

/** A chunk of DuckDB holds no more. */
const CHUNK_ROWS = 2048
/** Bytes of the widest cell. */
const MOST_WIDTH = 16

/** How the values of a column lie in vectors. */
export interface Stored {
  type: DuckDBType
  /** Bytes of a cell. */
  width: number
  /** Makes the cells of `rows` values from `start` on; the cell of a NULL may hold anything. */
  fill(vector: Vector, cells: Cells, column: Column, start: number, rows: number): void
}

const text: Stored = { type: VARCHAR, width: 16, fill: fillTexts }
const integer = fixed(BIGINT, 8, putInteger)
const double = fixed(DOUBLE, 8, putDouble)
const boolean = fixed(BOOLEAN, 1, putBoolean)
const date = fixed(DATE, 4, putDate)
const timestamp = fixed(TIMESTAMPTZ, 8, putInstant)

/** Staged JSON is text: the type is an alias which data chunks do not know. */
export function storedAs(type: ColumnType): Stored {
  switch (type.kind) {
    case 'integer':
      return integer
    case 'decimal':
      return fixed(
        DECIMAL(type.precision, type.scale),
        decimalWidth(type.precision),
        putDecimal(type.precision, type.scale),
      )
    case 'double':
      return double
    case 'boolean':
      return boolean
    case 'date':
      return date
    case 'timestamp':
      return timestamp
    default:
      return text
  }
}

/** A column that gets no values. NULLs of any type fit every column. */
export const nothing: Stored = text

function fixed(type: DuckDBType, width: number, put: Put): Stored {
  const fill: Stored['fill'] = (_vector, cells, column, start, rows) => {
    for (let row = 0; row < rows; row++) {
      const value = column[start + row]
      if (value !== null && value !== undefined) put(cells, row, value)
    }
  }
  return { type, width, fill }
}

/** One value for all rows. */
export interface Constant {
  constant: Value
}

/** What is appended is copied, so one chunk is filled again and again. Nothing may wait in between. */
export function* chunks(
  stored: Stored[],
  columns: (Column | Constant)[],
  rows: number,
): Generator<DuckDBDataChunk> {
  const chunk = chunkOf(stored.map((it) => it.type))
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - start)
    // Lets go of the texts of the last filling.
    chunk.reset()
    chunk.rowCount = count
    for (const [i, column] of columns.entries()) {
      const vector = duckdb.data_chunk_get_vector(chunk.chunk, i)
      if ('constant' in column) fillAll(vector, stored[i]!, column.constant, count)
      else fillVector(vector, stored[i]!, column, start, count)
    }
    yield chunk
  }
  // Its texts would stay until it is filled again.
  chunk.reset()
}

/** Their memory is freed when they are collected, and V8, which does not see it, is in no hurry: so they are kept. */
const kept = new Map<string, DuckDBDataChunk>()
const MOST_KEPT = 8

function chunkOf(types: DuckDBType[]): DuckDBDataChunk {
  const key = types.join()
  const chunk = kept.get(key) ?? DuckDBDataChunk.create(types)
  kept.delete(key)
  kept.set(key, chunk)
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
  return chunk
}

function fillAll(vector: Vector, stored: Stored, value: Value, rows: number): void {
  // One cell stands for all rows.
  if (stored === text && typeof value === 'string')
    duckdb.vector_reference_value(vector, duckdb.create_varchar(value))
  else if (value === null) noValues(vector)
  else fillVector(vector, stored, new Array<Value>(rows).fill(value), 0, rows)
}

const invalid = new Uint8Array(CHUNK_ROWS / 8)

/** What the cells hold does not matter then; after a reset the addresses of texts are zeros or those of old texts. */
function noValues(vector: Vector): void {
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, invalid.buffer, 0, invalid.length)
}

const cells = newCells(CHUNK_ROWS * MOST_WIDTH)
const validity = new Uint8Array(CHUNK_ROWS / 8)

function fillVector(vector: Vector, stored: Stored, column: Column, start: number, rows: number): void {
  stored.fill(vector, cells, column, start, rows)
  duckdb.copy_data_to_vector(vector, 0, cells.bytes.buffer as ArrayBuffer, 0, rows * stored.width)
  if (!findNulls(column, start, rows)) return
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(rows / 64) * 8)
}

/** Clears the bit of every NULL in `validity`. @returns whether there are any */
function findNulls(column: Column, start: number, rows: number): boolean {
  let found = false
  for (let row = 0; row < rows; row++) {
    const value = column[start + row]
    if (value !== null && value !== undefined) continue
    if (!found) validity.fill(0xff)
    found = true
    validity[row >> 3]! &= ~(1 << (row & 7))
  }
  return found
}
