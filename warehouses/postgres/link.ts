import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { DdlStep } from '../../core/warehouse.ts'
import type { Connection } from '../engine.ts'
import { behindPooler, elsewhere, hint, linkName, none, serverName, usedFields } from '../links.ts'
import { postgres } from './dialect.ts'
import { fault, words } from './faults.ts'
import { mysqlWrapper } from './link-mysql.ts'
import { postgresWrapper } from './link-postgres.ts'
import { type Link, linkSteps } from './link-steps.ts'
import { inTrial } from './link-trial.ts'
import type { LinkColumn, Rights, Wrapper } from './link-wrapper.ts'

const WRAPPERS = { postgres: postgresWrapper, mysql: mysqlWrapper }

/** A table of another server, or of another database of this one, through a foreign data wrapper. */
export async function reachByLink(connection: Connection, ask: ReachAsk, internal: string): Promise<Reached> {
  const address = ask.address as ServerAddress
  const wrapper = WRAPPERS[address.kind]
  const rights = await rightsOf(connection, wrapper)
  const obstacle =
    wrapper.refuses(address, rights) ?? missingRight(wrapper, rights) ?? (await behindPooler(address))
  if (obstacle) return obstacle
  const fields = usedFields(ask)
  const columns = await wrapper.columns(connection, address, fields)
  const link = linkOf(wrapper, address, ask, internal, columns, rights.version)
  const steps = await linkSteps(connection, link)
  const refusal = await tried(connection, wrapper, link, address, steps)
  if (refusal) return refusal
  const table = postgres.relation(internal, link.name)
  return {
    how: 'link',
    because: `${wrapper.extension} reads its table on ${address.host}:${address.port}`,
    relation: wrapper.relation(table, columns, fields),
    columns: columns.map((it) => it.facts),
    steps,
    links: [link.name],
    warnings: wrapper.warnings(columns),
  }
}

function linkOf(
  wrapper: Wrapper,
  address: ServerAddress,
  { connection, dataset }: ReachAsk,
  internal: string,
  columns: LinkColumn[],
  version: number,
): Link {
  const server = serverName(connection, [wrapper.extension, internal])
  const declared = columns.flatMap(({ name, type, collation }) =>
    type === undefined ? [] : [{ name, type, ...(collation && { collation }) }],
  )
  const tableOptions = wrapper.table(address, version)
  return {
    extension: wrapper.extension,
    server,
    serverOptions: wrapper.server(address, version),
    account: { [wrapper.userOption]: address.user! },
    ...(address.password !== undefined && { password: address.password }),
    internal,
    name: linkName(dataset, [server, declared, tableOptions]),
    columns: declared,
    tableOptions,
    dataset,
  }
}

async function rightsOf(connection: Connection, { extension }: Wrapper): Promise<Rights> {
  const [row] = await connection.query(
    `select current_setting('server_version_num')::int as version, current_user::text as role, ` +
      `(select rolsuper from pg_roles where rolname = current_user) as superuser, ` +
      `exists (select from pg_extension where extname = ?) as made, ` +
      `exists (select from pg_available_extensions where name = ?) as installed, ` +
      `coalesce((select has_foreign_data_wrapper_privilege(oid, 'USAGE') from pg_foreign_data_wrapper where fdwname = ?), false) as usage`,
    [extension, extension, extension],
  )
  return row as unknown as Rights
}

/** What only an administrator of the warehouse can give. */
function missingRight(
  { extension, package: files }: Wrapper,
  { made, installed, superuser, usage, role }: Rights,
): Reached | undefined {
  if (!made && !installed)
    return none(
      `the extension ${extension} is not installed on the machine of the warehouse`,
      `install there ${files}`,
    )
  const grant = `grant usage on foreign data wrapper ${extension} to ${postgres.quote(role)};`
  if (!made && !superuser)
    return none(
      `the warehouse's account may not create the extension ${extension}`,
      `an administrator runs in the warehouse's database: create extension ${extension}; ${grant}`,
    )
  if (made && !usage)
    return none(
      `the warehouse's account may not use ${extension}`,
      `an administrator runs in the warehouse's database: ${grant}`,
    )
  return undefined
}

/** Makes the link, reads through it, and takes all back: what would fail in a run is told before it. */
async function tried(
  connection: Connection,
  wrapper: Wrapper,
  link: Link,
  address: ServerAddress,
  steps: DdlStep[],
): Promise<Reached | undefined> {
  try {
    const isSource = await address.withMark((mark) =>
      inTrial(connection, steps, async () => {
        if (!(await wrapper.sees(connection, link, mark))) return false
        await connection.query(`select * from ${postgres.relation(link.internal, link.name)} limit 0`)
        return true
      }),
    )
    return isSource ? undefined : elsewhere(address)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === undefined || (fault(error) === 'lost' && !code.startsWith('08'))) throw error
    return none(
      `the link to ${address.host}:${address.port} does not work: ${reasonOf(error)}`,
      remedyOf(code, address),
    )
  }
}

/** No connection, of either wrapper; no question for the password, which only superusers may go without. */
function remedyOf(code: string, address: ServerAddress): string | undefined {
  if (code.startsWith('08') || code === 'HV00N') return hint(address)
  return code === '2F003'
    ? "its server must ask for the account's password (pg_hba.conf: scram-sha-256)"
    : undefined
}

/** What the other server said stands in the detail. */
function reasonOf(error: unknown): string {
  const { detail } = error as { detail?: string }
  const said = words(error)
  const more = detail && !/^2[23]/.test((error as { code: string }).code) ? ` (${detail.trim()})` : ''
  return `${said}${more}`.replaceAll(/\s+/g, ' ').replace(/\.$/, '')
}
