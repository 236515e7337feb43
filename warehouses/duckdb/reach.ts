import { realpath } from 'node:fs/promises'
import type { FileAddress, ReachAsk, Reached } from '../../core/reach.ts'
import { literal } from '../ansi.ts'
import type { Connection } from '../engine.ts'
import { columnFacts } from './column-facts.ts'
import { duckdb } from './dialect.ts'
import { reachCsv } from './reach-csv.ts'
import { reachParquet } from './reach-parquet.ts'
import { reachServer } from './reach-server.ts'
import { reachSqlite } from './reach-sqlite.ts'
import { BLOCKS, none, pathPattern } from './reached.ts'
import { Servers } from './servers.ts'

/** Tables of the warehouse's own file, tables of other DuckDB files, files of rows, and, for copies, other servers. */
export async function reach(
  connection: Connection,
  ask: ReachAsk,
  servers = new Servers(),
): Promise<Reached> {
  const { address } = ask
  switch (address.kind) {
    case 'duckdb':
      return (await isOwn(connection, address.paths[0]!))
        ? inOwnFile(address, ask)
        : inOtherFile(address, ask)
    case 'parquet':
      return reachParquet(connection, address, ask)
    case 'csv':
      return reachCsv(connection, address, ask)
    case 'sqlite':
      return reachSqlite(connection, address, ask)
    case 'json':
      return none('rows of JSON may have fields of any kind, and only the files connector reads them')
    default:
      return reachServer(servers, address, ask)
  }
}

async function isOwn(connection: Connection, path: string): Promise<boolean> {
  const [row] = await connection.query(
    'select path from duckdb_databases() where database_name = current_database()',
  )
  const own = row?.['path']
  return typeof own === 'string' && (await realpath(own).catch(() => own)) === path
}

const inOwnFile = ({ schema, name }: FileAddress, { fields }: ReachAsk): Reached => ({
  how: 'database',
  because: 'its table lies in the file of the warehouse',
  relation: duckdb.relation(schema!, name!),
  columns: fields.map(columnFacts),
})

/** By a function that opens the file for each query: nothing has to be attached, by us or by an analyst. */
function inOtherFile({ paths, schema, name, isView }: FileAddress, { fields }: ReachAsk): Reached {
  if (isView)
    return none('DuckDB reads only tables of another file by itself, and this is a view', 'name a table')
  const where = `schema_name = ${literal(schema!)}, table_name = ${literal(name!)}`
  return {
    how: 'file',
    because: 'DuckDB reads its file by itself',
    relation: `read_duckdb(${pathPattern(paths[0]!)}, ${where})`,
    columns: fields.map(columnFacts),
    warnings: ['every query opens the file, and fails while another process has it open for writing', BLOCKS],
  }
}
