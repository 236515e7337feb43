import type { Column } from '../core/batch.ts'
import { Fate, type MappedBatch, type MappedPart } from '../core/mapping.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { Value } from '../core/value.ts'
import type { Part } from '../core/warehouse.ts'
import type { SqlDialect, TempTable } from './engine.ts'
import { bug } from './errors.ts'
import { VERSION_COLUMN } from './parts.ts'

/** One part with its private tables of the loader's connection. */
export interface Target {
  part: Part
  table: UnifiedTable
  /** Staged columns, `id` first. */
  names: string[]
  /** Quoted. */
  relation: string
  schema: string
  slot?: number
  append: boolean
  /** Target rows as mapped. */
  stage: TempTable
  /** Stored rows of the staged source keys. */
  old: TempTable
  /** Staged rows that differ from what is stored. */
  changed: TempTable
  /** Stored live rows that their source row no longer makes. */
  gone: TempTable
}

export interface SharedTables {
  /** Source rows. */
  rows: TempTable
  /** Source rows to leave out: replaced in this commit, or stored newer. */
  skip: TempTable
  /** Source rows that change something. */
  touched: TempTable
  /** Old ids and new ids of rows kept as history. */
  revision: TempTable
  /** Source keys that a scan found gone. */
  swept: TempTable
}

const integer = { kind: 'integer' } as const
const id = { kind: 'id' } as const
const text = { kind: 'text' } as const
const row = { name: '_row', type: integer }

export const sharedTables: SharedTables = {
  rows: {
    name: 'polder_rows',
    columns: [
      row,
      { name: 'source_id', type: id },
      { name: 'version', type: text },
      { name: 'fate', type: integer },
    ],
  },
  skip: { name: 'polder_skip', columns: [row, { name: 'fate', type: integer }], index: '_row' },
  touched: { name: 'polder_touched', columns: [row] },
  revision: {
    name: 'polder_revision',
    columns: [
      { name: 'id', type: id },
      { name: 'revision_id', type: id },
    ],
  },
  swept: { name: 'polder_swept', columns: [{ name: 'source_id', type: id }] },
}

export function target(
  dialect: SqlDialect,
  internal: string,
  given: { part: Part; table: UnifiedTable; names: string[] },
  index: number,
): Target {
  const { part, table, names } = given
  const types = new Map(table.columns.map((it) => [it.name, it.type]))
  const columns = names.map((name) => {
    const type = types.get(name)
    if (type === undefined) throw bug(`The table ${table.name} has no column ${name}.`)
    return { name, type }
  })
  const staged = [row, { name: 'source_id', type: id }, { name: VERSION_COLUMN, type: text }, ...columns]
  const stored = [
    row,
    { name: 'id', type: id },
    { name: 'fate', type: integer },
    { name: 'live', type: integer },
  ]
  return {
    part,
    table,
    names,
    relation: dialect.relation(internal, part.form.relation),
    schema: internal,
    slot: part.form.kind === 'slice' ? part.form.slot : undefined,
    append: table.history === 'append',
    stage: { name: `polder_stage_${index}`, columns: staged, index: 'id' },
    old: {
      name: `polder_old_${index}`,
      columns: [...stored, { name: 'stored', type: text }, { name: 'version', type: text }],
      index: 'id',
    },
    changed: { name: `polder_changed_${index}`, columns: staged },
    gone: {
      name: `polder_gone_${index}`,
      columns: [
        row,
        { name: 'id', type: id },
        { name: 'fate', type: integer },
        { name: 'version', type: text },
      ],
    },
  }
}

/** Which source rows of a batch are staged, under which numbers. */
export interface Numbered {
  batch: MappedBatch
  /** Number of the batch's first row in the commit. */
  first: number
  /** 1 where target rows of the source row are staged. */
  kept: Uint8Array
}

/** The columns of `stage` for one part of a batch: number, source key, version, and those of `names`. */
export function stagedColumns(
  numbered: Numbered,
  mapped: MappedPart,
  names: string[],
): { columns: Column[]; rows: number } {
  const { batch, first, kept } = numbered
  const chosen = chosenRows(mapped, kept)
  const sources = chosen === undefined ? mapped.sourceRow : chosen.map((it) => mapped.sourceRow[it]!)
  const columns: Column[] = [
    sources.map((it) => first + it),
    picked(batch.keys, sources),
    picked(batch.versions, sources),
  ]
  for (const name of names) {
    const column = mapped.columns[mapped.names.indexOf(name)]
    if (column === undefined) throw bug(`The mapping of ${mapped.table} gave no column ${name}.`)
    columns.push(chosen === undefined ? column : picked(column, chosen))
  }
  return { columns, rows: sources.length }
}

function picked(column: Column, rows: Uint32Array): Value[] {
  const values = new Array<Value>(rows.length)
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]!]!
  return values
}

/** Row indexes to stage; undefined for all. */
function chosenRows(mapped: MappedPart, kept: Uint8Array): Uint32Array | undefined {
  let count = 0
  for (const source of mapped.sourceRow) count += kept[source]!
  if (count === mapped.rows) return undefined
  const chosen = new Uint32Array(count)
  let next = 0
  for (let i = 0; i < mapped.rows; i++) if (kept[mapped.sourceRow[i]!]) chosen[next++] = i
  return chosen
}

/** The columns of `rows` for a batch: staged rows, and rejected ones whose key is known. */
export function sourceColumns({ batch, first, kept }: Numbered): { columns: Column[]; rows: number } {
  const indexes: number[] = []
  for (let i = 0; i < batch.rows; i++)
    if (kept[i] || (batch.fates[i] === Fate.rejected && batch.keys[i] !== '')) indexes.push(i)
  const columns = [
    indexes.map((it) => first + it),
    indexes.map((it) => batch.keys[it]!),
    indexes.map((it) => batch.versions[it]!),
    indexes.map((it) => batch.fates[it]!),
  ]
  return { columns, rows: indexes.length }
}
