import type { Column } from '../core/batch.ts'
import { Fate, type MappedBatch, type MappedPart } from '../core/mapping.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { Value } from '../core/value.ts'
import type { LoadedPart, Part } from '../core/warehouse.ts'
import type { Block, SqlDialect, TempTable } from './engine.ts'
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
  /** Some of its rows watch a state. */
  states?: States
  /** Rows whose id ends in `SAME_AS` stay when their source row is deleted. */
  outlives: boolean
}

/** See `states.ts`. */
export interface States {
  watch: string[][]
  /** Like `stage`, with what each row watches: here rows are staged, and from here those to add go to `stage`. */
  raw: TempTable
  /** The number and the id of the last row stored, by the id of the first. */
  last: TempTable
  /** Values that are watched, in the order in which they came; the last stored one first. */
  chain: TempTable
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
  /** Newest stored version of each staged source row. */
  floor: TempTable
  /** Of each source key the row that wins this commit. */
  winner: TempTable
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
  floor: { name: 'polder_floor', columns: [row, { name: 'version', type: text }], index: '_row' },
  winner: {
    name: 'polder_winner',
    columns: [
      row,
      { name: 'source_id', type: id },
      { name: 'version', type: text },
      { name: 'fate', type: integer },
      { name: 'floor', type: text },
    ],
    index: 'source_id',
  },
}

export const WATCH_COLUMN = '_watch'

function statesOf(watch: string[][], staged: TempTable['columns'], index: number): States {
  const watched = new Set(watch.flat())
  const columns = staged.filter((it) => watched.has(it.name))
  const base = { name: '_base', type: id }
  const number = { name: '_number', type: integer }
  const kind = { name: WATCH_COLUMN, type: integer }
  return {
    watch,
    raw: { name: `polder_raw_${index}`, columns: [...staged, kind], index: 'id' },
    last: { name: `polder_last_${index}`, columns: [base, number, { name: 'id', type: id }, kind] },
    chain: { name: `polder_chain_${index}`, columns: [base, row, number, kind, ...columns], index: '_base' },
  }
}

/** Where the rows of a part are staged. */
export const stagedInto = ({ stage, states }: Target): TempTable => states?.raw ?? stage

/** All private tables of a part. */
export const ownTables = ({ stage, old, changed, gone, states }: Target): TempTable[] => [
  stage,
  old,
  changed,
  gone,
  ...(states ? [states.raw, states.last, states.chain] : []),
]

export function target(dialect: SqlDialect, internal: string, given: LoadedPart, index: number): Target {
  const { part, table, names, watch, outlives = false } = given
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
    outlives,
    ...(watch && { states: statesOf(watch, staged, index) }),
    stage: { name: `polder_stage_${index}`, columns: staged, index: 'id', unique: '_row' },
    old: {
      name: `polder_old_${index}`,
      columns: [
        ...stored,
        { name: 'stored', type: text },
        { name: 'version', type: text },
        // See `leading.ts`: NULL where no staged row has this id, 1 where it has other values.
        { name: 'differs', type: integer },
      ],
      index: 'id',
      unique: '_row',
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

/** The columns of `stagedInto` for one part of a batch: number, source key, version, those of `names`, what it watches. */
export function stagedColumns(
  numbered: Numbered,
  mapped: MappedPart,
  { names, states }: Pick<Target, 'names' | 'states'>,
): Block {
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
  if (states) columns.push(watchedColumn(mapped, chosen))
  return { columns, rows: sources.length }
}

function watchedColumn({ table, watched }: MappedPart, chosen: Uint32Array | undefined): Column {
  if (watched === undefined) throw bug(`The mapping of ${table} does not say what its rows watch.`)
  return chosen === undefined ? watched : picked(watched, chosen)
}

function picked(column: Column, rows: Uint32Array): Column {
  if (isWhole(rows, column.length)) return column
  const values = new Array<Value>(rows.length)
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]!]!
  return values
}

/** All rows in their order. */
function isWhole(rows: Uint32Array, length: number): boolean {
  if (rows.length !== length) return false
  for (let i = 0; i < length; i++) if (rows[i] !== i) return false
  return true
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

/**
 * The columns of `rows` for a batch: staged rows, and rejected ones whose key is known.
 * @param stand  1 for rows that a row of the leading part stands for
 */
export function sourceColumns({ batch, first, kept }: Numbered, stand: Uint8Array): Block {
  const known = (row: number) =>
    stand[row] === 0 && (kept[row] === 1 || (batch.fates[row] === Fate.rejected && batch.keys[row] !== ''))
  const indexes = Uint32Array.from({ length: batch.rows }, (_, i) => i).filter(known)
  const columns = [
    indexes.map((it) => first + it),
    picked(batch.keys, indexes),
    picked(batch.versions, indexes),
    indexes.map((it) => batch.fates[it]!),
  ]
  return { columns, rows: indexes.length }
}
