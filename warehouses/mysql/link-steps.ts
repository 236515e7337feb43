import type { ColumnFacts } from '../../core/expr.ts'
import type { ReachAsk, ServerAddress } from '../../core/reach.ts'
import type { DdlStep } from '../../core/warehouse.ts'
import type { Connection } from '../engine.ts'
import { isLinkOf, linkComment, linkName } from '../links.ts'
import { collation, type Flavour, literal, quote } from './dialect.ts'
import { fault } from './faults.ts'
import { columnLines } from './link-columns.ts'

export interface FederatedLink {
  name: string
  /** Quoted. */
  table: string
  create: string
}

/** A server of its own for each dataset: it goes when the link goes. */
export function linkOf(
  address: ServerAddress,
  { dataset }: ReachAsk,
  internal: string,
  flavour: Flavour,
  columns: ColumnFacts[],
): FederatedLink {
  const { host, port, schema, user } = address
  const lines = columnLines(columns)
  const suffix = `engine = FEDERATED default character set utf8mb4 collate ${collation(flavour)}`
  const name = linkName(dataset, [internal, host, port, schema, user, address.name, lines])
  const at = `connection = ${literal(`${name}/${address.name}`)} comment = ${literal(linkComment(dataset))}`
  const table = `${quote(internal)}.${quote(name)}`
  return { name, table, create: `create table ${table} (${lines.join(', ')}) ${suffix} ${at}` }
}

export async function linkSteps(
  connection: Connection,
  { name, table, create }: FederatedLink,
  address: ServerAddress,
  internal: string,
): Promise<DdlStep[]> {
  const [there] = await connection.query(
    'select 1 as one from information_schema.tables where table_schema = ? and table_name = ?',
    [internal, name],
  )
  const isKnown = there !== undefined && (await knownPassword(connection, name)) === (address.password ?? '')
  if (isKnown) return []
  // The table holds on to the password that its server had when it was opened.
  return [
    ...(there ? [dropTable(name, table)] : []),
    ...serverSteps(name, address, address.schema),
    { name: `create link ${name}`, sql: create, always: true },
  ]
}

const dropTable = (name: string, table: string): DdlStep => ({
  name: `drop link ${name}`,
  sql: `drop table if exists ${table}`,
  always: true,
})

export function serverSteps(server: string, address: ServerAddress, database: string): DdlStep[] {
  const { host, port, user, password } = address
  const options = [
    // First: the mask is the first text of the statement.
    ...(password === undefined ? [] : [`password '***'`]),
    `host ${literal(host)}`,
    `port ${port}`,
    `database ${literal(database)}`,
    `user ${literal(user!)}`,
  ]
  const create = `create server ${quote(server)} foreign data wrapper mysql options (${options.join(', ')})`
  return [
    { name: `drop server ${server}`, sql: `drop server if exists ${quote(server)}`, always: true },
    {
      name: `create server ${server}`,
      sql: create,
      always: true,
      ...(password !== undefined && { secret: password }),
    },
  ]
}

/** @returns undefined where there is no such server, or this account may not see it: then it is made anew */
async function knownPassword(connection: Connection, server: string): Promise<string | undefined> {
  const rows = await connection
    .query('select Password as password from mysql.servers where Server_name = ?', [server])
    .catch((error: unknown) => {
      if (fault(error) !== 'denied') throw error
      return []
    })
  return rows[0] === undefined ? undefined : String(rows[0]['password'])
}

/** See `WarehouseSession.unusedLinkSteps`. A link and its server have one name. */
export async function unusedLinks(
  connection: Connection,
  internal: string,
  dataset: string,
  used: string[],
): Promise<DdlStep[]> {
  const rows = await connection.query(
    `select table_name as name from information_schema.tables where table_schema = ? and table_name like 'link\\_\\_%'`,
    [internal],
  )
  return rows
    .map(({ name }) => String(name))
    .filter((name) => !used.includes(name) && isLinkOf(dataset, name))
    .flatMap((name) => [
      dropTable(name, `${quote(internal)}.${quote(name)}`),
      { name: `drop server ${name}`, sql: `drop server if exists ${quote(name)}`, always: true },
    ])
}
