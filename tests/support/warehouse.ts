import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson } from '../../core/json.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import type { Row } from '../../core/value.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { warehouses } from '../../warehouses/index.ts'
import { freshMysql, freshPostgres, type TestDatabase, uniqueName } from './databases.ts'
import { unifiedTable } from './unified.ts'

export const WAREHOUSES = ['duckdb', 'postgres', 'mysql'] as const
export type WarehouseName = (typeof WAREHOUSES)[number]

const URL_VARIABLE = 'TEST_WAREHOUSE_URL'
/** Written anew by every load, so they differ between equal warehouses. */
const OF_THE_LOAD = ['loaded_at', 'run_id']

/** An empty warehouse of the caller's own. */
export interface TestWarehouse {
  name: WarehouseName
  schema: string
  internal: string
  /** The `warehouse:` block of `polder.yaml`, and what it needs from the environment. */
  yaml: string
  env: Record<string, string>
  /** Opens it as the product does. In DuckDB only one process can: close before running a command. */
  open(): Promise<WarehouseSession>
  drop(): Promise<void>
}

export async function freshWarehouse(
  name: WarehouseName,
  through = (url: string) => url,
  server?: string,
): Promise<TestWarehouse> {
  if (name === 'duckdb') return freshDuckdb()
  if (name === 'postgres') {
    const database = await freshPostgres('warehouse', server)
    return sqlWarehouse(name, { schema: 'customer', internal: 'polder' }, database, through, database.drop)
  }
  const database = await freshMysql('warehouse', server)
  const internal = uniqueName('internal')
  return sqlWarehouse(name, { schema: database.name, internal }, database, through, async () => {
    await database.query(`drop database if exists ${internal}`)
    await database.drop()
  })
}

async function freshDuckdb(): Promise<TestWarehouse> {
  const folder = await mkdtemp(join(tmpdir(), 'polder-warehouse-'))
  return {
    ...warehouseAt(join(folder, 'warehouse.duckdb')),
    drop: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A DuckDB warehouse in a file of the test's own project. */
export function warehouseAt(path: string): TestWarehouse {
  const place = { schema: 'customer', internal: 'polder' }
  return {
    name: 'duckdb',
    ...place,
    yaml: block('duckdb', place, `path: ${path}`),
    env: {},
    open: () => openKind('duckdb', place, { path }),
    drop: () => rm(path, { force: true }),
  }
}

export type Schemas = { schema: string; internal: string }

function sqlWarehouse(
  name: 'postgres' | 'mysql',
  place: Schemas,
  { url }: TestDatabase,
  through: (url: string) => string,
  drop: () => Promise<void>,
): TestWarehouse {
  return {
    name,
    ...place,
    yaml: block(name, place, `url: \${env:${URL_VARIABLE}}`),
    env: { [URL_VARIABLE]: through(url) },
    open: () => openKind(name, place, { url }),
    drop,
  }
}

const block = (type: string, { schema, internal }: Schemas, option: string): string =>
  `warehouse:\n  type: ${type}\n  ${option}\n  schema: ${schema}\n  internal: ${internal}\n`

export function openKind(
  name: string,
  place: Schemas,
  options: Record<string, string>,
): Promise<WarehouseSession> {
  const kind = warehouses.find((it) => it.name === name)
  if (kind === undefined) throw new Error(`No warehouse kind "${name}".`)
  return kind.open({ ...place, options, root: tmpdir() })
}

/** Opens, works, closes. */
export async function inWarehouse<T>(
  warehouse: TestWarehouse,
  work: (session: WarehouseSession) => Promise<T>,
): Promise<T> {
  const session = await warehouse.open()
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

/** All rows of a unified table in canonical form, ordered by id; without the columns that every load writes anew. */
export const unifiedRows = (session: WarehouseSession, tableName: string): Promise<Row[]> =>
  rowsOf(session, unifiedTable(tableName))

/** The same of a table that a project added. */
export async function rowsOf(session: WarehouseSession, table: UnifiedTable): Promise<Row[]> {
  const columns = table.columns.filter((it) => !OF_THE_LOAD.includes(it.name))
  const rows: Row[] = []
  for await (const batch of session.rows({ schema: session.schema, name: table.name }, columns, ['id']))
    for (const values of batch)
      rows.push(Object.fromEntries(columns.map((it, i) => [it.name, values[i] ?? null])))
  // Engines may order text in their own way; here the order is part of the comparison.
  return rows.sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))
}

export interface TableDigest {
  rows: number
  /** Of all rows in order, canonical JSON, one a line. */
  sha256: string
  /** Values that are not NULL, by column. */
  filled: Record<string, number>
}

export function digest(rows: Row[]): TableDigest {
  const hash = createHash('sha256')
  const filled: Record<string, number> = {}
  for (const row of rows) {
    hash.update(`${canonicalJson(row)}\n`)
    for (const [name, value] of Object.entries(row))
      filled[name] = (filled[name] ?? 0) + (value === null ? 0 : 1)
  }
  return { rows: rows.length, sha256: hash.digest('hex'), filled }
}

/** When each row of a unified table was last written: id → `loaded_at` and run. */
export async function writtenBy(session: WarehouseSession, tableName: string): Promise<Map<string, string>> {
  const columns = unifiedTable(tableName).columns.filter((it) => ['id', ...OF_THE_LOAD].includes(it.name))
  const written = new Map<string, string>()
  for await (const batch of session.rows({ schema: session.schema, name: tableName }, columns, ['id']))
    for (const [id, ...stamp] of batch) written.set(String(id), stamp.join(' '))
  return written
}
