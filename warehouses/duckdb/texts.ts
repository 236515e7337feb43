import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { Column } from '../../core/batch.ts'
import { MOST_BYTES, putText } from '../bytes.ts'
import type { Cells } from './cells.ts'

/** Shorter texts lie in their cell: four bytes of length, then the text. Longer ones: length, first four bytes, address. */
const INLINED = 12
const CELL_WORDS = 4
const WORD = 2 ** 32

const SMALLEST = 1 << 18
/** What is kept for the next column. */
const LARGEST_KEPT = 1 << 22
let scratch = Buffer.allocUnsafeSlow(SMALLEST)

/**
 * Texts of a whole chunk reach DuckDB in one call: as one long text, which DuckDB copies into memory of this vector. The
 * cells then point at their pieces of it.
 */
export function fillTexts(vector: Vector, cells: Cells, column: Column, start: number, rows: number): void {
  cells.words.fill(0, 0, rows * CELL_WORDS)
  if (!fillAscii(vector, cells, column, start, rows)) fillAny(vector, cells, column, start, rows)
}

/**
 * Texts of one byte a character are written together in one go: where each begins is known by their lengths.
 * @returns false where they are others, or too many
 */
function fillAscii(
  vector: Vector,
  { words, bytes }: Cells,
  column: Column,
  start: number,
  rows: number,
): boolean {
  let length = 0
  for (let row = 0; row < rows; row++) length += ((column[start + row] ?? '') as string).length
  if (length === 0) return true
  if (length > LARGEST_KEPT / MOST_BYTES) return false
  makeRoom(0, length * MOST_BYTES)
  if (scratch.write((column as string[]).slice(start, start + rows).join(''), 0, 'utf8') !== length)
    return false
  const long: number[] = []
  let end = 0
  for (let row = 0; row < rows; row++) {
    const from = end
    end += ((column[start + row] ?? '') as string).length
    place(words, bytes, row, from, end - from, long)
  }
  point(vector, words, long, scratch.subarray(0, end))
  return true
}

/** Notes a text of `scratch` in its cell, and in `long` where it does not fit there. */
function place(
  words: Int32Array,
  bytes: Uint8Array,
  row: number,
  from: number,
  length: number,
  long: number[],
): void {
  words[row * CELL_WORDS] = length
  if (length > INLINED) long.push(row, from)
  else {
    const cell = row * CELL_WORDS * 4 + 4
    for (let i = 0; i < length; i++) bytes[cell + i] = scratch[from + i]!
  }
}

function fillAny(vector: Vector, { words, bytes }: Cells, column: Column, start: number, rows: number): void {
  const long: number[] = []
  let end = 0
  for (let row = 0; row < rows; row++) {
    const text = column[start + row] as string | null
    if (text === null || text === undefined) continue
    const from = end
    makeRoom(from, text.length * MOST_BYTES)
    end = putText(scratch, from, text)
    place(words, bytes, row, from, end - from, long)
    if (end - from <= INLINED) end = from
  }
  if (end > 0) point(vector, words, long, scratch.subarray(0, end))
  if (scratch.length > LARGEST_KEPT) scratch = Buffer.allocUnsafeSlow(SMALLEST)
}

function makeRoom(used: number, bytes: number): void {
  if (used + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * scratch.length, used + bytes))
  scratch.copy(larger, 0, 0, used)
  scratch = larger
}

/** @param long  rows and where their text begins in `all`, by turns */
function point(vector: Vector, words: Int32Array, long: number[], all: Buffer): void {
  duckdb.vector_assign_string_element_len(vector, 0, all)
  const address = new DataView(duckdb.vector_get_data(vector, CELL_WORDS * 4).slice().buffer)
  const low = address.getUint32(8, true)
  const high = address.getInt32(12, true)
  for (let i = 0; i < long.length; i += 2) {
    const cell = long[i]! * CELL_WORDS
    const from = long[i + 1]!
    words[cell + 1] = all.readInt32LE(from)
    words[cell + 2] = (low + from) | 0
    words[cell + 3] = low + from >= WORD ? high + 1 : high
  }
}
