import type { Column } from './batch.ts'
import type { Counts } from './counts.ts'
import type { Expr, Printed, Stored } from './expr.ts'
import type { Field } from './field.ts'
import type { FilledPart, MappedBatch } from './mapping.ts'
import type { OptionSet } from './options.ts'
import type { Fetch, JoinAsk, LookupLayout, Pushed, ReachAsk, Reached } from './reach.ts'
import type { ColumnType, UnifiedColumn, UnifiedTable } from './unified.ts'
import type { Json, Value } from './value.ts'

/** A scalar bind; instants as canonical text. */
export type Bind = string | number | boolean | null

/** The kinds of warehouse that `app/` registers. */
export interface WarehouseKind {
  name: string
  title: string
  options: OptionSet
  /** Is there something to open? Absent: opening makes nothing. */
  isMade?(context: WarehouseContext): Promise<boolean>
  open(context: WarehouseContext): Promise<WarehouseSession>
}

export interface WarehouseContext {
  options: Record<string, Json>
  root: string
  schema: string
  internal: string
  /** `:memory:`-like throw-away warehouse for `polder test`, where the kind has one. */
  temporary?: boolean
}

/** What the planner and the loader must know; never a name. */
export interface WarehouseFacts {
  /** As the server says it: `PostgreSQL 15.18`. */
  version: string
  ddlInTransaction: boolean
  savepoints: boolean
  /** Rows of one part in an appending commit from which on they are written once, and not into a log before. */
  appendRows?: number
  /** Concurrent writers: 1 means one queue. */
  writers: number
  /** False: copied parts of a unified table are slices of one table. */
  unionPushdown: boolean
  maxNameBytes: number
  /** Which text of knex's builders this engine takes. */
  builder: 'pg' | 'mysql2'
}

/** Pure text of one engine. The only place where its identifiers are quoted. */
export interface Dialect {
  name: string
  quote(name: string): string
  /** A relation of the internal or the public schema, quoted. */
  relation(schema: string, name: string): string
  type(type: ColumnType): string
  /** A canonical instant as a literal: MySQL takes no bind in canonical form for a timestamp column. */
  instant(canonical: string): string
}

/** A row lock on the dataset's lease; a stale epoch cannot commit. */
export interface Fence {
  dataset: string
  epoch: number
  holder: string
}

/** One re-runnable step of DDL. */
export interface DdlStep {
  /** Stable name for the ledger and for `plan`, as `create part party__shop__customers`. */
  name: string
  sql: string
  /** The object was found missing or different: run it whatever the ledger says. */
  always?: boolean
  /** Stands in the place of the first `'***'` when the step runs; in no ledger and no report, not even as a hash. */
  secret?: string
}

export interface DatasetRef {
  pipeline: string
  dataset: string
}

type PartForm =
  | { kind: 'table'; relation: string }
  /** Over the source itself; nothing is stored. */
  | { kind: 'view'; relation: string }
  | { kind: 'slice'; relation: string; slot: number }

/** The physical relation that one dataset contributes to one unified table. */
export interface Part {
  id: number
  table: string
  source: DatasetRef
  generation: number
  form: PartForm
  nativeKey: string[]
  /** Views have no loaded_at. */
  changes: 'loaded_at' | 'compare'
  state: 'new' | 'building' | 'live' | 'retired'
}

/** What a dataset gives one unified table, as rows of its source's relation. */
export interface PartQuery {
  /** As it stands behind `from`. */
  relation: string
  /** True of source rows of which SQL gives what the mapping gives; absent: of all. */
  guard?: Expr
  /** True of source rows that the dataset covers: `where`, and no tombstone; absent: of all. */
  scope?: Expr
  sourceId: Expr
  /** The rows that one source row makes: where `made` is true, `id` first. */
  rows: { made: Expr; columns: { name: string; value: Expr }[] }[]
}

/** Source rows that a part's views leave out, since `guard` does not hold. */
export interface RejectQuery {
  relation: string
  /** The view's name in the internal schema. */
  name: string
  sourceId: Expr
  /** Per place of the mapping what must hold, in the order in which they are tested; NULL counts as false. */
  guards: { table?: string; column?: string; holds: Expr }[]
}

/** What a dataset makes of the rows of a relation that the warehouse reads by itself. */
export interface CopyQuery {
  /** As it stands behind `from`. */
  relation: string
  /** Fills the relation with the rows of a slice, and no others; absent: it is there, with all rows. */
  fetch?: Fetch
  /** True of rows of which SQL gives what the mapping gives, fate and version included. */
  guard: Expr
  sourceId: Expr
  /** Order-preserving text of the change mark; absent without a cursor. */
  version?: Expr
  /** True of tombstones. */
  deletes?: Expr
  /** False of rows that the dataset does not cover. */
  where?: Expr
  /** The rows that one source row makes: where `made` is true, `id` first. */
  rows: { table: string; made: Expr; columns: { name: string; value: Expr }[] }[]
}

