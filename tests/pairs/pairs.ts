import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sqlite from 'node-sqlite3-wasm'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import type { FieldType } from '../../core/field.ts'
import { quote } from '../../warehouses/ansi.ts'
import { serverBinaries } from '../support/binaries.ts'
import { freshMysql, freshPostgres, queryAt, type TestDatabase } from '../support/databases.ts'
import { extensionFolder } from '../support/extensions.ts'
import { startMariadb } from '../support/mariadb-server.ts'
import { emptyProject, type TestProject, warehouseProject } from '../support/project.ts'
import { freshWarehouse, openKind, type TestWarehouse, warehouseAt } from '../support/warehouse.ts'

type Engine = 'postgres' | 'mysql' | 'duckdb' | 'sqlite'

/** A source and a warehouse that reads it by itself. */
export interface Pair {
  name: string
  /** Whose SQL makes the source's tables. */
  source: Engine
  /** Besides the stream. */
  roads: ('pushdown' | 'view')[]
  /** Its tables are files. */
  files?: 'parquet' | 'csv'
  /** The columns of these types alone; absent: all. */
  types?: FieldType[]
  /** No text of any length. */
  narrow?: boolean
  /** Why this machine cannot run it. */
  missing?: string
  open(): Promise<Stand>
}

export interface Stand {
  project: TestProject
  warehouse: TestWarehouse
  /** Makes and fills the source's tables. `tables`: their names. */
  fill(statements: string[], tables: string[]): Promise<void>
  /** Of a source on a MySQL server: the database's name. */
  database?: string
  /** `from:` of a table. */
  from(table: string): string
  close(): Promise<void>
}

/** The name of the one connection. */
export const CONNECTION = 'source'

const server = (kind: string): string =>
  `${CONNECTION}:\n  connector: ${kind}\n  url: \${env:SOURCE_URL}\n  password: \${env:SOURCE_PASSWORD}\n  timezone: UTC\n`

/** Of throw-away servers that ask for none, a link needs one all the same. */
const NO_PASSWORD = 'not-asked-for-7391'

interface Servers {
  warehouse: TestWarehouse
  source: Pick<TestDatabase, 'url' | 'drop'>
  kind: 'postgres' | 'mysql'
}

export async function standOf({ warehouse, source, kind }: Servers): Promise<Stand> {
  const env = { SOURCE_URL: source.url, SOURCE_PASSWORD: new URL(source.url).password || NO_PASSWORD }
  const project = await warehouseProject(warehouse, { 'config/connections.yaml': server(kind) }, { env })
  return {
    project,
    warehouse,
    ...(kind === 'mysql' && { database: new URL(source.url).pathname.slice(1) }),
    fill: async (statements) => {
      for (const sql of statements) await queryAt(source.url, sql)
    },
    from: (table) => table,
    close: async () => {
      await project.remove()
      await warehouse.drop()
      await source.drop()
    },
  }
}

const nothing = async () => {}

const NO_EXTENSIONS = "DuckDB's extensions are not here"
const extensions = extensionFolder(
  ['postgres_scanner', 'mysql_scanner', 'sqlite_scanner'],
  'pairs of DuckDB and what its extensions read',
)

export const PAIRS: Pair[] = [
  {
    name: 'PostgreSQL, its own database',
    source: 'postgres',
    roads: ['pushdown', 'view'],
    async open() {
      const warehouse = await freshWarehouse('postgres')
      const source = { url: Object.values(warehouse.env)[0]!, drop: nothing }
      return standOf({ warehouse, source, kind: 'postgres' })
    },
  },
  {
    name: 'PostgreSQL, another PostgreSQL through postgres_fdw',
    source: 'postgres',
    roads: ['view'],
    open: async () =>
      standOf({
        warehouse: await freshWarehouse('postgres'),
        source: await freshPostgres('pair'),
        kind: 'postgres',
      }),
  },
  {
    name: 'PostgreSQL, MariaDB through mysql_fdw',
    source: 'mysql',
    roads: ['view'],
    narrow: true,
    ...(!(await hasMysqlFdw()) && {
      missing: 'mysql_fdw is not installed (Debian: postgresql-15-mysql-fdw)',
    }),
    open: async () =>
      standOf({
        warehouse: await freshWarehouse('postgres'),
        source: await freshMysql('pair'),
        kind: 'mysql',
      }),
  },
  {
    name: 'MariaDB, another database of its server',
    source: 'mysql',
    roads: ['pushdown', 'view'],
    open: async () =>
      standOf({ warehouse: await freshWarehouse('mysql'), source: await freshMysql('pair'), kind: 'mysql' }),
  },
  {
    name: 'MariaDB, another MariaDB through FEDERATED',
    source: 'mysql',
    roads: ['view'],
    open: () => federatedStand(),
  },
  ...(['own', 'other'] as const).map(
    (which): Pair => ({
      name: which === 'own' ? 'DuckDB, its own file' : 'DuckDB, another DuckDB file',
      source: 'duckdb',
      roads: ['pushdown', 'view'],
      open: () => duckStand(which),
    }),
  ),
  ...(['parquet', 'csv'] as const).map(
    (files): Pair => ({
      name: `DuckDB, ${files === 'csv' ? 'CSV' : 'Parquet'} files`,
      source: 'duckdb',
      roads: ['view'],
      files,
      open: () => duckStand(files),
    }),
  ),
  {
    name: 'DuckDB, a SQLite file through its extension',
    source: 'sqlite',
    roads: ['view'],
    types: ['integer', 'text', 'float'],
    ...(extensions === undefined && { missing: NO_EXTENSIONS }),
    open: () => sqliteStand(),
  },
  ...(['postgres', 'mysql'] as const).map(
    (kind): Pair => ({
      name: `DuckDB, ${kind === 'mysql' ? 'MariaDB' : 'PostgreSQL'} through its extension`,
      source: kind,
      roads: ['pushdown'],
      ...(extensions === undefined && { missing: NO_EXTENSIONS }),
      open: async () => extended(kind),
    }),
  ),
]

