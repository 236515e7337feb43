import type { Column } from '../core/batch.ts'
import type { Expr, Printed, Stored } from '../core/expr.ts'
import type { Pushed, ReachAsk, Reached } from '../core/reach.ts'
import type { ColumnType, UnifiedTable } from '../core/unified.ts'
import type { Value } from '../core/value.ts'
import type { Bind, DdlStep, Dialect, PartQuery, WarehouseFacts } from '../core/warehouse.ts'

/** What an engine's error means for us; `undefined` where it is none of these. */
export type Fault =
  /** The connection is gone, or none could be made. */
  | 'lost'
  /** Deadlock, serialization failure, lock time-out: the transaction may be repeated. */
  | 'retry'
  | 'duplicate'
  /** A value that does not fit its column. */
  | 'refused'
  /** Wrong password or missing rights. */
  | 'denied'
  /** No encrypted connection, or no unencrypted one where the server insists. */
  | 'tls'
  /** A standby, or a server that is set to take no writes. */
  | 'readonly'
  /** Disk full, storage broken. */
  | 'fatal'
  /** What is stored is not what was written: a checksum fails. */
  | 'damaged'
  | 'memory'
  /** Other objects depend on it. */
  | 'depended'
  /** The column or object is there already. */
  | 'exists'

/** A private table of one connection; vanishes with it. */
export interface TempTable {
  name: string
  columns: { name: string; type: ColumnType }[]
  /** Columns that joins look up; only engines without hash joins index them. */
  index?: string
  /** `index` and this column name a row: then an engine may store the table in their order. */
  unique?: string
}

/** A stored table as a bulk road sees it, with the columns that it fills. */
export interface StoredTable {
  schema: string
  name: string
  columns: { name: string; type: ColumnType }[]
}

/** Some of the rows of a bulk load: `columns[i]` belongs to the table's `columns[i]`. */
export interface Block {
  columns: Column[]
  rows: number
}

/** Rows of a block as the bulk road of the engine that made it takes them: outside of the heap, so that many can wait. */
export interface Encoded {
  readonly rows: number
  /** Of memory. */
  readonly bytes: number
  /** @param dropped  1 for every row to leave out */
  without(dropped: Uint8Array): Encoded
  /** Their memory may go to others, but for what `without` made of them, which is released for itself. */
  release?(): void
}

export interface Connection {
  /** False once the connection is known to be gone. */
  readonly open: boolean
  /** Canonical values; binds are `?`. Throws the driver's own errors. */
  query(sql: string, binds?: Bind[]): Promise<Record<string, Value>[]>
  /** @returns rows affected, as far as the engine tells */
  run(sql: string, binds?: Bind[]): Promise<number>
  /** Bulk road into a temporary table. */
  bulk(table: TempTable, block: Block): Promise<void>
  /**
   * Bulk road into a stored table, in the open transaction. `table.columns` are those of the blocks, then those of
   * `constants`, which hold one value for all rows; any other becomes NULL. All rows arrive unchanged, or it throws.
   * They are encoded by this engine, and may be appended again.
   */
  append(table: StoredTable, blocks: Iterable<Encoded>, constants: Value[]): Promise<void>
  /** Values as `query` gives them, in the order of the select list, some hundreds of rows at a time. */
  stream(sql: string): AsyncIterable<Value[][]>
  close(): Promise<void>
}

/** The sessions of a database server, by the lease that they commit under: a name of 32 hex digits. */
export interface ServerSessions {
  /** From now on this connection works for this lease and for no other, until it ends. */
  enlist(connection: Connection, lease: string): Promise<void>
  /**
   * Ends sessions that work for a lease. `silent`: only those which have waited for a word of their client, in the middle
   * of a transaction, for some seconds; where the server hides what a session does, it is taken for one of them.
   * Throws the driver's own error, of kind `denied` where the server refuses.
   */
  end(connection: Connection, lease: string, which: 'silent' | 'all'): Promise<void>
}

