import type { Counts } from './counts.ts'
import type { Problem } from './errors.ts'
import type { TargetLineage } from './mapping.ts'
import type { ContractWord } from './spec.ts'
import type { Json, Row } from './value.ts'

/** Results that commands print and `--json` carries. Plain data; instants are ISO 8601 UTC. */

export interface PlanReport {
  warehouse: { type: string; version: string; schema: string; internal: string }
  datasets: PlannedDataset[]
  /** DDL that `run` would execute now, in order. */
  ddl: { name: string; sql: string }[]
  problems: Problem[]
}

export interface PlannedDataset {
  dataset: string
  connection: string
  from: string
  road: 'view' | 'pushdown' | 'stream'
  /** The road of its last run, where it was another one. */
  roadWas?: 'view' | 'pushdown' | 'stream'
  because: string[]
  /** What stands in the way of a view, with its place in the pipeline's file. */
  obstacles: { what: string; because: string; file?: string; line?: number; column?: number }[]
  /** In place: what to know before the view is used, as how its queries are answered. */
  notes: string[]
  /** Rows that its views leave out; absent where no row can be. */
  leftOut?: number
  key: string[]
  cursor?: string
  /** What the next run will read. */
  reads: { mode: 'full' | 'incremental' | 'resume' | 'view'; from?: string; rows?: number; fields: string[] }
  /** Tables of the same connection that are read into memory first. */
  lookups?: {
    name: string
    from: string
    on: string[]
    key: string[]
    many: boolean
    rows?: number
    fields: string[]
  }[]
  /** What the next run does about rows that are gone from the source. */
  deletes: PlannedDeletes
  /** NULL marks that only a full read sees. */
  nullMarks?: number
  parts: {
    table: string
    relation: string
    state: 'new' | 'live'
    columns: string[]
    /** Columns whose change adds a row (`append_on`). */
    appendOn?: string[]
  }[]
  mapping: { hash: string; changed: boolean }
  /** How the source differs from what it was last read with, and what the contract does with that. */
  contract: { word: ContractWord; changes: SchemaChange[] }
}

export interface SchemaChange {
  field: string
  change: 'added' | 'removed' | 'retyped'
  /** Types as the source spells them. */
  was?: string
  now?: string
  /** Named by the mapping, the key or the cursor. */
  used: boolean
  effect: 'accepted' | 'rejects rows' | 'leaves out values' | 'told' | 'stops'
}

export interface PlannedDeletes {
  /** full: its full read finds them · scan: it compares all keys · later: a key scan comes at `scanAt` · none: it finds none. */
  next: 'full' | 'scan' | 'later' | 'none'
  /** When the next key scan is due. */
  scanAt?: string
  /** What marks or tells single deleted rows in between. */
  told?: 'expression' | 'source'
  because: string
}

export type RunStatus = 'running' | 'ok' | 'failed' | 'interrupted' | 'killed'

export interface DatasetRun {
  dataset: string
  status: RunStatus
  road: 'view' | 'pushdown' | 'stream'
  /**
   * `unchanged`: files that are as they were at the last complete reading; nothing was read.
   * `view`: mapped in place, nothing is ever read.
   */
  mode: 'full' | 'incremental' | 'resume' | 'unchanged' | 'view'
  startedAt: string
  endedAt?: string
  counts: Counts
  /** Source rows soft-deleted because a full read or a key scan did not meet them. */
  deleted: number
  /** Target rows by unified table. */
  tables: Record<string, { inserted: number; updated: number; deleted: number }>
  commits: number
  /** The change mark up to which the dataset is complete now; absent without a cursor. */
  cursor?: string
  problem?: Problem
  /** Class of the error behind `problem`, which decides the exit code. */
  failure?: string
  warnings: Problem[]
}

export interface RunReport {
  runId: string
  status: RunStatus
  startedAt: string
  endedAt?: string
  datasets: DatasetRun[]
  counts: Counts
  /** As `ux.md` has it: 0 ok · 1 data failed · 3 rejects over warn level · 4 contract · 5 resumable · 6 fatal · 7 running. */
  exitCode: number
}

