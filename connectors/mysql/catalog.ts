import type { SqlColumn, SqlTable } from '../sql-types.ts'
import { type MysqlColumn, toColumn } from './types.ts'

/** Runs one query; rows are lists. */
export type Ask = (sql: string, binds?: string[]) => Promise<(string | number | null)[][]>

const SYSTEM = `('information_schema', 'mysql', 'performance_schema', 'sys')`

/** Without estimates nothing is opened: with them the server looks into every table. */
export async function tables(ask: Ask, want: { estimates: boolean }): Promise<SqlTable[]> {
  const estimate = want.estimates ? 'table_rows' : 'null'
  const rows = await ask(
    `select table_schema, table_name, table_type, table_comment, ${estimate} from information_schema.tables
      where table_schema not in ${SYSTEM} and table_type <> 'SEQUENCE' order by table_schema, table_name`,
  )
  return rows.map(([schema, name, type, comment, count]) => {
    const kind = String(type).endsWith('VIEW') ? 'view' : 'table'
    // MySQL writes the word VIEW as every view's comment.
    const description = kind === 'view' ? '' : String(comment ?? '')
    return {
      schema: String(schema),
      name: String(name),
      kind,
      ...(kind === 'table' && count !== null ? { rows: Number(count) } : {}),
      ...(description === '' ? {} : { description }),
      readable: true,
    }
  })
}

export async function estimate(ask: Ask, table: SqlTable): Promise<number | undefined> {
  if (table.kind === 'view') return undefined
  const [row] = await ask(
    'select table_rows from information_schema.tables where table_schema = ? and table_name = ?',
    [table.schema, table.name],
  )
  const count = row?.[0] ?? null
  return count === null ? undefined : Number(count)
}

export async function columns(
  ask: Ask,
  table: SqlTable,
  quote: (name: string) => string,
): Promise<SqlColumn[]> {
  const rows = await ask(
    `select column_name, lower(data_type), column_type, is_nullable, column_comment
       from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position`,
    [table.schema, table.name],
  )
  const found = rows.map(asColumn)
  const mayHideJson = table.kind === 'table' && found.some((it) => it.dataType === 'longtext')
  const json = mayHideJson ? await jsonColumns(ask, table, quote) : new Set<string>()
  return found.map((it) => toColumn({ ...it, isJson: it.dataType === 'json' || json.has(it.name) }))
}

const asColumn = ([name, dataType, columnType, nullable, comment]: (
  | string
  | number
  | null
)[]): MysqlColumn => ({
  name: String(name),
  dataType: String(dataType),
  columnType: String(columnType),
  nullable: nullable === 'YES',
  comment: String(comment ?? ''),
  isJson: false,
})

const JSON_CHECK = /CHECK \(json_valid\(`((?:[^`]|``)+)`\)\)/gi

/** MariaDB's JSON columns. information_schema.check_constraints hides them from an account that may only read. */
async function jsonColumns(ask: Ask, table: SqlTable, quote: (name: string) => string): Promise<Set<string>> {
  const [row] = await ask(`show create table ${quote(table.schema)}.${quote(table.name)}`)
  const ddl = String(row?.[1] ?? '')
  return new Set([...ddl.matchAll(JSON_CHECK)].map((it) => it[1]!.replaceAll('``', '`')))
}

export async function key(ask: Ask, table: SqlTable): Promise<string[]> {
  const rows = await ask(
    `select column_name from information_schema.statistics
      where table_schema = ? and table_name = ? and index_name = 'PRIMARY' order by seq_in_index`,
    [table.schema, table.name],
  )
  return rows.map(([name]) => String(name))
}