/** Some source rows in a row: behind `from`, up to `to`. */
export interface CopySlice {
  /** What orders them: the change mark first, where a reading follows it; then the key. */
  order: { name: string; stored: Stored }[]
  /** Exact texts by `order`, as the source's checkpoints have them; may be fewer. */
  from?: { values: string[]; inclusive: boolean }
  to: string[]
}

export interface CopyAsk {
  mode: ApplyOptions['mode']
  /** Where rows are appended they may go straight into their parts at `apply`, whose counts then tell whether some fail the guard. */
  straight: boolean
  /** Source keys which the caller wants to know of when they are loaded. */
  among: ReadonlySet<string>
  /** When more rows than these fail the guard, nothing is staged. */
  mostLeft: number
}

/** Looked-up rows, to be held by a loader. */
export interface LookupRows {
  layout: LookupLayout
  rows: number
  /** Rows `from` up to `to`: the keys, then a column for each of the layout's that has a type. */
  slice(from: number, to: number): Column[]
}

/** What of a slice is staged, and what is not. */
export interface StagedCopy {
  /** Source rows staged; 0 where `apply` will count them. */
  rows: number
  /** They go straight into their parts. */
  straight?: boolean
  /** Rows that fail the guard: exact texts by `CopySlice.order`. Undefined: nothing is staged. */
  left?: string[][]
  /** Nothing is staged because something failed, in words without values; absent where too many rows are left. */
  failure?: string
  /** Keys of `CopyAsk.among` that are loaded. */
  among: string[]
}

/** Inside the merge transaction. Binds are `?` in order. */
export interface Tx {
  query<T = Record<string, Value>>(sql: string, binds?: Bind[]): Promise<T[]>
  /** @returns rows affected where the engine tells, else -1 */
  run(sql: string, binds?: Bind[]): Promise<number>
}

/** A part as a loader fills it. */
export interface LoadedPart extends Pick<FilledPart, 'names' | 'watch' | 'outlives'> {
  part: Part
  table: UnifiedTable
}

export interface Staged {
  /** Source rows in it. */
  rows: number
}

export interface LoadCounts extends Counts {
  /** Target rows by unified table. */
  parts: Record<string, { inserted: number; updated: number; deleted: number }>
  /** Some of the rows that went straight fail the guard: nothing was counted, and the commit must not happen. */
  left?: true
}

export interface SweepCounts {
  /** Source rows found gone. */
  deleted: number
}

/**
 * Bulk road into the parts of one dataset. One at a time per session; `stage` runs outside the transaction.
 * The staging is private to the loader and vanishes with the process.
 */
export interface Loader {
  /**
   * @param mode  how it will be applied, `merge` by default. What was staged to be merged may be appended after all, but not
   * the other way round.
   */
  stage(batch: MappedBatch, mode?: ApplyOptions['mode']): Promise<Staged>
  /** Looked-up rows that the relations of later queries are joined with. Private to the loader, and gone with it. */
  lookUp(tables: LookupRows[]): void
  /**
   * Stages what a dataset makes of a slice, worked out by the warehouse: from one snapshot, outside the transaction. What
   * other rows have been staged since the last `apply` must be of other keys.
   */
  stageQuery(query: CopyQuery, slice: CopySlice, ask: CopyAsk): Promise<StagedCopy>
  /**
   * Merges all that was staged since the last `apply`, whole source rows at a time:
   * repeated keys resolve to the newest (version, then sequence); stored newer versions win (superseded);
   * equal rows are left alone (unchanged); rows that a source row no longer makes get `deleted_at`.
   * Rows that watch a state (`FilledPart.watch`) are added or left out, one after the other, replaced ones included: the
   * history does not depend on where commits begin and end.
   * The counts cover rows with every fate; `mode: 'append'` skips all comparison (part provably new).
   */
  apply(tx: Tx, options: ApplyOptions): Promise<LoadCounts>
  /**
   * Keeps the relation of a slice that is still to be read from being altered as long as the transaction lasts.
   * @returns false where it has been read already, or where only reading keeps it
   */
  hold(tx: Tx): Promise<boolean>
  /** Forgets what was staged and not applied (a failed commit). */
  reset(): Promise<void>
  /**
   * Notes source keys as seen under a scan, without loading their rows.
   * @param scan  `first`: what earlier scans of this dataset left behind is forgotten
   */
  see(tx: Tx, scan: { id: string; first: boolean }, keys: string[]): Promise<void>
  /**
   * Ends a complete scan: soft-deletes every live row whose source key was not seen in it and which no commit
   * wrote since it began; tables with `history: append` are left alone.
   * @param scan  `fresh`: it found the parts empty, so that there is no row that it did not write
   * @throws {DataError} E702 when more than `maxDrop` (0…1) of the live source rows would go; nothing is changed
   */
  sweep(
    tx: Tx,
    scan: { id: string; startedAt: string; maxDrop: number; runId: string; fresh?: boolean },
  ): Promise<SweepCounts>
  close(): Promise<void>
}

export interface ApplyOptions {
  mode: 'append' | 'merge'
  runId: string
  /** Keys are noted as seen under this scan. */
  scan?: string
}

