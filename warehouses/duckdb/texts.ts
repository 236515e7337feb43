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

/** Texts that do not fit their cells: all in one, and by turns the row and where its text begins. */
export interface LongTexts {
  all: Buffer
  places: Int32Array
}

/** Makes the cells of texts; those of long ones lack their address. */
export function encodeTexts(
  cells: Cells,
  column: Column,
  start: number,
  rows: number,
): LongTexts | undefined {
  cells.words.fill(0, 0, rows * CELL_WORDS)
  return encodeAscii(cells, column, start, rows) ?? encodeAny(cells, column, start, rows)
}

/**
 * Texts of one byte a character are written together in one go: where each begins is known by their lengths.
 * @returns undefined where they are others, or too many, or all in their cells
 */
function encodeAscii(cells: Cells, column: Column, start: number, rows: number): LongTexts | undefined {
  let length = 0
  for (let row = 0; row < rows; row++) length += ((column[start + row] ?? '') as string).length
  if (length === 0 || length > LARGEST_KEPT / MOST_BYTES) return undefined
  makeRoom(0, length * MOST_BYTES)
  if (scratch.write((column as string[]).slice(start, start + rows).join(''), 0, 'utf8') !== length)
    return undefined
  const long: number[] = []
  let end = 0
  for (let row = 0; row < rows; row++) {
    const from = end
    end += ((column[start + row] ?? '') as string).length
    place(cells, row, from, end - from, long)
  }
  return taken(long, end)
}

/** Notes a text of `scratch` in its cell, and in `long` where it does not fit there. */
function place({ words, bytes }: Cells, row: number, from: number, length: number, long: number[]): void {
  words[row * CELL_WORDS] = length
  if (length > INLINED) {
    words[row * CELL_WORDS + 1] = scratch.readInt32LE(from)
    long.push(row, from)
    return
  }
  const cell = row * CELL_WORDS * 4 + 4
  for (let i = 0; i < length; i++) bytes[cell + i] = scratch[from + i]!
}

function encodeAny(cells: Cells, column: Column, start: number, rows: number): LongTexts | undefined {
  const long: number[] = []
  let end = 0
  for (let row = 0; row < rows; row++) {
    const text = column[start + row] as string | null
    if (text === null || text === undefined) continue
    const from = end
    makeRoom(from, text.length * MOST_BYTES)
    end = putText(scratch, from, text)
    place(cells, row, from, end - from, long)
    if (end - from <= INLINED) end = from
  }
  const texts = taken(long, end)
  if (scratch.length > LARGEST_KEPT) scratch = Buffer.allocUnsafeSlow(SMALLEST)
  return texts
}

function taken(long: number[], end: number): LongTexts | undefined {
  if (long.length === 0) return undefined
  const all = Buffer.allocUnsafeSlow(end)
  scratch.copy(all, 0, 0, end)
  return { all, places: Int32Array.from(long) }
}

function makeRoom(used: number, bytes: number): void {
  if (used + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * scratch.length, used + bytes))
  scratch.copy(larger, 0, 0, used)
  scratch = larger
}

/** They reach DuckDB in one call: as one long text, which it copies into memory of this vector, where the cells point. */
export function pointInto(vector: Vector, words: Int32Array, { all, places }: LongTexts): void {
  duckdb.vector_assign_string_element_len(vector, 0, all)
  const address = new DataView(duckdb.vector_get_data(vector, CELL_WORDS * 4).slice().buffer)
  const low = address.getUint32(8, true)
  const high = address.getInt32(12, true)
  for (let i = 0; i < places.length; i += 2) {
    const cell = places[i]! * CELL_WORDS
    const from = places[i + 1]!
    words[cell + 2] = (low + from) | 0
    words[cell + 3] = low + from >= WORD ? high + 1 : high
  }
}
