import type { ColumnFacts } from '../../core/expr.ts'
import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { none, usedFields } from '../links.ts'
import { type Flavour, quote } from './dialect.ts'
import { linkColumn } from './link-columns.ts'
import { linkOf, linkSteps } from './link-steps.ts'
import { tried } from './link-trial.ts'

/**
 * A table of another server through FEDERATED. It sends conditions on columns that have a key here and compares all
 * rows that come back once more: see `linkColumn` for those that have one.
 * Source: https://mariadb.com/kb/en/federatedx-storage-engine/
 */
export async function reachByLink(connection: Connection, ask: ReachAsk, internal: string): Promise<Reached> {
  const address = ask.address as ServerAddress
  const flavour = await flavourOf(connection)
  const obstacle = refusal(address) ?? (await missingRight(connection, flavour))
  if (obstacle) return obstacle
  const failure = await tried(connection, address, ask, internal)
  if (failure) return failure
  const zone = (await address.zone?.()) ?? '?'
  const keys = { flavour, joined: ask.joined === true, zone }
  const columns = usedFields(ask).map((it) => linkColumn(it, keys))
  const link = linkOf(address, ask, internal, flavour, columns)
  return {
    how: 'link',
    because: `FEDERATED reads its table on ${address.host}:${address.port}`,
    relation: link.table,
    columns,
    steps: await linkSteps(connection, link, address, internal),
    links: [link.name],
    warnings: [sent(address, columns), ...(await openDoor(connection))],
  }
}

function sent({ name }: ServerAddress, columns: ColumnFacts[]): string {
  const said = columns.filter((it) => it.stored !== undefined)
  const list = said.map((it) => quote(it.name)).join(', ')
  return (
    `FEDERATED sends SELECT ${list} FROM ${quote(name)}, with the filters that the source answers; what comes back lies ` +
    'in the memory of the warehouse while a query runs'
  )
}

/** A function of SPIDER that asks for no right. Dropped, it is there again when the server starts anew. */
async function openDoor(connection: Connection): Promise<string[]> {
  if (!(await hasEngine(connection, 'SPIDER'))) return []
  try {
    await connection.query('select spider_direct_sql() as x')
  } catch (error) {
    // There is such a function, and it wants arguments.
    if ((error as { errno?: number }).errno !== CANNOT_INITIALISE) return []
  }
  return [
    "spider_direct_sql lets every account of the warehouse's server send statements to the source as the account of the " +
      "link, if it knows the link's name: an administrator runs there: uninstall soname 'ha_spider';",
  ]
}

const CANNOT_INITIALISE = 1123

async function hasEngine(connection: Connection, name: 'FEDERATED' | 'SPIDER'): Promise<boolean> {
  const rows = await connection.query(
    `select 1 as one from information_schema.engines where engine = ? and support in ('YES', 'DEFAULT')`,
    [name],
  )
  return rows.length > 0
}

async function flavourOf(connection: Connection): Promise<Flavour> {
  const [row] = await connection.query('select version() as version')
  return String(row!['version']).includes('MariaDB') ? 'mariadb' : 'mysql'
}

function refusal({ ssl, user }: ServerAddress): Reached | undefined {
  if (user === undefined) return none('the connection names no account for a link to use')
  return ssl ? none('FEDERATED does not encrypt, which the connection asks for') : undefined
}

/** What only an administrator of the warehouse can give. */
async function missingRight(connection: Connection, flavour: Flavour): Promise<Reached | undefined> {
  if (!(await hasEngine(connection, 'FEDERATED')))
    return none(
      "the warehouse's server does not have the engine FEDERATED",
      flavour === 'mariadb'
        ? "an administrator runs there: install soname 'ha_federatedx';"
        : 'an administrator starts it with federated in my.cnf',
    )
  const [{ role, rights }] = (await connection.query(
    `select current_user() as role, (select count(*) from information_schema.user_privileges ` +
      `where privilege_type in ('FEDERATED ADMIN', 'SUPER') ` +
      `and grantee = concat('''', replace(current_user(), '@', '''@'''), '''')) as rights`,
  )) as [{ role: string; rights: number }]
  if (Number(rights) > 0) return undefined
  const account = role.replace(/^(.*)@(.*)$/, "'$1'@'$2'")
  const right = flavour === 'mariadb' ? 'federated admin' : 'super'
  return none(
    "the warehouse's account may not create servers",
    `an administrator runs there: grant ${right} on *.* to ${account};`,
  )
}