export interface LeaseHolder {
  holder: string
  epoch: number
  expiresAt: string
}

/** One connection to the warehouse; closed by who opened it. */
export interface WarehouseSession {
  facts: WarehouseFacts
  dialect: Dialect
  schema: string
  internal: string
  /** Outside any transaction, autocommit. Binds are `?`. Instants come as canonical text, decimals as text. */
  query<T = Record<string, Value>>(sql: string, binds?: Bind[]): Promise<T[]>
  /** Runs each step that the ledger does not hold with this very text; safe to repeat after a kill. */
  ddl(steps: DdlStep[]): Promise<void>
  /** Those of the steps that `ddl` would run. */
  pending(steps: DdlStep[]): Promise<DdlStep[]>
  /** Creates schemas and the control tables (leases, commits, seen, ledger). Safe to repeat. */
  prepare(): Promise<void>
  /** DDL for a part that holds all of `table`'s columns; also adds columns that the table has gained. */
  partSteps(part: Part, table: UnifiedTable): Promise<DdlStep[]>
  /** What of a source this warehouse can read by itself. Asks both servers and writes nothing. */
  reach(ask: ReachAsk): Promise<Reached>
  /** A joined relation, to stand behind `from`. */
  joined(ask: JoinAsk): string
  /**
   * How a loader of this warehouse holds the rows of a dataset's look-up, see `Loader.lookUp`.
   * @param at  the look-up's number among those of the dataset
   * @param key  what its rows are found by
   * @param fields  of the looked-up table
   * @returns undefined where this engine has no such tables
   */
  lookupLayout(at: number, key: 'integer' | 'hash', fields: Field[]): LookupLayout | undefined
  /**
   * Answers a query as it would be after these steps, which are taken back.
   * @returns undefined where this engine cannot take steps back
   */
  trial<T = Record<string, Value>>(steps: DdlStep[], sql: string): Promise<T[] | undefined>
  /** How much of a part view over a link the other server would answer; undefined where the engine does not tell. */
  pushed(
    source: DatasetRef,
    table: UnifiedTable,
    query: PartQuery,
    steps: DdlStep[],
  ): Promise<Pushed | undefined>
  /** DDL that drops the dataset's links but for the used ones, and what nothing else reads through. */
  unusedLinkSteps(dataset: string, used?: string[]): Promise<DdlStep[]>
  /** How this warehouse says an expression. */
  print(expr: Expr): Printed
  /** DDL for a part that is a view over its source. */
  partViewSteps(part: Part, table: UnifiedTable, query: PartQuery): Promise<DdlStep[]>
  /** DDL for the view that lists what the part views of a dataset leave out. */
  rejectViewSteps(query: RejectQuery): Promise<DdlStep[]>
  /** DDL that drops a view of the internal schema; none where it is not there. */
  dropViewSteps(name: string): Promise<DdlStep[]>
  /**
   * DDL for the unified view over its live parts (an empty relation where there is none), with comments. A part whose view is
   * planned too must be the very object that `partViewSteps` had: the unified view may say what that view will select.
   */
  viewSteps(table: UnifiedTable, parts: Part[]): Promise<DdlStep[]>
  /**
   * Takes or renews the dataset's lease; time is the warehouse's clock.
   * `isDead` tells that the holder's process is known to be gone: its lease is then taken over at once.
   * @throws {LeaseError} E701 somebody else holds it
   */
  lease(
    dataset: string,
    holder: string,
    lengthMs: number,
    isDead?: (holder: string) => boolean,
  ): Promise<Fence>
  renew(fence: Fence, lengthMs: number): Promise<void>
  release(fence: Fence): Promise<void>
  /** Forgets commits before a canonical instant; a commit whose reply is lost is asked for within minutes. */
  forgetCommits(before: string): Promise<void>
  /**
   * One short fenced transaction: inserts the commit id first, locks the lease, runs `work`, commits.
   * Retried whole up to five times on deadlock or serialization failure; after a lost reply the id tells.
   * @returns `already` when this id was committed before; `work` did not run then
   * @throws {LeaseError} E703 the fence is stale: nothing was written
   * @throws {TransientError} the connection is gone and the outcome is settled as "not committed"
   */
  commit<T extends Json>(
    id: string,
    fence: Fence,
    work: (tx: Tx) => Promise<T>,
  ): Promise<{ done: T } | { already: T }>
  /** Short unfenced transaction (run records); on a connection of its own, so not for `Loader.apply`. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  loader(parts: LoadedPart[]): Promise<Loader>
  /** Canonical values of a relation, ordered by `orderBy`, streamed. */
  rows(
    relation: { schema: string; name: string },
    columns: UnifiedColumn[],
    orderBy: string[],
  ): AsyncIterable<Value[][]>
  /** The warehouse's clock, as canonical instant. */
  clock(): Promise<string>
  /**
   * Another session on the same warehouse, with its own connection for a loader and its commits: one for each dataset
   * that is loaded at the same time. Short queries share one pool; the warehouse is let go when the last one closes.
   */
  fork(): WarehouseSession
  close(): Promise<void>
}
