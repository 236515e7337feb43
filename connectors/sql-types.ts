import type { DatasetFacts, Field } from '../core/field.ts'
import type { SourceAddress, Value } from '../sdk/index.ts'

/** A value as the driver delivers it. */
export type Raw = string | number | bigint | Buffer | null
export type Present = Exclude<Raw, null>
export type Sent = string | number | bigint | Buffer

/** A field with how it is selected, compared and decoded. `ref` is its quoted name. */
export interface SqlColumn extends Field {
  select(ref: string): string
  /** What a key is ordered and compared by. */
  order(ref: string): string
  /** The placeholder that a position's text is compared through, as `cast(? as signed)`. */
  bind: string
  decode(raw: Present): Value
  /** Exact text for positions, and back to what is bound. */
  keyText(raw: Present): string
  keyBind(text: string): Sent
  /** A canonical change mark in the engine's own spelling. */
  markBind(canonical: string): Sent
  /**
   * How rows with equal keys are recognised: by canonical value, by one more selected expression, or not at all
   * (the engine's equality cannot be told from outside).
   */
  ties: 'value' | 'unknown' | ((ref: string) => string)
}

export interface SqlTable {
  schema: string
  name: string
  kind: Extract<DatasetFacts['kind'], 'table' | 'view'>
  rows?: number
  description?: string
  /** False: known, but not granted. */
  readable: boolean
}

export interface Statement {
  sql: string
  binds: Sent[]
}

/** Points in the engine's own order of writers, as texts that sort. */
export interface Writers {
  /** A writer that begins later has this point or a larger one. */
  now: string
  /** The oldest writer at work; at least `now` where there is none. */
  oldest: string
}

/** A short read-only connection. */
export interface SqlSession {
  /** `PostgreSQL 15.18` */
  version(): Promise<string>
  /** `estimates`: with row estimates, which cost some engines a look into every table. */
  tables(want: { estimates: boolean }): Promise<SqlTable[]>
  estimate(table: SqlTable): Promise<number | undefined>
  columns(table: SqlTable): Promise<SqlColumn[]>
  /** The primary key's columns in key order. */
  key(table: SqlTable): Promise<string[]>
  /** The server's clock, ISO 8601 UTC with microseconds. */
  now(): Promise<string>
  /** The same on the server's wall: `YYYY-MM-DDTHH:MM:SS.ffffff` in the zone that its sessions have by default. */
  localNow(): Promise<string>
  /** The writers at work; undefined where the account may not see them. */
  writers(): Promise<Writers | undefined>
  /** Start of the oldest open transaction, ISO 8601 UTC; null: none is open; undefined: some are hidden. */
  oldestStart(): Promise<string | null | undefined>
  rows(statement: Statement): Promise<Raw[][]>
  /** Lets go of all that it holds at the server, until `wake`, which throws where the connection is gone. Absent: it is closed. */
  rest?(): Promise<void>
  wake?(): Promise<void>
  close(): Promise<void>
}

/** What tells one SQL engine from another. */
export interface SqlEngine {
  builder: 'pg' | 'mysql2' | 'better-sqlite3'
  /** True where `(a, b) > (?, ?)` uses an index. */
  rowComparison: boolean
  /** True where several connections read faster than one. */
  parallel: boolean
  /** The schema of names without one. */
  defaultSchema: string | undefined
  /** The stated zone of times that carry none. */
  timezone: string | undefined
  /** How long to wait for writers to end before a mark counts as unsettled. */
  settleMs: number
  connect(): Promise<SqlSession>
  /** What becomes of a session whose work went well; absent: it is closed. */
  done?(session: SqlSession): Promise<void>
  /** Streams on a connection of its own, with back-pressure; an abort destroys it. */
  stream(statement: Statement, signal: AbortSignal): AsyncIterable<Raw[][]>
  /** Where one of its tables lies, for a warehouse that may read it there. */
  address(table: SqlTable): SourceAddress | Promise<SourceAddress>
  /** Its tables can change between the look at their columns and the query that reads them. */
  alters?: true
  /** The grant that lets the account read the table. */
  grant(table: SqlTable): string
  /** The driver's error as one of ours. `from`: the dataset it was about. */
  fault(error: unknown, from?: string): Error
}
