import type { Batch, Column } from './batch.ts'
import type { ErrorCode, Problem } from './errors.ts'
import type { DatasetFacts, FieldType } from './field.ts'
import type { DatasetSpec } from './spec.ts'
import type { UnifiedTable } from './unified.ts'
import type { Json } from './value.ts'

/** What became of a source row. */
export const Fate = { load: 0, filtered: 1, rejected: 2, deleted: 3 } as const

/** The outcome of mapping one batch: target rows by part, each with the index of its source row. */
export interface MappedBatch {
  rows: number
  /** `source_id` of every source row; '' where it is rejected for having none. */
  keys: string[]
  /** Order-preserving version text (`core/mark.ts`) per source row; null without a cursor or a mark. */
  versions: (string | null)[]
  /** A `Fate` per source row. Only rows with fate `load` have target rows; tombstones at most those of `same_as`. */
  fates: Uint8Array
  parts: MappedPart[]
  rejects: Reject[]
  changes: ValueChange[]
}

/** Rows for one unified table. */
export interface MappedPart {
  table: string
  rows: number
  /** Index of the source row in the batch, ascending. */
  sourceRow: Uint32Array
  /** `id` and every column that the mapping fills; `columns[i]` belongs to `names[i]`. */
  names: string[]
  columns: Column[]
  /** Where the part has `watch`, per row: 1 + the index of the columns there that it watches, 0 for none. */
  watched?: number[]
}

/** A unified table that a mapping fills. */
export interface FilledPart {
  table: string
  /** Columns that it fills, `id` first. */
  names: string[]
  /**
   * `append_on`: lists of columns. A row that watches one is added under the id `<id>`, `<id>:2`, `<id>:3` … when it
   * differs in these columns from the last one stored of that id; a first row needs a value in one of them.
   */
  watch?: string[][]
  /** Rows whose id ends in `SAME_AS` stay when their source row is deleted. */
  outlives?: boolean
}

/** A source row set aside with all that it would have made. */
export interface Reject {
  sourceRow: number
  code: ErrorCode
  table?: string
  column?: string
  /** In words, without the row's values. */
  reason: string
  /** The whole source row. */
  row: Json
}

/** Values that were changed on the way and are allowed to be (`invalid: missing`, nanoseconds cut). */
export interface ValueChange {
  table: string
  column: string
  code: ErrorCode
  count: number
}

/** A dataset's mapping, ready to run. */
export interface Mapper {
  /** Changes when the result for some row may change: expressions, tables, key, zones, engine version. */
  hash: string
  /** Source fields used, key and cursor not included unless used; `['*']` where `attributes: '*'` wants all. */
  fields: string[]
  /** Fields used of each look-up of `with:`, by its name; `['*']` for all. Batches carry them as one JSON field of that name. */
  lookups: Record<string, string[]>
  parts: FilledPart[]
  map(batch: Batch, columns: Column[]): Promise<MappedBatch>
  /** `source_id` of every row of a key scan, exactly as `map` makes it; rows which `map` rejects for their key have none. */
  keys(batch: Batch, columns: Column[]): string[]
  close(): Promise<void>
}

export interface Compiled {
  /** Absent where `problems` holds an error. */
  mapper?: Mapper
  problems: Problem[]
  /** Where the values of the columns come from; of the columns whose expressions could be read. */
  lineage: TargetLineage[]
}

/** What feeds the rows of one `to:` entry. Places are paths as JSONata writes them: `lines.qty`, `$` for the whole row. */
export interface TargetLineage {
  table: string
  as?: string
  /** Decide which rows there are: where, deletes, when, each, columns that must have a value. */
  rows: string[]
  columns: ColumnLineage[]
}

export interface ColumnLineage {
  column: string
  /** As the mapping has it; absent for ids, references by default and attributes. */
  expression?: string
  constant?: string | number | boolean
  /** Places whose values it shows or is computed from. */
  data: string[]
  /** Places that decide it: conditions, predicates, sort keys. */
  control: string[]
  /** Which names are read is only known when a row is: the places are as narrow as can be said before. */
  open: boolean
}

/** What a mapping is compiled from. */
export interface MappingInput {
  dataset: DatasetSpec
  /** Absent when the source was never discovered: fields and types are then not checked. */
  facts?: DatasetFacts
  /** Of the looked-up tables, by the name in `with:`; one that is absent was never discovered. */
  lookedUp?: ReadonlyMap<string, DatasetFacts>
  /** Key fields in order (stated, else the source's). */
  key: string[]
  cursor?: string
  /** All unified tables of the project. */
  tables: UnifiedTable[]
  /** Zone of values that carry none: the connection's, else the project's (dataset and column zones win). */
  timezone?: string
  /** Facts of a `$ref` target, by `pipeline.dataset`; undefined where there is no such dataset. */
  target(ref: string): RefTarget | undefined
  /** Every `pipeline.dataset` of the project, for "did you mean". */
  datasets: string[]
}

export interface RefTarget {
  /** Types of its key fields; undefined where its source is not known now: keys are then written as they come. */
  keyTypes?: FieldType[]
  /** The `as` names of its targets. */
  as: string[]
}
