import { join } from 'node:path'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import { quote } from '../../warehouses/ansi.ts'
import { freshMysql, freshPostgres, queryAt, type TestDatabase } from '../support/databases.ts'
import { emptyProject, type TestProject, warehouseProject } from '../support/project.ts'
import { freshWarehouse, type TestWarehouse, warehouseAt } from '../support/warehouse.ts'

type Engine = 'postgres' | 'mysql' | 'duckdb'

/** A source and a warehouse that reads it by itself. */
export interface Pair {
  name: string
  /** Whose SQL makes the source's tables. */
  source: Engine
  /** Copies are made inside the warehouse too; else a view is the only other road. */
  pushes: boolean
  /** Where the tables lie is written out as files: only one kind of text may come back. */
  files?: 'parquet' | 'csv'
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

export const PAIRS: Pair[] = [
  {
    name: 'PostgreSQL, its own database',
    source: 'postgres',
    pushes: true,
    async open() {
      const warehouse = await freshWarehouse('postgres')
      const source = { url: Object.values(warehouse.env)[0]!, drop: nothing }
      return standOf({ warehouse, source, kind: 'postgres' })
    },
  },
  {
    name: 'PostgreSQL, another PostgreSQL through postgres_fdw',
    source: 'postgres',
    pushes: false,
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
    pushes: false,
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
    pushes: true,
    open: async () =>
      standOf({ warehouse: await freshWarehouse('mysql'), source: await freshMysql('pair'), kind: 'mysql' }),
  },
  ...(['own', 'other'] as const).map(
    (which): Pair => ({
      name: which === 'own' ? 'DuckDB, its own file' : 'DuckDB, another DuckDB file',
      source: 'duckdb',
      pushes: true,
      open: () => duckStand(which),
    }),
  ),
  ...(['parquet', 'csv'] as const).map(
    (files): Pair => ({
      name: `DuckDB, ${files === 'csv' ? 'CSV' : 'Parquet'} files`,
      source: 'duckdb',
      pushes: false,
      files,
      open: () => duckStand(files),
    }),
  ),
]

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
