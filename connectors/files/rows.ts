import type { BrokenRow, Json, Value } from '../../sdk/index.ts'

/** One record of a file, before it is decoded into columns. */
export interface FileRow {
  /** Index of its file in the list of files. */
  file: number
  /** Its number in the file, from 1; broken records count. */
  row: number
  line: number
  size: number
  /** CSV, Parquet: values by the file's own columns; JSON: the object. Absent where it is broken. */
  values?: Value[] | { [name: string]: Json }
  /** CSV, Parquet: the file's column of each field of the dataset, -1 where it has none. */
  columns?: number[]
  broken?: BrokenRow
}

const EXCERPT_LENGTH = 2000
/** Of an object in memory, beside its text. */
export const ROW_BYTES = 64

export const rowSize = (text: string): number => text.length + ROW_BYTES

export function brokenRow(code: string, reason: string, place: string, text: string): BrokenRow {
  return {
    code,
    reason,
    place,
    row: text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}…` : text,
  }
}

/** The beginning of a text of bytes, for people; what is no UTF-8 shows as U+FFFD. */
export const asUtf8 = (bytes: string): string =>
  Buffer.from(bytes.slice(0, EXCERPT_LENGTH * 4), 'latin1').toString('utf8')
