/**
 * SQLite: tables and views of one database file in the project's folder.
 *
 * Source  https://www.sqlite.org/fileformat2.html
 * Paging  one query in small steps; resumed by keyset `(mark, key) > (…)`
 * Cursor  none proposed: name a column of numbers that grows with every change
 * Blind   deleted rows; rows whose cursor is NULL
 */
import { defineConnector, option } from '../../sdk/index.ts'
import { sqlReader } from '../sql-reader.ts'
import type { SqlEngine, SqlSession } from '../sql-types.ts'
import { columns, key, quote, tables } from './catalog.ts'
import { openDatabase } from './database.ts'
import { sqliteFault } from './faults.ts'
import { locate } from './snapshot.ts'

export const sqlite = defineConnector({
  name: 'sqlite',
  title: 'SQLite',
  local: true,
  options: {
    path: option.path('The database file, as ./data/shop.db'),
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
    builder: 'better-sqlite3',
    rowComparison: true,
    // It runs inside this process, one statement at a time.
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
    address: async ({ name }) => ({
      kind: 'sqlite',
      paths: [(await locate(path, root, connection)).path],
      name,
    }),
    grant: ({ name }) => `give the file's owner the right to read it, with its table ${quote(name)}`,
    fault: (error, from) =>
      sqliteFault(error, { connection, file: path, ...(from ? { from } : {}) }) as Error,
  }
}

function sessionOf(database: Awaited<ReturnType<typeof openDatabase>>): SqlSession {
  // The clock of this machine is the file's.
  const now = () => new Date().toISOString().replace('Z', '000')
  return {
    version: async () => `SQLite ${database.all({ sql: 'select sqlite_version()', binds: [] })[0]![0]}`,
    tables: async () => tables(database),
    estimate: async () => undefined,
    columns: async (table) => columns(database, table),
    key: async (table) => key(database, table),
    now: async () => `${now()}Z`,
    localNow: async () => now(),
    // One writer at a time, and what it has not committed is nowhere: numbers come in the order of commits.
    writers: async () => undefined,
    oldestStart: async () => null,
    rows: async (statement) => database.all(statement),
    close: () => database.close(),
  }
}
