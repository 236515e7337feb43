import type { ColumnFacts } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { FileAddress, ReachAsk, Reached } from '../../core/reach.ts'
import { literal, quote } from '../ansi.ts'
import type { Connection } from '../engine.ts'
import { columnFacts } from './column-facts.ts'
import { BLOCKS, none } from './reached.ts'

/** Through DuckDB's extension for SQLite, which fails on a value that is not of its column's declared type. */
export async function reachSqlite(
  connection: Connection,
  { paths, name }: FileAddress,
  { fields, thorough }: ReachAsk,
): Promise<Reached> {
  if (!thorough) return none('tables of SQLite files are mapped in place only with load: direct')
  const relation = `sqlite_scan(${literal(paths[0]!)}, ${literal(name!)})`
  let types: Map<string, string>
  try {
    const rows = await connection.query(`describe select * from ${relation}`)
    types = new Map(rows.map((it) => [String(it['column_name']), String(it['column_type'])]))
  } catch (error) {
    return refused(error)
  }
  const columns: ColumnFacts[] = []
  for (const field of fields) columns.push(await factsOf(connection, relation, field, types.get(field.name)))
  return {
    how: 'file',
    because: 'DuckDB reads its file by its extension for SQLite',
    relation,
    columns,
    warnings: [
      'everybody who queries needs that extension: install sqlite_scanner',
      'a value that is not of its declared type makes queries fail',
      BLOCKS,
    ],
  }
}

const LACKING = /not in the catalog|Autoloading Error|Extension .* not found/s

function refused(error: unknown): Reached {
  const message = error instanceof Error ? error.message : ''
  if (LACKING.test(message))
    return none(
      "DuckDB's extension sqlite_scanner is not here",
      'name the folder that holds it as extension_directory of the warehouse, or let DuckDB fetch it: extensions: online',
    )
  return none(`DuckDB's extension for SQLite does not read the file (${message.split(':')[0]})`)
}

async function factsOf(
  connection: Connection,
  relation: string,
  field: Field,
  type = 'unknown',
): Promise<ColumnFacts> {
  const facts = columnFacts({ ...field, sourceType: type })
  const told = { ...facts, sourceType: field.sourceType || 'not declared' }
  const { stored } = facts
  // Only of these does SQLite make every number a double; beside others an integer of 64 bits would be rounded.
  if (stored?.kind === 'double' && !isReal(field.sourceType)) return { ...told, stored: undefined }
  if (stored?.kind !== 'text') return told
  // The extension hands bytes on as they are.
  const name = quote(field.name)
  const [row] = await connection.query(
    `select count(*) as broken from ${relation} where ${name} is not null and try(decode(encode(${name}))) is null`,
  )
  return Number(row!['broken']) > 0
    ? { ...told, stored: undefined, sourceType: `${told.sourceType} with bytes that are no text` }
    : told
}

const isReal = (declared: string): boolean => /real|floa|doub/i.test(declared) && !/int/i.test(declared)
