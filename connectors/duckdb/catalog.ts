import type { SqlColumn, SqlTable } from '../sql-types.ts'
import type { OpenDatabase } from './database.ts'
import { toColumn } from './types.ts'

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const TABLES = `
select schema_name, table_name, 'table', estimated_size, comment from duckdb_tables()
 where database_name = current_database() and not internal and not temporary
union all
select schema_name, view_name, 'view', null, comment from duckdb_views()
 where database_name = current_database() and not internal and not temporary
order by 1, 2`

export async function tables(database: OpenDatabase): Promise<SqlTable[]> {
  const rows = await database.all({ sql: TABLES, binds: [] })
  return rows.map(([schema, name, kind, size, comment]) => ({
    schema: String(schema),
    name: String(name),
    kind: kind === 'view' ? 'view' : 'table',
    readable: true,
    ...(size === null ? {} : { rows: Number(size) }),
    ...(comment === null ? {} : { description: String(comment) }),
  }))
}

const COLUMNS = `
select column_name, data_type, is_nullable, comment from duckdb_columns()
 where database_name = current_database() and schema_name = $1 and table_name = $2 order by column_index`

export async function columns(database: OpenDatabase, table: SqlTable): Promise<SqlColumn[]> {
  const isPlain = await comparesPlainly(database, table)
  const rows = await database.all({ sql: COLUMNS, binds: [table.schema, table.name] })
  return rows.map(([name, type, nullable, comment]) =>
    toColumn({
      name: String(name),
      type: String(type),
      nullable: nullable !== 0,
      isPlain,
      ...(comment === null ? {} : { description: String(comment) }),
    }),
  )
}

/**
 * A column's collation stands only in the statement that made its table. A view's columns may come from any table, or
 * name one themselves.
 */
async function comparesPlainly(database: OpenDatabase, { schema, name, kind }: SqlTable): Promise<boolean> {
  const ofTable = `select sql from duckdb_tables() where database_name = current_database()`
  const [sql, binds] =
    kind === 'table'
      ? [`${ofTable} and schema_name = $1 and table_name = $2`, [schema, name]]
      : [
          `${ofTable} union all select sql from duckdb_views() where database_name = current_database() and not internal`,
          [],
        ]
  const rows = await database.all({ sql, binds })
  return rows.every(([text]) => !/\bcollate\b/i.test(String(text)))
}

const KEY = `
select unnest(constraint_column_names) from duckdb_constraints()
 where database_name = current_database() and schema_name = $1 and table_name = $2 and constraint_type = 'PRIMARY KEY'`

export async function key(database: OpenDatabase, { schema, name }: SqlTable): Promise<string[]> {
  const rows = await database.all({ sql: KEY, binds: [schema, name] })
  return rows.map(([column]) => String(column))
}
