import type { ColumnFacts } from '../../core/expr.ts'
import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { none } from '../links.ts'
import { columnFacts, inUtf8 } from './column-facts.ts'
import { constrainedColumns } from './constraints.ts'
import { quote } from './dialect.ts'
import { reachByLink } from './link.ts'

/** Tables and views of the warehouse's own server, in whatever database. */
export async function reach(connection: Connection, ask: ReachAsk, internal: string): Promise<Reached> {
  const { address } = ask
  if (address.kind !== 'mysql') return none('MySQL and MariaDB read no such source by themselves')
  const isHere = await address.withMark(async (mark) => {
    const [row] = await connection.query('select is_used_lock(?) as holder', [`polder ${mark}`])
    return row?.['holder'] != null
  })
  if (isHere) return onServer(connection, address, ask)
  return ask.links ? reachByLink(connection, ask, internal) : none('its table lies on another server', LINK)
}

const LINK = 'load: direct reads it through a link, which holds the credentials of the connection'

async function onServer(
  connection: Connection,
  address: ServerAddress,
  { fields }: ReachAsk,
): Promise<Reached> {
  const { schema, name } = address
  const relation = `${quote(schema)}.${quote(name)}`
  try {
    await connection.query(`select 1 as one from ${relation} limit 0`)
  } catch (error) {
    if (!DENIED.has((error as { errno?: number }).errno ?? 0)) throw error
    const [row] = await connection.query('select current_user() as role')
    return none(
      `the warehouse's account may not read ${schema}.${name}`,
      `grant select on ${relation} to ${String(row!['role']).replace(/^(.*)@(.*)$/, "'$1'@'$2'")};`,
    )
  }
  const columns = await facts(connection, address, fields)
  return {
    how: 'server',
    because: 'its table lies on the server of the warehouse',
    relation,
    columns,
    constrained: await constrainedColumns(connection, address, columns),
    lenient: true,
  }
}

/**
 * What lies in utf8mb4 is taken as it is. A column that gets another character set later fails every query: no value
 * changes, and the next plan says it anew.
 */
async function facts(
  connection: Connection,
  { schema, name }: ServerAddress,
  fields: ReachAsk['fields'],
): Promise<ColumnFacts[]> {
  const found = await connection.query(
    'select column_name as name from information_schema.columns where table_schema = ? and table_name = ? ' +
      `and data_type in (${PLAIN_TEXTS}) and character_set_name = 'utf8mb4'`,
    [schema, name],
  )
  const names = new Set(found.map((it) => String(it['name'])))
  return fields.map(columnFacts).map((it) => (names.has(it.name) ? inUtf8(it) : it))
}

const PLAIN_TEXTS = `'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'`

/** No right to the database, to the table, to a column. */
const DENIED: ReadonlySet<number> = new Set([1044, 1142, 1143])
