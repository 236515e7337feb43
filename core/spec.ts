import type { Place, SourceText } from './place.ts'
import type { UnifiedTable } from './unified.ts'
import type { Json, Row } from './value.ts'

/** A whole checked project: YAML and environment, nothing contacted yet. */
export interface ProjectSpec {
  /** Absolute folder of `polder.yaml`. */
  root: string
  warehouse: WarehouseSpec
  timezone?: string
  /** `commit:` of polder.yaml: a commit ends at `rows` (default 100000) or after `seconds` (default 2), whichever comes first. */
  commit: { rows: number; seconds: number }
  /** Readings at the same time in one run: datasets, and ranges of one dataset. */
  parallel: number
  connections: ConnectionSpec[]
  pipelines: PipelineSpec[]
  /** Built-in unified tables, extended by the team's, and the team's own. */
  tables: UnifiedTable[]
  /** The team's own functions, each as an expression that names it. They stand in the expressions that call them already. */
  functions: {
    name: string
    source: SourceText
    /** `function($a) { … }`, as the file has it. */
    written: SourceText
  }[]
}

export interface WarehouseSpec {
  /** `duckdb`, `postgres`, `mysql`: a name in the registry of `app/`. */
  type: string
  /** What people query. */
  schema: string
  /** Parts and state. */
  internal: string
  /** The remaining keys, checked against the warehouse's `options`, secrets resolved. */
  options: Record<string, Json>
  at: Place
}

export interface ConnectionSpec {
  name: string
  connector: string
  /** Checked against the connector's `options`, secrets resolved. `timezone` is among them. */
  options: Record<string, Json>
  timezone?: string
  at: Place
}

export interface PipelineSpec {
  name: string
  connection: string
  schedule?: string
  datasets: DatasetSpec[]
  tests: TestSpec[]
  at: Place
}

/** What a run does where the source's columns are not those of the last reading. */
export const CONTRACT_WORDS = ['evolve', 'freeze', 'discard_row', 'discard_value'] as const
export type ContractWord = (typeof CONTRACT_WORDS)[number]

export interface DatasetSpec {
  pipeline: string
  name: string
  connection: string
  from: string
  fromAt: Place
  key?: string[]
  keyAt?: Place
  cursor?: string
  cursorAt?: Place
  load: 'auto' | 'direct' | 'copy'
  loadAt?: Place
  /** The last bits of a double that SQL computes may differ from what JavaScript computes. */
  doubles?: 'close'
  where?: SourceText
  /** Tables of the same connection whose rows expressions see beside the dataset's own. */
  with?: WithSpec[]
  /** A true value marks the row as a tombstone: what it made is deleted. */
  deletes?: SourceText
  /** `deletes: source`: the source itself tells which rows are gone. */
  deletesBySource?: Place
  /** All keys are compared after an incremental reading: at the times of this cron expression, else after each. */
  keyScan?: { cron?: string; at: Place }
  /** Rows with an older change mark are never read. As the YAML has it. */
  start?: string
  startAt?: Place
  /** How far before the cursor the next reading begins; units are those of a numeric cursor. */
  lookback?: { millis: number } | { units: number }
  lookbackAt?: Place
  /** When to read in full although there is a cursor: a cron expression. */
  full?: string
  /** After a change of the mapping: read everything anew, or let only new changes take it. */
  remap?: 'full' | 'forward'
  /** The dataset's own word, else the pipeline's; default `evolve`. */
  contract?: ContractWord
  timezone?: string
  targets: TargetSpec[]
  at: Place
}

/** One look-up of `with:`: the row, or the rows, of another table that belong to a row of the dataset. */
export interface WithSpec {
  /** What expressions call it. */
  name: string
  at: Place
  from: string
  fromAt: Place
  /** Fields of the dataset, as many as `key` has and in its order. */
  on: NamedField[]
  /** Columns of the looked-up table that `on` meets; absent: its primary key. */
  key?: NamedField[]
  /** True: all rows that match, as a list. False: at most one may. */
  many: boolean
}

/** A field that the YAML names, with the place where it does. */
export interface NamedField {
  name: string
  at: Place
}

/** One `to:` entry: the rows that one source row makes in one unified table. */
export interface TargetSpec {
  table: string
  as?: string
  when?: SourceText
  /** One row per item of this expression's result. */
  each?: SourceText
  /** With `each`: the item's key. */
  key?: SourceText
  /** Mapped columns with the pipeline's defaults merged in (where the table has the column and the target leaves it out). */
  columns: ColumnMapping[]
  attributes?: AttributesSpec
  /** Only in tables with `history: append`: a row is added when one of these columns differs from the last row. */
  appendOn?: { columns: string[]; at: Place; markIsTime: boolean }
  /** Only of a party: the id of the party that it certainly is, too. */
  sameAs?: SourceText
  at: Place
}

export interface ColumnMapping {
  column: string
  at: Place
  value: { expression: SourceText } | { constant: string | number | boolean }
  /** Value table: the value's text → its replacement. */
  map?: Record<string, Json>
  default?: Json
  /** `missing`: a value that does not fit becomes NULL and is counted; default: the row is rejected. */
  invalid: 'reject' | 'missing'
  zone?: string
}

export type AttributesSpec =
  | { all: true; at: Place }
  | { all: false; entries: { name: string; value: SourceText }[]; at: Place }

/** A test of a pipeline. One step unless `steps:` was given. */
export interface TestSpec {
  name: string
  steps: TestStep[]
  at: Place
}

export interface TestStep {
  /** Dataset, or look-up as `products.category` → its rows at this step. A dataset left out has no rows. */
  given: Record<string, Row[]>
  /** Unified table → the rows expected; listed columns are compared, row counts are exact, order is free. */
  expect: Record<string, Row[]>
  rejected?: number
  filtered?: number
  at: Place
}

/** `shop.customers` */
export const datasetRef = (it: { pipeline: string; name: string }): string => `${it.pipeline}.${it.name}`
