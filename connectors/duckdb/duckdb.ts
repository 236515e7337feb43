/**
 * DuckDB: tables and views of one database file in the project's folder.
 *
 * Source  https://duckdb.org/docs/stable/connect/concurrency
 * Paging  one streamed query; resumed by keyset `(mark, key) > (…)`
 * Cursor  none proposed: name a column of times or numbers that grows with every change
 * Blind   deleted rows; rows whose cursor is NULL
 */
import { defineConnector } from '../../sdk/index.ts'
import { type FileKind, fileOptions, fileReader } from '../sql-file.ts'
import { columns, key, quote, tables } from './catalog.ts'
import { type OpenDatabase, openDatabase } from './database.ts'
import { duckdbFault } from './faults.ts'

export const duckdb = defineConnector({
  name: 'duckdb',
  title: 'DuckDB',
  local: true,
  options: fileOptions('./data/shop.duckdb'),
  open: (opened) => fileReader(KIND, opened),
})

const KIND: FileKind<OpenDatabase> = {
  builder: 'pg',
  // Its own programs may change a table between the look at it and the query.
  alters: true,
  open: ({ path }) => openDatabase(path),
  session: (database) => ({
    version: async () => `DuckDB ${await database.version()}`,
    tables: () => tables(database),
    estimate: async (table) => table.rows,
    columns: (table) => columns(database, table),
    key: (table) => key(database, table),
    rows: (statement) => database.all(statement),
  }),
  address: ({ schema, name, kind }, path) => ({
    kind: 'duckdb',
    paths: [path],
    schema,
    name,
    ...(kind === 'view' && { isView: true }),
  }),
  quote,
  fault: duckdbFault,
}
