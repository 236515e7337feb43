/**
 * DuckDB: tables and views of one database file in the project's folder.
 *
 * Source  https://duckdb.org/docs/stable/connect/concurrency
 * Paging  one streamed query; resumed by keyset `(mark, key) > (…)`
 * Cursor  none proposed: name a column of times or numbers that grows with every change
 * Blind   deleted rows; rows whose cursor is NULL
 */
import { defineConnector, option } from '../../sdk/index.ts'
import { sqlReader } from '../sql-reader.ts'
import type { SqlEngine, SqlSession } from '../sql-types.ts'
import { columns, key, quote, tables } from './catalog.ts'
import { type OpenDatabase, openDatabase } from './database.ts'
import { duckdbFault } from './faults.ts'
import { locate } from './locate.ts'

export const duckdb = defineConnector({
  name: 'duckdb',
  title: 'DuckDB',
  local: true,
  options: {
    path: option.path('The database file, as ./data/shop.duckdb'),
    timezone: option.timezone('Zone of times that carry none', { required: false }),
  },
  open: ({ connection, options, root }) => sqlReader(engineOf({ ...options, root, connection }), connection),
})

interface Settings {
  path: string
  timezone?: string
  root: string
  connection: string
}

function engineOf({ path, timezone, root, connection }: Settings): SqlEngine {
  const open = async () => openDatabase(await locate(path, root, connection))
  return {
    builder: 'pg',
    rowComparison: true,
    // It runs inside this process, and uses several threads by itself.
    parallel: false,
    defaultSchema: 'main',
    timezone,
    settleMs: 0,
    connect: async () => sessionOf(await open()),
    async *stream(statement, signal) {
      const database = await open()
      try {
        for await (const rows of database.stream(statement)) {
          signal.throwIfAborted()
          yield rows
        }
      } finally {
        await database.close()
      }
    },
    address: async ({ schema, name, kind }) => ({
      kind: 'duckdb',
      paths: [await locate(path, root, connection)],
      schema,
      name,
      ...(kind === 'view' && { isView: true }),
    }),
    // Its own programs may change a table between the look at it and the query.
    alters: true,
    grant: ({ name }) => `give the file's owner the right to read it, with its table ${quote(name)}`,
    fault: (error, from) =>
      duckdbFault(error, { connection, file: path, ...(from ? { from } : {}) }) as Error,
  }
}

function sessionOf(database: OpenDatabase): SqlSession {
  // The clock of this machine is the file's.
  const now = () => new Date().toISOString().replace('Z', '000')
  return {
    version: async () => `DuckDB ${await database.version()}`,
    tables: () => tables(database),
    estimate: async (table) => table.rows,
    columns: (table) => columns(database, table),
    key: (table) => key(database, table),
    now: async () => `${now()}Z`,
    localNow: async () => now(),
    // Its transactions are not seen from outside; those of another process would hold the file.
    writers: async () => undefined,
    oldestStart: async () => null,
    rows: (statement) => database.all(statement),
    close: () => database.close(),
  }
}
