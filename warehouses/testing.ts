import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Column } from '../core/batch.ts'
import { Fate, type MappedBatch } from '../core/mapping.ts'
import type { UnifiedTable } from '../core/unified.ts'
import { withSystemColumns } from '../core/unified.ts'
import type { Row, Value } from '../core/value.ts'
import type { Fence, LoadCounts, LoadedPart, Part, WarehouseSession } from '../core/warehouse.ts'
import { warehouses } from './index.ts'

/** Support of this folder's tests: small tables and batches, and an empty warehouse of each kind. */

export const KINDS = ['duckdb', 'postgres', 'mysql'] as const
export type Kind = (typeof KINDS)[number]

interface Database {
  url: string
  query(sql: string): Promise<unknown>
  drop(): Promise<void>
}

/** How a test gets an empty database of its own. */
export interface Databases {
  freshPostgres(name: string): Promise<Database>
  freshMysql(name: string): Promise<Database>
}

export interface Place {
  session: WarehouseSession
  /** Another process, as far as the warehouse can tell; in DuckDB another session on the same file. */
  again(through?: (url: string) => string): Promise<WarehouseSession>
  drop(): Promise<void>
}

export async function place(kind: Kind, { freshPostgres, freshMysql }: Databases): Promise<Place> {
  const schema = 'customer'
  const suffix = randomBytes(4).toString('hex')
  const folder = await mkdtemp(join(tmpdir(), 'polder-warehouse-'))
  const postgres = kind === 'postgres' ? await freshPostgres('warehouse') : undefined
  const mysql = kind === 'mysql' ? await freshMysql('warehouse') : undefined
  const names =
    kind === 'mysql'
      ? { schema: `${schema}_${suffix}`, internal: `polder_${suffix}` }
      : { schema, internal: 'polder' }
  const url = postgres?.url ?? mysql?.url
  const open = (through = (it: string) => it) =>
    warehouses
      .find((it) => it.name === kind)!
      .open({ root: folder, options: url === undefined ? {} : { url: through(url) }, ...names })
  const session = await open()
  return {
    session,
    again: open,
    async drop() {
      await session.close()
      await postgres?.drop()
      for (const name of Object.values(names)) await mysql?.query(`drop database if exists \`${name}\``)
      await mysql?.drop()
      await rm(folder, { recursive: true })
    },
  }
}

export const text = (name: string) => ({ name, type: { kind: 'text' } as const, description: `The ${name}` })

export const table = (
  name: string,
  columns: UnifiedTable['columns'],
  history: UnifiedTable['history'] = 'current',
): UnifiedTable => ({ name, description: `Table ${name}`, history, columns: withSystemColumns(columns) })

/** What a loader is told of a part, beside its columns. */
type Told = Pick<LoadedPart, 'watch' | 'outlives'>

export const SOURCE = { pipeline: 'shop', dataset: 'customers' }

export function part(session: WarehouseSession, of: UnifiedTable, id = 1): Part {
  const base = {
    id,
    table: of.name,
    source: SOURCE,
    generation: 1,
    nativeKey: ['id'],
    changes: 'loaded_at' as const,
    state: 'live' as const,
  }
  const name = session.facts.unionPushdown ? `${of.name}__shop__customers_${id}` : `${of.name}__parts`
  return session.facts.unionPushdown
    ? { ...base, form: { kind: 'table', relation: name } }
    : { ...base, form: { kind: 'slice', relation: name, slot: id } }
}

/** One source row as a test writes it: `rows` are its target rows by table, each with its id. */
export interface SourceRow {
  key: string
  version?: string | null
  fate?: keyof typeof Fate
  rows?: Record<string, Row[]>
}

/** @param names  staged columns by table, `id` first; `_watch` of a row says what it watches */
export function batch(rows: SourceRow[], names: Record<string, string[]>): MappedBatch {
  const parts = Object.entries(names).map(([name, columns]) => {
    const made = rows.flatMap((row, i) => (row.rows?.[name] ?? []).map((it): [number, Row] => [i, it]))
    return {
      table: name,
      rows: made.length,
      sourceRow: Uint32Array.from(made, ([i]) => i),
      names: columns,
      columns: columns.map((column): Column => made.map(([, it]): Value => it[column] ?? null)),
      watched: made.map(([, it]) => Number(it['_watch'] ?? 0)),
    }
  })
  return {
    rows: rows.length,
    keys: rows.map((it) => it.key),
    versions: rows.map((it) => it.version ?? null),
    fates: Uint8Array.from(rows, (it) => Fate[it.fate ?? 'load']),
    parts,
    rejects: [],
    changes: [],
  }
}

/** A warehouse with one part per table, a lease and a loader. */
export async function ready(
  session: WarehouseSession,
  tables: Record<string, [UnifiedTable, string[], Told?]>,
) {
  await session.prepare()
  const parts = Object.values(tables).map(([it, names, told]) => ({
    part: part(session, it),
    table: it,
    names,
    ...told,
  }))
  for (const it of parts) {
    await session.ddl(await session.partSteps(it.part, it.table))
    await session.ddl(await session.viewSteps(it.table, [it.part]))
  }
  const fence = await session.lease('shop.customers', 'host:1', 60_000)
  const loader = await session.loader(parts)
  const names = Object.fromEntries(parts.map((it) => [it.table.name, it.names]))
  let commits = 0
  const load = async (
    rows: SourceRow[],
    options: { scan?: string; mode?: 'append' } = {},
  ): Promise<LoadCounts> => {
    await loader.stage(batch(rows, names))
    commits += 1
    const outcome = await session.commit(`commit ${commits}`, fence, async (tx) => {
      const counts = await loader.apply(tx, {
        mode: options.mode ?? 'merge',
        runId: `run ${commits}`,
        scan: options.scan,
      })
      return { ...counts, parts: counts.parts }
    })
    return 'done' in outcome ? outcome.done : outcome.already
  }
  return { parts, fence, loader, load, names }
}

export type Ready = Awaited<ReturnType<typeof ready>>

/** Deletes all rows of the tables' parts, and of what the session keeps under these names. */
export const emptied = (session: WarehouseSession, tables: UnifiedTable[], kept: string[]): Promise<void> =>
  session.transaction(async (tx) => {
    const parts = tables.map((it) => part(session, it).form.relation)
    for (const name of [...parts, ...kept])
      await tx.run(`delete from ${session.dialect.relation(session.internal, name)}`)
  })

/** All rows of a relation as objects, in the order of `id`. */
export async function rowsOf(
  session: WarehouseSession,
  relation: { schema: string; name: string },
  columns: UnifiedTable['columns'],
): Promise<Row[]> {
  const rows: Row[] = []
  for await (const some of session.rows(relation, columns, ['id']))
    for (const row of some) rows.push(Object.fromEntries(columns.map((it, i) => [it.name, row[i]!])))
  return rows
}

export const viewRows = (session: WarehouseSession, of: UnifiedTable, names: string[]): Promise<Row[]> =>
  rowsOf(
    session,
    { schema: session.schema, name: of.name },
    names.map((name) => of.columns.find((it) => it.name === name)!),
  )

/** Stored rows of the part, deleted ones included. */
export const partRows = (session: WarehouseSession, of: UnifiedTable, names: string[]): Promise<Row[]> => {
  const version = { name: '_version', type: { kind: 'text' } as const, description: '' }
  return rowsOf(
    session,
    { schema: session.internal, name: part(session, of).form.relation },
    names.map((name) => of.columns.find((it) => it.name === name) ?? version),
  )
}

export const renewed = (fence: Fence): Fence => ({ ...fence, epoch: fence.epoch + 1 })
