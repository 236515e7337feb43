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
import type { Block, Encoded, StoredTable } from '../engine.ts'
import {
  type Cells,
  CHUNK_ROWS,
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
import { Borrowed } from './slabs.ts'
import { encodeTexts, keptTexts, type LongTexts, pointInto } from './texts.ts'

/** Bytes of the widest cell. */
const MOST_WIDTH = 16

/** How the values of a column lie in vectors. */
export interface Stored {
  type: DuckDBType
  /** Bytes of a cell. */
  width: number
  /** Makes the cells of `rows` values from `start` on; the cell of a NULL may hold anything. What it returns is there until the next call. */
  encode(cells: Cells, column: Column, start: number, rows: number): LongTexts | undefined
}

const text: Stored = { type: VARCHAR, width: 16, encode: encodeTexts }
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

function fixed(type: DuckDBType, width: number, put: Put): Stored {
  const encode: Stored['encode'] = (cells, column, start, rows) => {
    for (let row = 0; row < rows; row++) {
      const value = column[start + row]
      if (value !== null && value !== undefined) put(cells, row, value)
    }
    return undefined
  }
  return { type, width, encode }
}

/** Values of a column in one chunk, as they lie in its vector. */
interface Piece {
  cells: Uint8Array
  /** A bit for every value, 0 for NULL; absent where there is none. */
  valid?: Uint8Array
  long?: LongTexts
}

/** Rows that one chunk of DuckDB takes. */
export interface Chunk {
  rows: number
  pieces: Piece[]
}

/** Rows of a block, chunk by chunk. */
export class Vectors implements Encoded {
  readonly chunks: Chunk[]
  private readonly widths: number[]
  private readonly memory: Borrowed

  constructor(chunks: Chunk[], widths: number[], memory: Borrowed) {
    this.chunks = chunks
    this.widths = widths
    this.memory = memory
  }

  /** For one more who reads them, and releases them for himself. */
  share(): this {
    this.memory.share()
    return this
  }

  release(): void {
    this.memory.giveBack()
  }

  get rows(): number {
    return this.chunks.reduce((sum, it) => sum + it.rows, 0)
  }

  get bytes(): number {
    let bytes = 0
    for (const { pieces } of this.chunks)
      for (const { cells, long } of pieces) bytes += cells.length + (long?.all.length ?? 0)
    return bytes
  }

  without(dropped: Uint8Array): Vectors {
    let first = 0
    const chunks = this.chunks.map(({ rows, pieces }): Chunk => {
      const kept = Array.from({ length: rows }, (_, i) => i).filter((it) => dropped[first + it] !== 1)
      first += rows
      return { rows: kept.length, pieces: pieces.map((it, i) => picked(it, kept, this.widths[i]!)) }
    })
    return new Vectors(chunks, this.widths, this.memory.share())
  }
}

export function encode(columns: StoredTable['columns'], block: Block): Vectors {
  const stored = columns.map((it) => storedAs(it.type))
  const memory = new Borrowed()
  const chunks: Chunk[] = []
  for (let start = 0; start < block.rows; start += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, block.rows - start)
    const pieces = stored.map((it, i) => pieceOf(memory, it, block.columns[i]!, start, rows))
    chunks.push({ rows, pieces })
  }
  return new Vectors(
    chunks,
    stored.map((it) => it.width),
    memory,
  )
}

const scratch = newCells(CHUNK_ROWS * MOST_WIDTH)

function pieceOf(memory: Borrowed, stored: Stored, column: Column, start: number, rows: number): Piece {
  const long = stored.encode(scratch, column, start, rows)
  const cells = memory.copyOf(scratch.bytes.subarray(0, rows * stored.width))
  const valid = validOf(column, start, rows)
  return { cells, valid: valid && memory.copyOf(valid), long: long && keptTexts(memory, long) }
}

function validOf(column: Column, start: number, rows: number): Uint8Array | undefined {
  let valid: Uint8Array | undefined
  for (let row = 0; row < rows; row++) {
    const value = column[start + row]
    if (value !== null && value !== undefined) continue
    valid ??= new Uint8Array(validBytes(rows)).fill(0xff)
    valid[row >> 3]! &= ~(1 << (row & 7))
  }
  return valid
}

/** DuckDB keeps these bits in words of 64. */
const validBytes = (rows: number): number => Math.ceil(rows / 64) * 8

function picked({ cells, valid, long }: Piece, kept: number[], width: number): Piece {
  const places = new Map(kept.map((it, i) => [it, i]))
  const some = Buffer.allocUnsafeSlow(kept.length * width)
  for (const [i, row] of kept.entries()) some.set(cells.subarray(row * width, (row + 1) * width), i * width)
  return {
    cells: some,
    valid:
      valid &&
      validOf(
        kept.map((row) => (valid[row >> 3]! & (1 << (row & 7)) ? 1 : null)),
        0,
        kept.length,
      ),
    long: long && { all: long.all, places: pickedPlaces(long.places, places) },
  }
}

function pickedPlaces(long: Int32Array, places: Map<number, number>): Int32Array {
  const picked: number[] = []
  for (let i = 0; i < long.length; i += 2) {
    const row = places.get(long[i]!)
    if (row !== undefined) picked.push(row, long[i + 1]!)
  }
  return Int32Array.from(picked)
}

/** What is appended is copied, so one chunk is filled again and again. Nothing may wait in between. */
export function* dataChunks(types: DuckDBType[], chunks: Chunk[]): Generator<DuckDBDataChunk> {
  const into = chunkOf(types)
  for (const chunk of chunks) {
    // Lets go of the texts of the last filling.
    into.reset()
    putChunk(into, chunk)
    yield into
  }
  // Its texts would stay until it is filled again.
  into.reset()
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

/** Writes a chunk into one that is empty. */
export function putChunk(into: DuckDBDataChunk, { rows, pieces }: Chunk): void {
  into.rowCount = rows
  for (const [i, piece] of pieces.entries()) put(duckdb.data_chunk_get_vector(into.chunk, i), piece)
}

function put(vector: Vector, { cells, valid, long }: Piece): void {
  const { buffer, byteOffset, length } = cells
  if (long) pointInto(vector, new Int32Array(buffer, byteOffset, length / 4), long)
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, length)
  if (valid === undefined) return
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, valid.buffer as ArrayBuffer, valid.byteOffset, valid.length)
}
