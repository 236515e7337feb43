/**
 * SQLite: tables and views of one database file in the project's folder.
 *
 * Source  https://www.sqlite.org/fileformat2.html
 * Paging  one query in small steps; resumed by keyset `(mark, key) > (…)`
 * Cursor  none proposed: name a column of numbers that grows with every change
 * Blind   deleted rows; rows whose cursor is NULL
 */
import { defineConnector } from '../../sdk/index.ts'
import { type FileKind, fileOptions, fileReader } from '../sql-file.ts'
import { columns, key, quote, tables } from './catalog.ts'
import { type OpenDatabase, openDatabase } from './database.ts'
import { sqliteFault } from './faults.ts'

export const sqlite = defineConnector({
  name: 'sqlite',
  title: 'SQLite',
  local: true,
  options: fileOptions('./data/shop.db'),
  open: (opened) => fileReader(KIND, opened),
})

const KIND: FileKind<OpenDatabase> = {
  builder: 'better-sqlite3',
  open: openDatabase,
  session: (database) => ({
    version: async () => `SQLite ${database.all({ sql: 'select sqlite_version()', binds: [] })[0]![0]}`,
    tables: async () => tables(database),
    estimate: async () => undefined,
    columns: async (table) => columns(database, table),
    key: async (table) => key(database, table),
    rows: async (statement) => database.all(statement),
  }),
  address: ({ name }, path) => ({ kind: 'sqlite', paths: [path], name }),
  quote,
  fault: sqliteFault,
}
