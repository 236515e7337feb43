import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { none } from '../links.ts'
import { columnFacts } from './column-facts.ts'
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
  { schema, name }: ServerAddress,
  { fields }: ReachAsk,
): Promise<Reached> {
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
  return {
    how: 'server',
    because: 'its table lies on the server of the warehouse',
    relation,
    columns: fields.map(columnFacts),
  }
}

/** No right to the database, to the table, to a column. */
const DENIED: ReadonlySet<number> = new Set([1044, 1142, 1143])