/** A server of the warehouse's own, since its engines are installed for all of it. */
async function federatedStand(): Promise<Stand> {
  const root = await mkdtemp(join(tmpdir(), 'polder-pair-'))
  await chmod(root, 0o755)
  const server = await startMariadb(serverBinaries(console.info), root)
  await queryAt(server.url, `install soname 'ha_federatedx'`)
  const warehouse = await freshWarehouse('mysql', undefined, server.url)
  const stand = await standOf({ warehouse, source: await freshMysql('pair'), kind: 'mysql' })
  return {
    ...stand,
    async close() {
      await stand.close()
      await server.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** In the project's folder, with the test's extensions. */
async function duckWarehouse(project: TestProject): Promise<TestWarehouse> {
  const path = join(project.root, 'data', 'warehouse.duckdb')
  const warehouse = warehouseAt(path)
  const yaml = warehouse.yaml.replace('\n', `\n  extension_directory: ${extensions}\n`)
  await project.write({ 'data/.keep': '', 'polder.yaml': `${yaml}timezone: Europe/Amsterdam\n` })
  const options = { path, extension_directory: extensions! }
  return { ...warehouse, open: () => openKind('duckdb', warehouse, options) }
}

async function sqliteStand(): Promise<Stand> {
  const project = await emptyProject()
  const warehouse = await duckWarehouse(project)
  const place = 'connector: sqlite\n  path: ./data/shop.db\n  timezone: UTC\n'
  await project.write({ 'config/connections.yaml': `${CONNECTION}:\n  ${place}` })
  return {
    project,
    warehouse,
    async fill(statements) {
      const database = new sqlite.Database(join(project.root, 'data', 'shop.db'))
      database.exec(`begin; ${statements.join('; ')}; commit`)
      database.close()
    },
    from: (table) => table,
    close: project.remove,
  }
}

async function extended(kind: 'postgres' | 'mysql'): Promise<Stand> {
  const source = await (kind === 'postgres' ? freshPostgres('pair') : freshMysql('pair'))
  const stand = await standOf({ warehouse: await freshWarehouse('duckdb'), source, kind })
  await stand.warehouse.drop()
  const warehouse = await duckWarehouse(stand.project)
  return { ...stand, warehouse, close: () => stand.project.remove().then(source.drop) }
}

async function hasMysqlFdw(): Promise<boolean> {
  const url = process.env['POLDER_TEST_POSTGRES_URL']!
  return (await queryAt(url, `select 1 from pg_available_extensions where name = 'mysql_fdw'`)).length > 0
}

async function duckStand(which: 'own' | 'other' | 'parquet' | 'csv'): Promise<Stand> {
  const project = await emptyProject()
  const data = join(project.root, 'data')
  const warehouse = warehouseAt(join(data, 'warehouse.duckdb'))
  const file = which === 'own' ? 'warehouse.duckdb' : 'other.duckdb'
  const inFiles = which === 'parquet' || which === 'csv'
  const place = inFiles
    ? `connector: files\n  path: ./data\n  timezone: UTC\n${which === 'csv' ? "  null: '\\N'\n" : ''}`
    : `connector: duckdb\n  path: ./data/${file}\n  timezone: UTC\n`
  await project.write({
    'polder.yaml': `${warehouse.yaml}timezone: Europe/Amsterdam\n`,
    'data/.keep': '',
    'config/connections.yaml': `${CONNECTION}:\n  ${place}`,
  })
  return {
    project,
    warehouse,
    async fill(statements, tables) {
      const format =
        which === 'csv' ? `(format csv, header, nullstr '\\N', force_quote *)` : '(format parquet)'
      const copies = inFiles
        ? tables.map((it) => `copy ${quote(it)} to '${join(data, `${it}.${which}`)}' ${format}`)
        : []
      await makeFile(join(data, file), [...statements, ...copies].join(';\n'))
    },
    from: (table) => (inFiles ? `${table}.${which}` : table),
    close: project.remove,
  }
}