/** Sent while a run goes on. `at` is milliseconds since the run began. */
export type RunEvent =
  | { kind: 'start'; at: number; runId: string; datasets: string[] }
  | {
      kind: 'dataset'
      at: number
      dataset: string
      mode: DatasetRun['mode']
      estimate?: number
    }
  | {
      kind: 'progress'
      at: number
      dataset: string
      counts: Counts
      rowsPerSecond: number
      doing: RunDoing
      committed: number
    }
  | { kind: 'committed'; at: number; dataset: string; counts: Counts; commits: number }
  | { kind: 'done'; at: number; run: DatasetRun }
  | { kind: 'end'; at: number; report: RunReport }

/** What a dataset waits for now. */
export type RunDoing = 'reading' | 'mapping' | 'staging' | 'committing' | 'scanning' | 'sweeping' | 'retrying'

/** Where the columns of the unified tables come from, target by target. */
export interface LineageReport {
  targets: (TargetLineage & {
    dataset: string
    connection: string
    from: string
    /** Places that begin with one of these names lie in another table of the connection. */
    lookups?: { name: string; from: string }[]
  })[]
  problems: Problem[]
}

export interface PreviewReport {
  dataset: string
  rows: PreviewRow[]
  problems: Problem[]
}

export interface PreviewRow {
  in: Row
  fate: 'load' | 'filtered' | 'rejected'
  /** Unified table → rows it makes. */
  out: Record<string, Row[]>
  reject?: { code: string; reason: string; table?: string; column?: string }
}

/** An expression tried out on its own. */
export interface EvalReport extends TriedExpression {
  expression: string
  /** The dataset whose rows it was tried on. */
  dataset?: string
  /** On a dataset: how the project's warehouse would say it. */
  sql?: SqlForm
  rows: EvalRow[]
  /** Findings that hold for every row; what failed on one stands there. */
  problems: Problem[]
}

/** What is known of an expression before any row. */
export interface TriedExpression {
  /** In words: `text, or missing`. */
  type: string
  /** Paths in the input whose values it shows or is computed from, and those that decide it; `$` is the whole input. */
  data: string[]
  control: string[]
  /** The names are only known when a row is read. */
  open: boolean
  /**
   * JavaScript, or the interpreter where that does not cover it. `direct`: a field, a constant or a key, taken as it is.
   * `generated`: closures, and generated code once it has run some hundred times.
   */
  road:
    | { runs: 'compiled'; backEnd: 'direct' | 'closures' | 'generated' }
    | { runs: 'interpreter'; because: string }
}

/** An expression in the SQL of a warehouse, before it is fitted into a column. */
export interface SqlForm {
  /** Kind of the warehouse: `postgres`. */
  warehouse: string
  /** `not`: JavaScript computes it. `unknown`: the warehouse could not be asked. */
  verdict: 'exact' | 'guarded' | 'close' | 'not' | 'unknown'
  because: string
  /** What of the expression stands in the way. */
  part?: string
  /** What it is computed by, and the condition that a row is harmless; absent where it is not said. */
  sql?: string
  guard?: string
  /** False: it depends on settings of the session, so that no view may hold it. */
  viewable?: boolean
}

export interface EvalRow {
  /** Absent where the result is missing, or where it failed. */
  value?: Json
  /** Microseconds for one evaluation. */
  micros?: number
  problem?: Problem
}

export interface StatusReport {
  datasets: {
    dataset: string
    lastRun?: { runId: string; status: RunStatus; endedAt?: string; counts: Counts; problem?: Problem }
    /** When its rows were last complete (last successful end of reading). */
    freshAt?: string
    /** Rows set aside by runs, or left out by the views of a dataset that is mapped in place. */
    openRejects: number
    /** Mapped in place: fresh at any time. */
    inPlace?: boolean
    /** Its view cannot be read. */
    broken?: Problem
    /** Its view can be read, and the source is not what the view was made for. */
    drift?: Problem
    schedule?: string
    holder?: string
  }[]
}

export interface RejectRecord {
  id: string
  runId: string
  dataset: string
  sourceId: string
  code: string
  table?: string
  column?: string
  reason: string
  createdAt: string
  /** Masked (`***`) unless revealed. */
  row: Json
}

export interface TestReport {
  passed: number
  failed: number
  tests: {
    pipeline: string
    name: string
    passed: boolean
    place: string
    differences: string[]
    problems: Problem[]
  }[]
}

export interface ConnectionTest {
  connection: string
  connector: string
  ok: boolean
  answer?: string
  millis: number
  problem?: Problem
}
