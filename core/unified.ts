import type { Place } from './place.ts'

/**
 * Types of warehouse columns, with the canonical value that is staged (all scalars; `null` for NULL):
 * id, text → string · integer → number, or text beyond 2^53−1 · decimal → text with exactly `scale` fraction digits ·
 * boolean → boolean · date → `YYYY-MM-DD` · timestamp → `YYYY-MM-DDTHH:MM:SS.ffffffZ` ·
 * json → canonical JSON text (keys in UTF-16 order, no blanks) · double → number
 */
export type ColumnType =
  | { kind: 'id' } // varchar(191), binary order
  | { kind: 'text'; length?: number }
  | { kind: 'integer' } // 64 bits, signed
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'double' }
  | { kind: 'boolean' }
  | { kind: 'date' }
  | { kind: 'timestamp' } // UTC, microseconds
  | { kind: 'json' }

export interface UnifiedColumn {
  name: string
  type: ColumnType
  description: string
  /** Filled by the engine; a mapping may not name it. */
  system?: boolean
  /** A row without it is not made (`when`) or rejected. */
  required?: boolean
  /** Kind of personal data, as `name`, `contact`; masked where shown. */
  pii?: string
  /** The only values allowed; anything else rejects the row. */
  values?: string[]
  /** The unified table that this id points to. */
  references?: string
  at?: Place
}

export interface UnifiedTable {
  name: string
  description: string
  /** `append`: rows are never overwritten and a full read deletes none. */
  history: 'current' | 'append'
  /** All columns in their order in the warehouse, system columns included (`withSystemColumns`). */
  columns: UnifiedColumn[]
  /** The table's own file; absent for built-in tables. */
  at?: Place
}

const timestamp = { kind: 'timestamp' } as const
const id = { kind: 'id' } as const
const text = { kind: 'text' } as const

const BEFORE: UnifiedColumn[] = [
  {
    name: 'id',
    type: id,
    description: 'pipeline:dataset:key, with #as or #item where one source row makes several',
    system: true,
    required: true,
  },
]
const AFTER: UnifiedColumn[] = [
  { name: 'attributes', type: { kind: 'json' }, description: 'What the source has and no column holds' },
  { name: 'created_at', type: timestamp, description: 'When the source says that the record was made' },
  { name: 'updated_at', type: timestamp, description: 'When the source says that the record last changed' },
  { name: 'source', type: text, description: 'The pipeline that brought it', system: true },
  { name: 'source_object', type: text, description: 'The dataset that brought it', system: true },
  { name: 'source_id', type: id, description: "The source row's key, as the source writes it", system: true },
  {
    name: 'deleted_at',
    type: timestamp,
    description: 'When it was found deleted; unified views hide it',
    system: true,
  },
  { name: 'loaded_at', type: timestamp, description: 'When Polder last wrote this row', system: true },
  { name: 'run_id', type: text, description: 'The run that last wrote it', system: true },
]

/** Puts the columns that every landed table has around a table's own. */
export function withSystemColumns(own: UnifiedColumn[]): UnifiedColumn[] {
  return [...BEFORE, ...own, ...AFTER]
}

/** The columns a mapping may fill (attributes, created_at and updated_at included). */
export const mappableColumns = (table: UnifiedTable): UnifiedColumn[] =>
  table.columns.filter((it) => !it.system)

/** `decimal(18,4)`, `text`, `id` … as the schema files write it. */
export function columnTypeText(type: ColumnType): string {
  if (type.kind === 'decimal') return `decimal(${type.precision},${type.scale})`
  if (type.kind === 'text' && type.length) return `text(${type.length})`
  return type.kind
}
