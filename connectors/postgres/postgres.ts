/**
 * PostgreSQL 12 and later: tables, views, materialized views and foreign tables of one database.
 *
 * Source  https://www.postgresql.org/docs/current/
 * Paging  one streaming query, by COPY or through a cursor; resumed by keyset `(mark, key) > (…)`
 * Cursor  none proposed: name a column that grows with every change
 * Blind   deleted rows; rows whose cursor is NULL; numbers handed out before the transaction that writes them
 */
import { randomBytes } from 'node:crypto'
import { defineConnector } from '../../sdk/index.ts'
import { addressOf, sqlOptions } from '../sql-options.ts'
import { sqlReader } from '../sql-reader.ts'
import type { SqlEngine, SqlSession } from '../sql-types.ts'
import { COLLATIONS, columns, key, tables } from './catalog.ts'
import { asker, begin, connect, isPooled, type PgSettings, READER, stream } from './connection.ts'
import { pgFault } from './faults.ts'
import { localNow, oldestStart, writers } from './writers.ts'

export const postgres = defineConnector({
  name: 'postgres',
  title: 'PostgreSQL',
  options: sqlOptions('postgres://reader:${env:SHOP_PASSWORD}@db.example.com/shop'),
  open({ connection, options }) {
    const address = addressOf(options, { protocols: ['postgres', 'postgresql'], port: 5432 }, connection)
    const settings = { address, statementTimeoutSeconds: options.statement_timeout_seconds }
    return sqlReader(engineOf(settings, connection, options.timezone), connection)
  },
})

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

function engineOf(settings: PgSettings, connection: string, timezone: string | undefined): SqlEngine {
  const { host, port, user } = settings.address
  return {
    builder: 'pg',
    rowComparison: true,
    parallel: true,
    defaultSchema: 'public',
    timezone,
    settleMs: SETTLE_MS,
    alters: true,
    connect: () => openSession(settings),
    stream: (statement, signal) => stream(settings, statement, signal),
    address: ({ schema, name }) => ({
      kind: 'postgres',
      ...settings.address,
      schema,
      name,
      ...(settings.statementTimeoutSeconds > 0 && { timeoutSeconds: settings.statementTimeoutSeconds }),
      reader: READER,
      withMark: (look) => withMark(settings, look),
      pooled: () => isPooled(settings),
      collations: () => collationsOf(settings, { schema, name }),
    }),
    grant: ({ schema, name }) => {
      const role = user === undefined ? 'the account' : quote(user)
      return `grant usage on schema ${quote(schema)} to ${role}; grant select on ${quote(schema)}.${quote(name)} to ${role};`
    },
    fault: (error, from) => pgFault(error, { connection, server: `${host}:${port}`, from }),
  }
}

const SETTLE_MS = 300

/** Held by a transaction, so that a pooler in between does no harm. */
async function withMark<T>(settings: PgSettings, look: (mark: bigint) => Promise<T>): Promise<T> {
  const mark = randomBytes(8).readBigInt64BE()
  const client = await connect(settings)
  try {
    await client.query(`select pg_advisory_xact_lock_shared(${mark})`)
    return await look(mark)
  } finally {
    await client.end()
  }
}

async function collationsOf(
  settings: PgSettings,
  table: { schema: string; name: string },
): Promise<Record<string, string>> {
  const client = await connect(settings)
  try {
    const { rows } = await client.query<[string, string]>({
      text: COLLATIONS,
      values: [table.schema, table.name],
      rowMode: 'array',
    })
    return Object.fromEntries(rows)
  } finally {
    await client.end()
  }
}

const NOW = `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

async function openSession(settings: PgSettings): Promise<SqlSession> {
  const client = await connect(settings)
  const ask = asker(client)
  const one = async (sql: string): Promise<string> => (await ask(sql))[0]![0]!
  const say = async (sql: string): Promise<void> => void (await client.query(sql))
  return {
    version: async () => `PostgreSQL ${(await one('show server_version')).split(' ')[0]}`,
    tables: () => tables(ask),
    estimate: async (table) => table.rows,
    columns: (table) => columns(ask, table),
    key: (table) => key(ask, table),
    now: () => one(NOW),
    localNow: () => localNow(ask),
    writers: () => writers(ask),
    oldestStart: () => oldestStart(ask),
    rows: ({ sql, binds }) => ask(sql, binds as string[]),
    rest: () => say('commit'),
    wake: () => say(begin(settings.statementTimeoutSeconds)),
    close: () => client.end(),
  }
}
