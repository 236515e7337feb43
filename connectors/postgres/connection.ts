import type { Client, CustomTypesConfig } from 'pg'
import { identifiedAs } from '../../sdk/index.ts'
import type { Address } from '../sql-options.ts'
import type { Raw, Statement } from '../sql-types.ts'
import type { Ask } from './catalog.ts'
import { copyRows } from './copy.ts'

/** Sessions of this name only read: no split waits for them. */
export const READER = 'polder reader'

const CONNECT_TIMEOUT_MS = 15_000

/** Every value as the server's text: the driver's own conversions lose digits, zones and microseconds. */
const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (text: string) => text } as CustomTypesConfig

/**
 * Fixes how values are written; `local`, since a pooler may hand the session to somebody else afterwards. That one must not
 * keep the name either: its transactions would be taken for readings.
 */
export const begin = (
  timeoutSeconds: number,
): string => `begin transaction isolation level read committed read only;
set local application_name = '${READER}'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601'; set local timezone = 'UTC';
set local extra_float_digits = 3; set local bytea_output = 'hex'; set local lc_monetary = 'C';
set local statement_timeout = ${Math.trunc(timeoutSeconds * 1000)}`

export interface PgSettings {
  address: Address
  statementTimeoutSeconds: number
}

/** The server's process of each connection. The number that a pooler gives is its own. */
const backends = new WeakMap<Client, string>()

/** Does a pooler stand before the server? */
export async function isPooled(settings: PgSettings): Promise<boolean> {
  const client = await connect(settings)
  const { processID } = client as unknown as Wired
  await client.end()
  return String(processID) !== backends.get(client)
}

/** A connection inside a read-only transaction. */
export async function connect({ address, statementTimeoutSeconds }: PgSettings): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    ...address,
    ssl: address.ssl && { ...address.ssl, ...(address.ssl.rejectUnauthorized && identifiedAs(address.host)) },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: AS_TEXT,
  })
  // A lost connection rejects the query in hand; without a listener it would end the process as well.
  client.on('error', () => {})
  await client.connect()
  try {
    const text = `${begin(statementTimeoutSeconds)}; select pg_backend_pid()`
    const results = (await client.query({ text, rowMode: 'array' })) as unknown as { rows: [string][] }[]
    backends.set(client, results.at(-1)!.rows[0]![0])
  } catch (error) {
    await client.end()
    throw error
  }
  return client
}

export const asker =
  (client: Client): Ask =>
  async (text, values) =>
    (await client.query({ text, values, rowMode: 'array' })).rows as (string | null)[][]

const FIRST_FETCH_ROWS = 100
const MAX_FETCH_ROWS = 2000
/** Rows may be large: what one fetch brings is bounded by bytes too, from what the last one brought. */
const FETCH_BYTES = 2_000_000

/**
 * Streams a query; an abort cancels it on the server and drops the connection. Without parameters, as a full read
 * from its beginning is, by COPY: half as fast again as a cursor, and the same values.
 */
export async function* stream(
  settings: PgSettings,
  { sql, binds }: Statement,
  signal: AbortSignal,
): AsyncGenerator<Raw[][]> {
  const client = await connect(settings)
  const drop = () => void abandon(client, settings)
  let isWhole = false
  signal.addEventListener('abort', drop, { once: true })
  try {
    signal.throwIfAborted()
    await lockTables(client, { sql, binds })
    yield* binds.length === 0 ? copyRows(client, sql) : cursorRows(client, { sql, binds })
    isWhole = true
  } finally {
    signal.removeEventListener('abort', drop)
    // A COPY left in the middle would run on to its end.
    if (isWhole || binds.length > 0) await client.end().catch(() => {})
    else drop()
  }
}

/**
 * Locks what the query reads, as reading does, before it takes its snapshot. One that took it first and then waited
 * for an ALTER TABLE which rewrites the table would find the table empty.
 * @see https://www.postgresql.org/docs/current/mvcc-caveats.html
 */
async function lockTables(client: Client, { sql, binds }: Statement): Promise<void> {
  await client.query({ text: `explain ${sql}`, values: binds })
}

/** Rows in portions that a cursor fetches. */
export async function* cursorRows(client: Client, { sql, binds }: Statement): AsyncGenerator<Raw[][]> {
  const { default: Cursor } = await import('pg-cursor')
  const config = { rowMode: 'array' as const, types: AS_TEXT }
  const cursor = client.query(new Cursor<Raw[]>(sql, binds, config))
  let rows = await cursor.read(FIRST_FETCH_ROWS)
  while (rows.length > 0) {
    // The server fetches on while these rows are worked on.
    const next = cursor.read(nextFetch(rows))
    next.catch(() => {})
    yield rows
    rows = await next
  }
}

function nextFetch(rows: Raw[][]): number {
  let bytes = 0
  for (const row of rows) for (const value of row) bytes += typeof value === 'string' ? value.length : 0
  const fits = Math.floor((FETCH_BYTES * rows.length) / Math.max(1, bytes))
  return Math.max(1, Math.min(MAX_FETCH_ROWS, fits, rows.length * 10))
}

interface Wired {
  processID: number | null
  connection: { stream: { destroy(): void } }
}

/** Leaves a query at once. The server notices a closed socket only when it writes, so it is told as well. */
async function abandon(client: Client, settings: PgSettings): Promise<void> {
  const { connection } = client as unknown as Wired
  const backend = backends.get(client)
  connection.stream.destroy()
  if (backend === undefined) return
  try {
    const other = await connect(settings)
    await other.query('select pg_cancel_backend($1)', [backend])
    await other.end()
  } catch {
    // Then it ends by itself when it next writes.
  }
}
