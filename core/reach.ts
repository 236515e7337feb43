import type { ColumnFacts, Expr, Stored } from './expr.ts'
import type { Field } from './field.ts'
import type { ColumnType } from './unified.ts'
import type { CopySlice, DdlStep } from './warehouse.ts'

/** Where a dataset lies, as its connector knows it. Whether a warehouse can read it there, the warehouse finds out. */
export type SourceAddress = ServerAddress | FileAddress

/** A table or view of a database server. */
export interface ServerAddress {
  kind: 'postgres' | 'mysql'
  host: string
  port: number
  /** PostgreSQL: the database that the connection is in. */
  database?: string
  /** The account that the connection reads with. */
  user?: string
  password?: string
  ssl: false | { rejectUnauthorized: boolean }
  /** MySQL: the database. */
  schema: string
  name: string
  /**
   * While `look` runs, the source's server holds a lock of this number, which only sessions of the same server see: so a
   * warehouse can tell that it is that server, whatever the names by which both are called. MySQL: a statement with
   * `'polder <number>'` runs as well.
   */
  withMark<T>(look: (mark: bigint) => Promise<T>): Promise<T>
  /** The server shall end a query that runs longer. */
  timeoutSeconds?: number
  /** PostgreSQL: the name of sessions that only read, so that no reading waits for their end. */
  reader?: string
  /** PostgreSQL: does a pooler stand before the server? It may give each transaction to another session. */
  pooled?(): Promise<boolean>
  /** PostgreSQL: by which collation each column of text compares, as `c en_US.UTF-8`; `?` where unlike texts may be equal. */
  collations?(): Promise<Record<string, string>>
  /** MySQL: the time zone that sessions of the server begin in, as it is named there. */
  zone?(): Promise<string>
}

/** A file of a database without a server, or files of rows. */
export interface FileAddress {
  kind: 'sqlite' | 'duckdb' | 'parquet' | 'csv' | 'json'
  /** Absolute. */
  paths: string[]
  /** The table in a database file. */
  schema?: string
  name?: string
  isView?: boolean
  /** CSV: how it is written. */
  csv?: CsvWriting
}

export interface CsvWriting {
  delimiter: string
  /** '' for none. */
  quote: string
  /** The first line holds the names; else the columns are named as `ReachAsk.fields` has them. */
  header: boolean
  encoding: string
  /** The unquoted text that is NULL. */
  nullText: string
  isZipped: boolean
  /**
   * Reads the files once, as the connector does, and counts what it delivers: another reader that comes to the same has
   * cut them into the same fields.
   */
  measure(): Promise<CsvMeasure | { not: string }>
}

export interface CsvMeasure {
  rows: number
  /** By field: values that are not NULL, and their bytes together. */
  fields: Map<string, { values: number; bytes: number }>
}

export interface ReachAsk {
  /** The connection's name, for objects that stand for it. */
  connection: string
  address: SourceAddress
  /** The source's columns as its connector describes them. */
  fields: Field[]
  /** May objects be made that hold the source's credentials? */
  links: boolean
  /** May the answer cost a reading of the whole source? */
  thorough: boolean
  /** `shop.customers`: whose objects they would be. */
  dataset: string
  /** The columns that its mapping and key use, and the cursor of a copy; absent: any. */
  uses?: string[]
  /** Is it joined with other relations? Then a key of a link would be asked once for each row. */
  joined?: boolean
}

/** A relation with others joined to it by key, of each at most one row. */
export interface JoinAsk {
  /** Quoted. */
  relation: string
  /** Its columns that are kept. */
  columns: string[]
  lookups: {
    relation: string
    /** By other names, so that no two columns of the whole share one. `sound`: true, and not NULL, where nothing matches. */
    columns: { name: string; as: string; sound?: true }[]
    /** All must be true; over columns of the relation and `as` names. */
    on: Expr[]
    /** Values that equal columns of it as they are stored, texts by their bytes: so that an index serves. */
    by: { value: Expr; as: string; type: ColumnType }[]
    /** Its rows of one key, put together; absent where there is at most one. */
    group?: { keys: { of: Expr; as: string }[]; aggregates: Aggregate[] }
  }[]
}

/** What is computed of several rows, as a column beside others. */
export interface Aggregate {
  as: string
  /**
   * `count`: where there is a value; `sum`: of integers or decimals, exact; `size`: the sum of their absolute values;
   * `failures`: rows on which a condition is not true.
   */
  how: 'rows' | 'count' | 'sum' | 'size' | 'failures'
  /** Over the relation's `as` names. */
  of?: Expr
}

/** A private table of a loader that holds looked-up rows, each value as its connector delivered it. */
export interface LookupLayout {
  /** Not quoted. */
  table: string
  /** As it stands behind `from`. */
  relation: string
  /** What its rows are found by: a whole number of 64 bits, or the 64 hex digits of a key's SHA-256. */
  key: { name: string; type: ColumnType; stored: Stored }
  /** In the order in which they were asked for; `type` is absent where there is none that holds every value. */
  columns: { facts: ColumnFacts; type?: ColumnType }[]
}

/** How far a warehouse can read a source's relation by itself, found out by asking both. */
export interface Reached {
  how: 'database' | 'server' | 'link' | 'file' | 'none'
  /** In words, for `plan`: what was found, or what stands in the way. */
  because: string
  /** What would make it reachable. */
  remedy?: string
  /** The project asks for this way of reading, and something broke: a run tells it. */
  broken?: true
  /** Quoted, as it stands behind `from`; absent where it cannot be read. */
  relation?: string
  /** Its columns as the warehouse sees them; those without a form in SQL have no `stored`. */
  columns?: ColumnFacts[]
  /** Those whose constraints let in nothing that a test of a single column refuses, as long as they stand. */
  constrained?: string[]
  /** Every session may switch its constraints off: they are believed where no row fails a test now. */
  lenient?: true
  /** Makes the objects through which it is read; empty for what is there. Secrets in them are registered as such. */
  steps?: DdlStep[]
  /** Its rows have to be fetched first: copies can, views cannot. */
  fetch?: Fetch
  /** Said beside the road: what a team should know before it uses it. */
  warnings?: string[]
  /** The objects of the internal schema that stand for relations of another server. */
  links?: string[]
}

/** The relation is a private table of whoever copies, and holds one slice at a time. */
export interface Fetch {
  /** Why no view can stand over it. */
  because: string
  /**
   * Fills it anew with the rows of a slice, as the source has them now, all of one moment.
   * @param connection  of the warehouse, which then has the table
   */
  fill(connection: unknown, slice: CopySlice): Promise<Fetched>
}

export interface Fetched {
  /** It is proven that all rows came, each in its place; else the table may hold anything. */
  whole: boolean
  /** What went wrong, in words without values; absent where rows have only changed their places meanwhile. */
  failure?: string
}

/** How much of a query over a link its server answers, as far as the warehouse's own plan tells. */
export interface Pushed {
  /** What is sent to the other server for the whole part. */
  sent: string[]
  /** Are conditions of the part itself tested here, over rows that were sent? */
  tests: boolean
  /** Columns of the unified table: a filter on them is answered over there, or here over all rows. */
  there: string[]
  here: string[]
}

/** May the planner choose this by itself? Links put a source's credentials into the warehouse: only when asked for. */
export const isNear = ({ how }: Reached): boolean => how === 'database' || how === 'server'
