import type { ErrorCode } from './errors.ts'
import type { RowSchema } from './field.ts'
import type { Json, Value } from './value.ts'

/** The values of one field over a batch; `length` equals the batch's `rows`. */
export type Column = ArrayLike<Value>

export type Payload =
  /** `columns[i]` belongs to `schema.fields[i]`. */
  | { form: 'columns'; columns: Column[] }
  /** Undecoded; the reader that made it decodes it (`SourceReader.decode`). */
  | { form: 'bytes'; codec: string; bytes: Uint8Array[] }

/** 1 to 10,000 source rows, at most 8 MB, of one shape. A change of schema starts a new batch. */
export interface Batch {
  schema: RowSchema
  rows: number
  /** Approximate size in memory. */
  bytes: number
  /** The range it came from, and its number inside that range: the same on every re-read. */
  range: string
  seq: number
  /** Per row, see `Op`; absent: all upserts. */
  ops?: Uint8Array
  /** Patches only: bit i of `sent[row]` tells that field i was sent. */
  sent?: Uint8Array[]
  /** The change mark of every row, canonical; absent where the dataset has no cursor. */
  mark?: Column
  payload: Payload
  /** Where reading goes on after this batch. Absent: commit it together with a later one. */
  checkpoint?: Checkpoint
  /** Rows which the source itself could not give whole (a ragged CSV line); rejected and counted as read. */
  broken?: BrokenRow[]
  /** Rows that the schema contract refuses: rejected under their key before any expression sees them. */
  refused?: Map<number, Refusal>
}

export interface Refusal {
  code: ErrorCode
  /** In words, without the row's values. */
  reason: string
}

export interface BrokenRow {
  code: string
  reason: string
  /** What there was of it, for the reject table. */
  row: Json
  /** Where it is, as `customers.csv:17`. */
  place?: string
}

export const Op = { upsert: 0, delete: 1, patch: 2 } as const

/** Exact, serialisable reading positions. */
export type Position =
  | { kind: 'keyset'; mark: string | null; key: string[]; inclusive: boolean }
  | { kind: 'token' | 'file' | 'log' | 'job'; data: Json }

export interface Checkpoint {
  v: 1
  position: Position
  /**
   * Where the next incremental reading begins, taken before this one: as far as the source can tell, no row with this
   * mark or a smaller one can still appear. Never in the source's future. It bounds nothing above: rows with larger
   * marks are read too, and once more by the next reading. Files: a fingerprint (see `DatasetFacts.kind`).
   */
  highWater?: string
  /** A larger mark that was not safe yet, since writers were at work; `split` wants it back as `earlier`. */
  settling?: Settling
  /** On the source's clock, ISO 8601 UTC; where a transaction was open in the source then, when that one began. */
  readStartedAt: string
}

/** A mark that becomes `highWater` as soon as every writer that was at work at `at` has ended. */
export interface Settling {
  mark: string
  /** The engine's own measure of order, as text that sorts: a transaction number, an instant. */
  at: string
}

/** A part of a dataset that can be read on its own; exclusive start, inclusive end. */
export interface Range {
  id: string
  from?: Position
  to?: Position
}
