/**
 * Source field types and the canonical form of their values (`null` is always possible):
 *
 * | type      | value |
 * |-----------|-------|
 * | text      | string (also uuid, enum, inet, interval, xml, char without its padding kept as the source has it) |
 * | integer   | number when |n| ≤ 2^53−1, else decimal text without leading zeros |
 * | decimal   | number when ≤ 15 significant digits, else canonical text (no exponent, no padding zeros) |
 * | float     | number; `NaN`, `Infinity`, `-Infinity` as text (float4 widened to float8) |
 * | boolean   | boolean |
 * | date      | `YYYY-MM-DD` |
 * | datetime  | local, zone unknown: `YYYY-MM-DDTHH:MM:SS.ffffff` |
 * | timestamp | instant: `YYYY-MM-DDTHH:MM:SS.ffffffZ` |
 * | time      | `HH:MM:SS.ffffff` (may exceed a day or be negative in MySQL) |
 * | json      | any JSON; inside it numbers follow the rule above |
 * | binary    | base64 text |
 * | unknown   | any of these (files without declared types) |
 *
 * A value which the canonical form cannot say (zero date, year BC, infinity of a timestamp) stays the source's own
 * text; coercion then rejects it, or `invalid: missing` makes it NULL and counts it.
 */
export type FieldType =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'timestamp'
  | 'time'
  | 'json'
  | 'binary'
  | 'unknown'

/** A column of a source, as discovered. */
export interface Field {
  name: string
  type: FieldType
  /** The source's own spelling of the type, as `numeric(10,2)`. */
  sourceType: string
  nullable: boolean
  description?: string
  /** Files: some sampled row (JSON), or a later file than one that has it (CSV, Parquet), goes without it. */
  optional?: boolean
  /** What its values were in the sample, where there is no declaration to go by. */
  shape?: JsonShape
}

/** What a sample showed of one place in JSON. Names and kinds only, never a value. */
export interface JsonShape {
  /** Values that are not null. */
  count: number
  /** As which they came; a list of lists is a list. */
  kinds: ('text' | 'integer' | 'decimal' | 'boolean' | 'object' | 'list')[]
  /** Of its objects, by name; absent where the names are so many that they must be data themselves. */
  fields?: Record<string, JsonShape>
  /** How many objects `fields` was made of. */
  objects?: number
  /** Of its lists: their items. */
  items?: JsonShape
}

/** The shape of one batch. `open`: rows may have more fields than these (JSON lines, samples). */
export interface RowSchema {
  fields: Field[]
  open?: boolean
  /** Of an open batch, by field: how many rows go without it, and how many of them in succession. Fields that every row has are left out. */
  absent?: Map<string, { rows: number; run: number }>
  /** Rows of the sample, where the fields are known from one. */
  sampled?: number
}

/** What a connector knows of a dataset. */
export interface DatasetFacts {
  /** As the source spells it: `public.customers`, a file pattern. */
  from: string
  schema: RowSchema
  /** Primary key in key order; empty where there is none. */
  key: string[]
  /** True where the source itself enforces it (primary key, unique not-null index). */
  keyProven: boolean
  /** True where an incremental reading gives the rows deleted since as well (`DatasetRequest.deletes`). */
  tellsDeletes?: boolean
  /** Proposed change mark (cursor), if the source has a customary one. */
  cursor?: string
  /**
   * file: has no marks, and is read in full. The `highWater` of its `split` is a fingerprint of the files and of how
   * they are read: where it equals that of the last complete reading, nothing has changed and nothing need be read.
   */
  kind: 'table' | 'view' | 'file' | 'endpoint'
  /** Estimate; absent when unknown. */
  rows?: number
  description?: string
}
