import type { Raw, SqlColumn, SqlTable } from '../sql-types.ts'
import type { OpenDatabase } from './database.ts'
import { type StorageClass, toColumn } from './types.ts'

export const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const TABLES = `
select name, type from pragma_table_list
 where schema = 'main' and type in ('table', 'view', 'virtual') and name not like 'sqlite\\_%' escape '\\' order by name`

export function tables(database: OpenDatabase): SqlTable[] {
  return database.all({ sql: TABLES, binds: [] }).map(([name, type]) => ({
    schema: 'main',
    name: String(name),
    kind: type === 'view' ? 'view' : 'table',
    readable: true,
  }))
}

// Hidden: 1 a virtual table's own, 2 and 3 generated columns.
const COLUMNS = `
select name, type, "notnull", pk from pragma_table_xinfo(?, 'main') where hidden <> 1 order by cid`

const KEY = `select name from pragma_table_xinfo(?, 'main') where pk > 0 order by pk`

const SAMPLE_ROWS = 1000

export function columns(database: OpenDatabase, table: SqlTable): SqlColumn[] {
  const found = database.all({ sql: COLUMNS, binds: [table.name] })
  if (found.length === 0) return []
  const seen = sample(database, table, found)
  const keyLength = found.filter(([, , , place]) => place !== 0).length
  const exactText = hasPlainTexts(database, table)
  return found.map(([name, declared, notNull, place], i) => {
    // Only this key cannot be NULL without saying so.
    const isRowNumber = keyLength === 1 && place === 1 && /^integer$/i.test(String(declared))
    return toColumn({
      name: String(name),
      declared: String(declared),
      nullable: notNull === 0 && !isRowNumber,
      seen: seen[i]!,
      exactText,
    })
  })
}

/** The storage classes in the first rows: what is declared binds nobody. */
function sample(database: OpenDatabase, { name }: SqlTable, found: Raw[][]): Set<StorageClass>[] {
  const classes = found.map(([column], i) => `typeof(${quote(String(column))}) as c${i}`)
  const sql = `select distinct * from (select ${classes.join(', ')} from main.${quote(name)} limit ${SAMPLE_ROWS})`
  const rows = database.all({ sql, binds: [] })
  return found.map((_, i) => new Set(rows.map((row) => row[i] as StorageClass | 'null').filter(isPresent)))
}

const isPresent = (it: StorageClass | 'null'): it is StorageClass => it !== 'null'

/** A collation is only found in the statement that made the table; a view's may come from anywhere. */
function hasPlainTexts(database: OpenDatabase, { kind, name }: SqlTable): boolean {
  if (kind === 'view') return false
  const [row] = database.all({
    sql: `select sql from sqlite_schema where type = 'table' and name = ?`,
    binds: [name],
  })
  return !/\bcollate\b/i.test(String(row?.[0] ?? 'collate'))
}

export function key(database: OpenDatabase, { name }: SqlTable): string[] {
  return database.all({ sql: KEY, binds: [name] }).map(([column]) => String(column))
}
