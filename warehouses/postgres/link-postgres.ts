import type { Field } from '../../core/field.ts'
import type { ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { none } from '../links.ts'
import { columnFacts } from './column-facts.ts'
import { postgres } from './dialect.ts'
import type { Link, Options } from './link-steps.ts'
import type { LinkColumn, Wrapper } from './link-wrapper.ts'

/**
 * postgres_fdw. Its sessions on the other side set what texts of values depend on by themselves.
 * Source: https://www.postgresql.org/docs/current/postgres-fdw.html
 */
export const postgresWrapper: Wrapper = {
  extension: 'postgres_fdw',
  package: "PostgreSQL's contrib modules (Debian: postgresql-contrib)",
  userOption: 'user',
  refuses({ user, password }, { superuser }) {
    if (user === undefined) return none('the connection names no account for a link to use')
    if (password === undefined && !superuser)
      return none(
        'PostgreSQL lets only superusers use links without a password',
        'give the connection a password, which its server asks for',
      )
    return undefined
  },
  server,
  table: ({ schema, name }) => ({
    schema_name: schema,
    table_name: name,
    // Costs a question when a query is planned; without it joins of a unified table go by guesses.
    use_remote_estimate: 'true',
    updatable: 'false',
  }),
  columns,
  relation: (table) => table,
  warnings: (columns) =>
    columns.some((it) => it.collation === '"POSIX"')
      ? ['text of the source sorts by other rules than in the warehouse: filters on it are answered here']
      : [],
  sees,
}

function server({ host, port, database, ssl }: ServerAddress, version: number): Options {
  return {
    host,
    port: String(port),
    ...(database !== undefined && { dbname: database }),
    ...encryption(ssl, version),
    application_name: 'polder',
    connect_timeout: '10',
    fetch_size: '10000',
    // Branches of a unified table that lie on several servers are read at the same time.
    ...(version >= 140_000 && { async_capable: 'true' }),
  }
}

function encryption(ssl: ServerAddress['ssl'], version: number): Options {
  if (!ssl) return { sslmode: 'disable' }
  if (!ssl.rejectUnauthorized) return { sslmode: 'require' }
  // Before 16 the certificates of those who are trusted lie in the home of the server's own account.
  return { sslmode: 'verify-full', ...(version >= 160_000 && { sslrootcert: 'system' }) }
}

/** Columns of other types than ours are left out: the warehouse may not know these types. */
async function columns(
  connection: Connection,
  { collations }: ServerAddress,
  fields: Field[],
): Promise<LinkColumn[]> {
  const there = (await collations?.()) ?? {}
  const [row] = await connection.query(LOCAL_COLLATION)
  const here = String(row!['collation'])
  return fields.map((field) => {
    const { name, sourceType } = field
    const facts = columnFacts(field)
    if (facts.stored === undefined) return { name, facts: { ...facts, json: undefined } }
    const collation = facts.stored.kind === 'text' ? collationOf(there[name], here) : undefined
    return { name, type: sourceType, facts, ...(collation && { collation }) }
  })
}

const LOCAL_COLLATION =
  `select concat_ws(' ', coalesce(to_jsonb(d)->>'datlocprovider', 'c'), ` +
  `coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', d.datcollate::text)) as collation ` +
  `from pg_database d where d.datname = current_database()`

/**
 * Comparisons are sent over there where the collations are said to be the same, and the other server compares by its own.
 * So only a column that sorts there as it is declared here may say so; no expression has the collation "POSIX".
 */
function collationOf(there: string | undefined, here: string): string | undefined {
  if (there === undefined) return undefined
  if (there === here) return undefined
  return /^c (?:C|POSIX)$/.test(there) ? '"C"' : '"POSIX"'
}

/** Asks the other server's own list of locks. */
async function sees(connection: Connection, { server, internal }: Link, mark: bigint): Promise<boolean> {
  const table = postgres.relation(internal, `${server.slice(-12)}__locks`)
  await connection.run(
    `create foreign table ${table} (locktype text, granted boolean, objsubid smallint, classid oid, objid oid) ` +
      `server ${postgres.quote(server)} options (schema_name 'pg_catalog', table_name 'pg_locks')`,
  )
  const bits = BigInt.asUintN(64, mark)
  const rows = await connection.query(
    `select 1 as one from ${table} where locktype = 'advisory' and granted and objsubid = 1 ` +
      `and classid = '${bits >> 32n}' and objid = '${bits & 0xffff_ffffn}'`,
  )
  return rows.length > 0
}
