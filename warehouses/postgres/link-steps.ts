import type { DdlStep } from '../../core/warehouse.ts'
import type { Connection } from '../engine.ts'
import { isLinkOf, linkComment } from '../links.ts'
import { postgres } from './dialect.ts'

const { quote, literal, relation } = postgres

export type Options = Record<string, string>

/** What a link is to be; what is there already is told by the catalog. */
export interface Link {
  extension: string
  server: string
  serverOptions: Options
  /** The account over there; `password` apart from the rest. */
  account: Options
  password?: string
  internal: string
  name: string
  columns: { name: string; type: string; collation?: string }[]
  tableOptions: Options
  dataset: string
}

/** DDL from what there is to what shall be; empty where all is as it should be. */
export async function linkSteps(connection: Connection, link: Link): Promise<DdlStep[]> {
  const there = await stored(connection, link)
  return [
    ...(there.extension ? [] : [extensionStep(link)]),
    ...serverSteps(link, there.server),
    ...accountSteps(link, there.server === undefined ? undefined : there.account),
    ...(there.table ? [] : [tableStep(link)]),
  ]
}

const step = (name: string, sql: string, secret?: string): DdlStep => ({
  name,
  sql,
  always: true,
  ...(secret !== undefined && { secret }),
})

const extensionStep = ({ extension, internal }: Link): DdlStep =>
  step(
    `create extension ${extension}`,
    `create extension if not exists ${extension} with schema ${quote(internal)}`,
  )

function serverSteps({ extension, server, serverOptions }: Link, there: Options | undefined): DdlStep[] {
  if (there === undefined) {
    const sql = `create server ${quote(server)} foreign data wrapper ${extension} options (${list(serverOptions)})`
    return [step(`create server ${server}`, sql)]
  }
  const changes = changed(there, serverOptions)
  if (changes.length === 0) return []
  return [step(`alter server ${server}`, `alter server ${quote(server)} options (${changes.join(', ')})`)]
}

/** For the warehouse's own role alone: who reads the views reads in its name. */
function accountSteps({ server, account, password }: Link, there: Options | undefined): DdlStep[] {
  const of = `user mapping for current_user server ${quote(server)}`
  const { password: known, ...rest } = there ?? {}
  if (there && known === password && changed(rest, account).length === 0) return []
  // The password first: the mask is the first text of the statement.
  const options = [...(password === undefined ? [] : [`password '***'`]), list(account)].join(', ')
  const create = `create ${of} options (${options})`
  return [
    ...(there ? [step(`drop user mapping of ${server}`, `drop ${of}`)] : []),
    step(`create user mapping of ${server}`, create, password),
  ]
}

function tableStep({ internal, name, server, columns, tableOptions, dataset }: Link): DdlStep {
  const table = relation(internal, name)
  const lines = columns.map(
    (it) => `${quote(it.name)} ${it.type}${it.collation ? ` collate ${it.collation}` : ''}`,
  )
  const create = `create foreign table ${table} (${lines.join(', ')}) server ${quote(server)} options (${list(tableOptions)})`
  const comment = `comment on foreign table ${table} is ${literal(linkComment(dataset))}`
  return step(`create link ${name}`, `${create};\n${comment}`)
}

const list = (options: Options): string =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${literal(value)}`)
    .join(', ')

function changed(there: Options, wanted: Options): string[] {
  const found: string[] = []
  for (const [name, value] of Object.entries(wanted))
    if (there[name] !== value) found.push(`${name in there ? 'set' : 'add'} ${name} ${literal(value)}`)
  for (const name of Object.keys(there)) if (!(name in wanted)) found.push(`drop ${name}`)
  return found
}

interface Stored {
  extension: boolean
  server?: Options
  account?: Options
  table: boolean
}

/** Options come as JSON: pairs of name and value in one text would be cut in values with an equals sign. */
async function stored(connection: Connection, { extension, server, internal, name }: Link): Promise<Stored> {
  const [row] = await connection.query(
    `select exists (select from pg_extension where extname = ?) as extension, ` +
      `(select ${asJson('s.srvoptions')}::text from pg_foreign_server s where s.srvname = ?) as server, ` +
      `(select ${asJson('m.umoptions')}::text from pg_user_mappings m where m.srvname = ? and m.usename = current_user) as account, ` +
      `exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ? and c.relkind = 'f') as linked`,
    [extension, server, server, internal, name],
  )
  const options = (value: unknown) => (typeof value === 'string' ? (JSON.parse(value) as Options) : undefined)
  return {
    extension: row!['extension'] === true,
    server: options(row!['server']),
    account: options(row!['account']),
    table: row!['linked'] === true,
  }
}

const asJson = (options: string): string =>
  `coalesce((select json_object_agg(o.option_name, o.option_value) from pg_options_to_table(${options}) o), '{}')`

/**
 * Drops the dataset's links but for the used ones. A server goes when nothing reads through it at that time: other links of
 * the same run may be made over it before.
 */
export async function unusedLinks(
  connection: Connection,
  internal: string,
  dataset: string,
  used: string[],
): Promise<DdlStep[]> {
  const rows = await connection.query(
    `select c.relname::text as name, s.srvname::text as server from pg_foreign_table f join pg_class c on c.oid = f.ftrelid ` +
      `join pg_namespace n on n.oid = c.relnamespace join pg_foreign_server s on s.oid = f.ftserver ` +
      `where n.nspname = ? order by c.relname`,
    [internal],
  )
  const links = (rows as { name: string; server: string }[]).filter(
    ({ name }) => !used.includes(name) && isLinkOf(dataset, name),
  )
  return [
    ...links.map(({ name }) =>
      step(`drop link ${name}`, `drop foreign table if exists ${relation(internal, name)}`),
    ),
    ...[...new Set(links.map((it) => it.server))].map(dropServer),
  ]
}

function dropServer(server: string): DdlStep {
  const unused =
    `exists (select from pg_foreign_server s where s.srvname = ${literal(server)} ` +
    `and not exists (select from pg_foreign_table f where f.ftserver = s.oid) ` +
    `and not exists (select from pg_user_mappings m where m.srvid = s.oid and m.usename <> current_user))`
  const drop = `drop user mapping if exists for current_user server ${quote(server)}; drop server ${quote(server)};`
  return step(`drop server ${server}, if unused`, `do $$ begin if ${unused} then ${drop} end if; end $$`)
}
