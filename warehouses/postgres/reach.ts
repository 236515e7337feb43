import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { none } from '../links.ts'
import { columnFacts } from './column-facts.ts'
import { finiteColumns } from './constraints.ts'
import { postgres } from './dialect.ts'
import { reachByLink } from './link.ts'

/** Tables and views of the warehouse's own database; others through a link, where it may make one. */
export async function reach(connection: Connection, ask: ReachAsk, internal: string): Promise<Reached> {
  const { address } = ask
  if (address.kind === 'mysql')
    return ask.links
      ? reachByLink(connection, ask, internal)
      : none('its table lies on a server of another kind', LINK)
  if (address.kind !== 'postgres') return none('PostgreSQL reads no such source by itself')
  const where = await address.withMark((mark) => holderOf(connection, mark))
  if (where === 'here') return inDatabase(connection, address, ask)
  if (ask.links) return reachByLink(connection, ask, internal)
  return where === 'server'
    ? none('its table lies in another database of the same server, and PostgreSQL reads one at a time', LINK)
    : none('its table lies on another server', LINK)
}

const LINK = 'load: direct reads it through a link, which holds the credentials of the connection'

/** Where is this advisory lock held? Other servers do not know it. */
async function holderOf(connection: Connection, mark: bigint): Promise<'here' | 'server' | 'elsewhere'> {
  const rows = await connection.query(
    `select l.database = (select oid from pg_database where datname = current_database()) as here from pg_locks l ` +
      `where l.locktype = 'advisory' and l.granted and l.objsubid = 1 ` +
      `and (l.classid::bigint << 32 | l.objid::bigint) = ${mark}`,
  )
  if (rows.length === 0) return 'elsewhere'
  return rows.some((it) => it['here'] === true) ? 'here' : 'server'
}

async function inDatabase(
  connection: Connection,
  { schema, name }: ServerAddress,
  { fields }: ReachAsk,
): Promise<Reached> {
  const relation = postgres.relation(schema, name)
  const [row] = await connection.query(
    `select has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as granted, ` +
      `c.relrowsecurity and row_security_active(c.oid) as secured, current_user::text as role, ` +
      `exists (select 1 from pg_constraint k where k.conrelid = c.oid and k.contype = 'c') as checked ` +
      `from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ?`,
    [schema, name],
  )
  const { granted, secured, role, checked } = (row ?? {}) as Rights
  if (granted !== true)
    return none(
      `the warehouse's account may not read ${schema}.${name}`,
      `grant usage on schema ${postgres.quote(schema)} to ${postgres.quote(role ?? 'the account')}; ` +
        `grant select on ${relation} to ${postgres.quote(role ?? 'the account')};`,
    )
  if (secured) return none(`row security hides rows of ${schema}.${name} from the warehouse's account`)
  const columns = fields.map(columnFacts)
  return {
    how: 'database',
    because: 'its table lies in the database of the warehouse',
    relation,
    columns,
    ...(checked === true && { constrained: await finiteColumns(connection, relation, columns) }),
  }
}

interface Rights {
  granted?: boolean
  secured?: boolean
  role?: string
  checked?: boolean
}
