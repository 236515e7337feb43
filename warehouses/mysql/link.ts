import type { ColumnFacts } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { none, usedFields } from '../links.ts'
import { columnFacts } from './column-facts.ts'
import type { Flavour } from './dialect.ts'
import { linkOf, linkSteps } from './link-steps.ts'
import { tried } from './link-trial.ts'

/**
 * A table of another server through FEDERATED. It has no keys here, so that every query over it reads all rows and
 * compares them here: the other server's collations decide nothing.
 * Source: https://mariadb.com/kb/en/federatedx-storage-engine/
 */
export async function reachByLink(connection: Connection, ask: ReachAsk, internal: string): Promise<Reached> {
  const address = ask.address as ServerAddress
  const flavour = await flavourOf(connection)
  const obstacle = refusal(address) ?? (await missingRight(connection, flavour))
  if (obstacle) return obstacle
  const failure = await tried(connection, address, ask, internal)
  if (failure) return failure
  const columns = usedFields(ask).map(factsOf)
  const link = linkOf(address, ask, internal, flavour, columns)
  return {
    how: 'link',
    because: `FEDERATED reads its table on ${address.host}:${address.port}`,
    relation: link.table,
    columns,
    steps: await linkSteps(connection, link, address, internal),
    links: [link.name],
    warnings: [
      'FEDERATED sends no filter: every query brings all rows of the source into the memory of the warehouse',
    ],
  }
}

/** Its text protocol cuts digits of a float, and maybe of a double. Names are as long here as there. */
function factsOf(field: Field): ColumnFacts {
  const facts = columnFacts(field)
  return facts.stored?.kind === 'double' ? { ...facts, stored: undefined } : facts
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
  const [engine] = await connection.query(
    `select support from information_schema.engines where engine = 'FEDERATED' and support in ('YES', 'DEFAULT')`,
  )
  if (!engine)
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
