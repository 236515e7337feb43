import type { FileAddress, ReachAsk, Reached } from '../../core/reach.ts'
import { plural } from '../../core/text.ts'
import type { Connection } from '../engine.ts'
import { columnFacts } from './column-facts.ts'
import { fileWarnings, none, pathList, tooMany } from './reached.ts'

/** Columns are found by name in each file, as the files connector does. */
const relationOf = (paths: string[]): string =>
  `read_parquet(${pathList(paths)}, union_by_name = true, hive_partitioning = false)`

export async function reachParquet(
  connection: Connection,
  { paths }: FileAddress,
  { fields }: ReachAsk,
): Promise<Reached> {
  const refused = tooMany(paths)
  if (refused) return refused
  const together = await typesOf(connection, paths)
  const single = await Promise.all(paths.map((it) => typesOf(connection, [it])))
  const missing = fields.find(({ name }) => !together.has(name))
  if (missing)
    return none(`DuckDB finds no column "${missing.name}" over all files: names differ only in case`)
  const columns = fields.map((field) => {
    const types = single.flatMap((it) => it.get(field.name) ?? [])
    const sourceType = areAlike(types) ? together.get(field.name)! : [...new Set(types)].join(' or ')
    return columnFacts({ ...field, sourceType })
  })
  return {
    how: 'file',
    because: `DuckDB reads ${plural(paths.length, 'Parquet file')} by itself`,
    relation: relationOf(paths),
    columns,
    warnings: fileWarnings(paths.length),
  }
}

async function typesOf(connection: Connection, paths: string[]): Promise<Map<string, string>> {
  const rows = await connection.query(`describe select * from ${relationOf(paths)}`)
  return new Map(rows.map((it) => [String(it['column_name']), String(it['column_type'])]))
}

const WHOLE = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/
const FLOATING = /^(FLOAT|DOUBLE)$/

/** DuckDB makes one type of a column's types in several files; only widening keeps every value. */
const areAlike = (types: string[]): boolean =>
  new Set(types).size <= 1 || [WHOLE, FLOATING].some((kind) => types.every((it) => kind.test(it)))
