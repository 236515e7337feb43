import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { Column } from '../../core/batch.ts'
import { MOST_BYTES, putText } from '../bytes.ts'
import { type Cells, CHUNK_ROWS } from './cells.ts'
import type { Borrowed } from './slabs.ts'

/** Shorter texts lie in their cell: four bytes of length, then the text. Longer ones: length, first four bytes, address. */
const INLINED = 12
const CELL_WORDS = 4
const WORD = 2 ** 32

const SMALLEST = 1 << 18
/** What is kept for the next column. */
const LARGEST_KEPT = 1 << 22
let scratch = Buffer.allocUnsafeSlow(SMALLEST)
/** By turns the row of a long text and where it begins, of those that are being encoded. */
const places = new Int32Array(2 * CHUNK_ROWS)
let long = 0

/** Texts that do not fit their cells: all in one, and by turns the row and where its text begins. */
export interface LongTexts {
  all: Uint8Array
  places: Int32Array
}

/** Makes the cells of texts; those of long ones lack their address. */
export const encodeTexts = (
  cells: Cells,
  column: Column,
  start: number,
  rows: number,
): LongTexts | undefined => encodeAscii(cells, column, start, rows) ?? encodeAny(cells, column, start, rows)

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
  long = 0
  let from = 0
  for (let row = 0; row < rows; row++) {
    const { length } = (column[start + row] ?? '') as string
    place(cells, row, from, length)
    from += length
  }
  return taken(from)
}

/** Notes a text of `scratch` in its cell, and in `places` where it does not fit there. */
function place({ words }: Cells, row: number, from: number, length: number): void {
  const cell = row * CELL_WORDS
  words[cell] = length
  words[cell + 1] = word(from, length)
  if (length > INLINED) {
    places[long++] = row
    places[long++] = from
    return
  }
  words[cell + 2] = word(from + 4, length - 4)
  words[cell + 3] = word(from + 8, length - 8)
}

/** Up to four bytes as they lie in memory, zeros behind the end. */
function word(from: number, length: number): number {
  if (length >= 4)
    return (
      scratch[from]! | (scratch[from + 1]! << 8) | (scratch[from + 2]! << 16) | (scratch[from + 3]! << 24)
    )
  let word = 0
  for (let i = 0; i < length; i++) word |= scratch[from + i]! << (8 * i)
  return word
}

function encodeAny(cells: Cells, column: Column, start: number, rows: number): LongTexts | undefined {
  long = 0
  let end = 0
  for (let row = 0; row < rows; row++) {
    const text = (column[start + row] ?? '') as string
    const from = end
    makeRoom(from, text.length * MOST_BYTES)
    end = putText(scratch, from, text)
    place(cells, row, from, end - from)
    if (end - from <= INLINED) end = from
  }
  const texts = taken(end)
  if (scratch.length > LARGEST_KEPT) scratch = Buffer.allocUnsafeSlow(SMALLEST)
  return texts
}

const taken = (end: number): LongTexts | undefined =>
  long === 0 ? undefined : { all: scratch.subarray(0, end), places: places.subarray(0, long) }

/** In memory of their own. */
export function keptTexts(memory: Borrowed, { all, places }: LongTexts): LongTexts {
  const { buffer, byteOffset } = memory.copyOf(
    new Uint8Array(places.buffer, places.byteOffset, places.byteLength),
  )
  return { all: memory.copyOf(all), places: new Int32Array(buffer, byteOffset, places.length) }
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