export interface Engine {
  facts: WarehouseFacts
  dialect: SqlDialect
  /** Where a server holds what a stopped process had locked; see `stopped.ts`. */
  sessions?: ServerSessions
  /** `work`: holds staging and commits; `pool`: short queries. */
  connect(purpose: 'work' | 'pool'): Promise<Connection>
  print(expr: Expr): Printed
  /** @param columns  those of the block */
  encode(columns: StoredTable['columns'], block: Block): Encoded
  /** See `WarehouseSession.reach`. */
  reach(connection: Connection, ask: ReachAsk, internal: string): Promise<Reached>
  /** Absent where the engine makes no links. */
  links?: EngineLinks
  fault(error: unknown): Fault | undefined
  /** Does it come from the driver or the engine, and not from our own code? */
  spoke(error: unknown): boolean
  /** The engine's own words without values: an error number, or a message that names only schema objects. */
  words(error: unknown): string
  /** The column which the engine names in an error of kind `refused`. */
  refusedColumn(error: unknown): string | undefined
  /** Runs writing transactions one after the other where the engine has one writer. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Objects through which an engine reads other servers. */
interface EngineLinks {
  /** Works as if the steps were taken, and takes them back; absent where DDL stays. */
  trial?<T>(connection: Connection, steps: DdlStep[], work: () => Promise<T>): Promise<T>
  /** @param filtered  by column: the query with a filter on it */
  pushed?(connection: Connection, whole: string, filtered: Map<string, string>): Promise<Pushed>
  /** The same, where it is known of the engine and its plans need not be asked. */
  known?(table: UnifiedTable, query: PartQuery): Pushed
  /** See `WarehouseSession.unusedLinkSteps`. */
  unused(connection: Connection, internal: string, dataset: string, used: string[]): Promise<DdlStep[]>
}

/** One `update … from` over a join of target `t` and temporary table `s`. */
export interface JoinedUpdate {
  target: string
  from: string
  on: string
  /** What `on` finds the part's rows by. */
  by: 'source' | 'id'
  /** Column (not quoted) and expression. */
  set: [column: string, sql: string][]
}

export interface PartTable {
  relation: string
  name: string
  columns: { name: string; type: ColumnType; description: string }[]
  sliced: boolean
  description: string
}

/** Pure text: the answers that the shared SQL needs from an engine. */
export interface SqlDialect extends Dialect {
  cast(type: ColumnType, sql: string): string
  /**
   * The same with the collation that a part's column has: unlike ones would not unite.
   * @param value  what `sql` says
   */
  declared(type: ColumnType, sql: string, value?: Expr): string
  /**
   * Does a unified view say what a part's view selects, instead of reading that view? Absent: an engine merges views
   * into views for nothing. `keep` stores the text, over what is there.
   */
  inlined?: { keep(selects: string, relation: string, select: string): string }
  /** Would a join with this part ask another server once for each row? A part of several branches is read as a whole. */
  asksByRow?(table: UnifiedTable, query: PartQuery): boolean
  /** A value that an insert may take as it lies in its own select; undefined where it has to be as declared. */
  taken?(type: ColumnType, value: Expr): string | undefined
  /** The type as the engine's catalog spells it, see `columnsOf`. */
  storedType(type: ColumnType): string
  literal(text: string): string
  now: string
  /** Now and some milliseconds. */
  later(milliseconds: number): string
  differs(a: string, b: string): string
  /** For `order by`: text in the order of its UTF-8 bytes. */
  bytewise(sql: string, type: ColumnType): string
  /** In a select list, so that the driver gives the exact value. */
  exact(sql: string, type: ColumnType): string
  /** Join that begins with its left side where the planner can be told so. */
  drive: 'join' | 'straight_join'
  /** Behind a part's alias: looks its rows up by source key or by id, where the planner would scan the slot. */
  lookUp: { source: string; id: string }
  update(update: JoinedUpdate): string
  shareLock: string
  updateLock: string
  /** Settings inside a transaction before joins of staging with a big target, and before joins of staging alone. */
  joinTarget: string[]
  joinStaging: string[]
  /** The same around the join of a part with the keys that a scan has seen. */
  joinSeen: { before: string[]; after: string[] }
  temp(internal: string, name: string): string
  createTemp(internal: string, table: TempTable): string
  dropTemp(internal: string, table: TempTable): string
  /** Empties it without ending the transaction. */
  clearTemp(internal: string, table: TempTable): string[]
  createSchema(schema: string): string
  /** Columns of a table or view in order: `name`, `type`. Binds: schema, name. */
  columnsOf: string
  /** `create or replace view` may only add columns at its end. */
  viewsAreFixed: boolean
  /** Serialises concurrent DDL of several processes; '' where not needed. */
  ddlLock: string
  createPart(part: PartTable): string[]
  /**
   * Keys and indexes which are made once the first rows are in: at the first merge, or after a load that only appends.
   * Empty where `createPart` makes them or there are none.
   */
  indexPart(part: Pick<PartTable, 'relation' | 'name' | 'sliced'>): string[]
  /** One row where the relation has not all of them: `filled` tells that it has rows. Binds: schema, name. */
  lacksIndexes: string
  addColumn(relation: string, column: PartTable['columns'][number]): string
  /** Comments that `create` could not carry. */
  describe(kind: 'table' | 'view', relation: string, of: PartTable): string[]
  /** Where a statement must fit into little memory: conditions that cut the work over all keys of a part into slices. */
  slices?: {
    /** One row: `count`, how many slices suit this relation. */
    count(relation: string): string
    ofKeys(column: string, count: number, index: number): string
  }
  /** A position's text as the value that a column of this kind is compared with, so that an index serves. */
  place(stored: Stored, text: string): string
  /** And back: what `place` takes. */
  placeText(sql: string, stored: Stored): string
  /** In the place of an id that is to be stored: makes the engine refuse the row. `column`: any of it that is not NULL. */
  refuse(column: string): string
  /** Is `(a, b) > (1, 2)` read as a range of an index? */
  comparesRows: boolean
  /**
   * How rows of a relation reach several tables from one snapshot, inside the open transaction: several inserts
   * `together` in one statement; one `after` the other, since the transaction sees one snapshot; or only `alone`.
   */
  copies: 'together' | 'after' | 'alone'
  /** Does a table that a transaction has named stay as it is until the end of that? */
  holdsTables: boolean
  /** How looked-up rows lie in private tables; absent where a statement may name such a table only once. */
  lookups?: {
    /** Does `timestamp` hold instants, and not a clock of the session's zone? */
    instants: boolean
    /** Once it is filled, so that a slice of few rows finds them by key. */
    settle(internal: string, table: TempTable): string[]
  }
  /** Index over (dataset, scan_id) or more of `seen`; '' where scans are as good. */
  seenIndex(relation: string): string
}
