import type { ColumnFacts } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import { behindPooler, elsewhere, hint, usedFields } from '../links.ts'
import { factsOf, type TypeLine } from '../stored.ts'
import type { DuckConnection } from './connection.ts'
import { words } from './faults.ts'
import { type FetchedColumn, fetchSlice, table } from './fetch.ts'
import { broken, none } from './reached.ts'
import type { Form, ServerKind } from './server-kind.ts'
import { mysqlServer } from './server-mysql.ts'
import { postgresServer } from './server-postgres.ts'
import type { Servers } from './servers.ts'

const KINDS = { postgres: postgresServer, mysql: mysqlServer }

/** Tables of PostgreSQL, MySQL and MariaDB, through DuckDB's extensions: for copies alone. */
export async function reachServer(servers: Servers, address: ServerAddress, ask: ReachAsk): Promise<Reached> {
  const kind = KINDS[address.kind]
  const refusal = refused(servers, kind, address, ask) ?? (await behindPooler(address))
  if (refusal) return refusal
  const found = columnsOf(kind, usedFields(ask))
  if (!found) return none('names of its columns differ only in case, and DuckDB takes them for one')
  let server: string
  try {
    server = await servers.attach(kind, address, (name) => insistOnSource(servers, kind, address, name))
  } catch (error) {
    return notAttached(kind, address, error)
  }
  const relation = [address.schema, address.name].map(kind.quote).join('.')
  const plan = { kind, server, relation, columns: found.fetched }
  return {
    how: 'link',
    because: `DuckDB's extension ${kind.extension} reads its table on ${address.host}:${address.port}`,
    relation: table,
    columns: found.facts,
    fetch: {
      because: attachedOnly(kind),
      fill: (connection, slice) => fetchSlice(servers, plan, connection as DuckConnection, slice),
    },
  }
}

/** See docs/decisions/0010-files-in-place.md. */
const attachedOnly = ({ title }: ServerKind): string =>
  `DuckDB reads ${title} only through an attachment, which lives in one process: in all others a view over it would make the whole unified table fail`

function refused(
  servers: Servers,
  kind: ServerKind,
  { user, ssl, timeoutSeconds }: ServerAddress,
  { links }: ReachAsk,
): Reached | undefined {
  const { extension } = kind
  // Links are made for views.
  if (links) return none(attachedOnly(kind))
  if (!servers.isAllowed) return none(attachedOnly(kind), lacking(kind))
  if (user === undefined) return none(`the connection names no account for ${extension} to use`)
  if (ssl !== false && ssl.rejectUnauthorized)
    return none(`${extension} checks certificates by another list of authorities than the connection does`)
  if (timeoutSeconds !== undefined && !kind.times)
    return none(`${extension} cannot be told statement_timeout_seconds, which the connection asks for`)
  return undefined
}

const lacking = ({ extension }: ServerKind): string =>
  `DuckDB copies by itself with its extension ${extension}: name the folder that holds it as extension_directory of the warehouse, or let DuckDB fetch it: extensions: online`

/** @returns undefined where DuckDB takes two names for one */
function columnsOf(
  kind: ServerKind,
  fields: Field[],
): { facts: ColumnFacts[]; fetched: FetchedColumn[] } | undefined {
  const names = new Set(fields.map((it) => it.name.toLowerCase()))
  if (names.size < fields.length) return undefined
  const mark = markOf(names)
  const lines = kind.lines.map(([pattern, stored]): TypeLine => [pattern, stored])
  const fetched: FetchedColumn[] = []
  const facts = fields.map((field, at) => {
    const base = factsOf(field, lines, kind.nul)
    const form = base.stored && formOf(kind, field)
    if (!form) return { ...base, stored: undefined }
    const sound = form.here && `${mark}${at}`
    fetched.push({ name: field.name, form, ...(sound && { sound }) })
    return { ...base, ...(sound && { sound }) }
  })
  return { facts, fetched }
}

function formOf({ lines }: ServerKind, { sourceType }: Field): Form | undefined {
  for (const [pattern, , form] of lines) {
    const match = pattern.exec(sourceType.toLowerCase())
    if (match) return form(...match.slice(1).map(Number))
  }
  return undefined
}

/** What no column's name begins with. */
function markOf(names: Set<string>): string {
  let mark = '~'
  while ([...names].some((it) => it.startsWith(mark))) mark += '~'
  return mark
}

class Elsewhere extends Error {}

async function insistOnSource(
  servers: Servers,
  kind: ServerKind,
  address: ServerAddress,
  name: string,
): Promise<void> {
  const isSource = await address.withMark((mark) =>
    servers.use(async (connection) => {
      const found = await connection.runAndReadAll(`select * from ${kind.query(name, kind.sees(mark))}`)
      return found.currentRowCount > 0
    }),
  )
  if (!isSource) throw new Elsewhere()
}

const LACKING = /not in the catalog|Autoloading Error|Extension .* not found/s

function notAttached(kind: ServerKind, address: ServerAddress, error: unknown): Reached {
  if (error instanceof Elsewhere) return { ...elsewhere(address), broken: true }
  const message = error instanceof Error ? error.message : ''
  if (LACKING.test(message)) return broken(`DuckDB's extension ${kind.extension} is not here`, lacking(kind))
  const [, reason = words(error)] = /": (.*)/.exec(message) ?? []
  return broken(
    `DuckDB's extension ${kind.extension} does not reach ${address.host}:${address.port} (${reason})`,
    hint(address),
  )
}
