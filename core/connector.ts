import type { Batch, Checkpoint, Column, Payload, Range } from './batch.ts'
import type { DatasetFacts } from './field.ts'
import type { OptionSet } from './options.ts'
import type { SourceAddress } from './reach.ts'
import type { Json } from './value.ts'

/** The code that knows one kind of source. */
export interface Connector {
  name: string
  title: string
  options: OptionSet
  /** True where describing costs no network (files): `validate` then looks at the source itself. */
  local?: boolean
  /** Opens lazily: nothing is contacted before the first call of the reader. */
  open(context: ConnectorContext): SourceReader
}

export interface ConnectorContext {
  /** The connection's name, for messages. */
  connection: string
  options: Record<string, Json>
  /** The project's folder; paths in options are relative to it and may not leave it. */
  root: string
}

/** What `describe` and `read` are asked for: a dataset as its YAML says it. */
export interface DatasetRequest {
  /** `shop.customers`, for messages. */
  ref: string
  from: string
  key?: string[]
  cursor?: string
  /**
   * Asked only where the facts say `tellsDeletes`: an incremental reading then gives rows deleted since its start too, as
   * `Op.delete` in `Batch.ops`, with their key and, where there is one, the mark of their deletion; other fields are NULL.
   */
  deletes?: 'source'
}

export interface ReadAsk {
  /** Fields wanted; `['*']` for all. Key and cursor are always given too. */
  fields: string[]
  maxRows: number
  maxBytes: number
  signal: AbortSignal
  prefer: Payload['form'][]
}

export interface SplitWant {
  /** At most; ranges that are read at the same time. */
  ranges: number
  /** Fewer rows are not worth a range of their own. */
  leastRows?: number
  /** The last complete reading of this dataset by the same cursor: what it left open is settled now. */
  earlier?: Pick<Checkpoint, 'highWater' | 'settling'>
}

export interface SourceReader {
  /** One cheap round trip. @returns what answered, as `PostgreSQL 15.18` */
  test(): Promise<string>
  /** All datasets that can be read, without their fields. */
  datasets(): Promise<{ from: string; kind: DatasetFacts['kind']; rows?: number; description?: string }[]>
  /** @throws {ConfigError} unknown dataset, with the nearest name */
  describe(dataset: DatasetRequest): Promise<DatasetFacts>
  /** Ranges in key order (or by cursor), taken with the high-water mark before any reading. */
  split(dataset: DatasetRequest, want: SplitWant): Promise<{ highWater: Checkpoint; ranges: Range[] }>
  /** Batches in key order (full) or `(mark, key)` order (incremental); its normal end proves completeness. */
  read(dataset: DatasetRequest, range: Range, from: Checkpoint | null, ask: ReadAsk): AsyncIterable<Batch>
  /**
   * The keys of all rows there are now, in key order, with no other field; its normal end proves completeness.
   * @throws {ConfigError} E416 the dataset has no key
   */
  keys?(
    dataset: DatasetRequest,
    range: Range,
    ask: Pick<ReadAsk, 'maxRows' | 'maxBytes' | 'signal'>,
  ): AsyncIterable<Batch>
  /**
   * Cuts a reading into slices of about so many rows, for a warehouse that copies them by itself: where each one ends, in
   * the order of `read`, as checkpoints that `read` could go on from. The last one stands at the last row that there is
   * when it begins; none where there are no rows. Absent where positions are no keys.
   */
  slices?(
    dataset: DatasetRequest,
    range: Range,
    from: Checkpoint | null,
    ask: Pick<ReadAsk, 'signal'> & { rows: number },
  ): AsyncIterable<Checkpoint>
  /** Turns a payload of undecoded bytes into columns. */
  decode?(batch: Batch): Column[]
  /** Rows whose cursor is NULL: incremental reading never sees them. */
  countNullMarks?(dataset: DatasetRequest): Promise<number>
  /** Where the dataset lies, for mapping in place; absent where nothing but this connector reads it. */
  address?(dataset: DatasetRequest): Promise<SourceAddress | undefined>
  close(): Promise<void>
}
