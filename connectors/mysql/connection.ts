import type { Connection, ConnectionOptions } from 'mysql2'
import type { Address } from '../sql-options.ts'
import type { Raw, Statement } from '../sql-types.ts'
import type { Ask } from './catalog.ts'

const CONNECT_TIMEOUT_MS = 15_000
/** The server ends a connection whose reader pauses for longer; its own default is 60 s. */
const WRITE_TIMEOUT_SECONDS = 3600

export interface MysqlSettings {
  address: Address
  statementTimeoutSeconds: number
}

/** The driver's defaults round large integers and read dates in the process's zone. */
const SAFE: ConnectionOptions = {
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  jsonStrings: true,
  charset: 'utf8mb4',
  rowsAsArray: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  enableKeepAlive: true,
  connectAttributes: { program_name: 'polder' },
}

/** A read-only connection in UTC. */
export async function connect(settings: MysqlSettings): Promise<Connection> {
  const { createConnection } = await import('mysql2')
  const { ssl, ...address } = settings.address
  const connection = createConnection({
    ...address,
    ...SAFE,
    ...(ssl && { ssl: { ...ssl, verifyIdentity: ssl.rejectUnauthorized } }),
  })
  // A lost connection fails the query in hand; without a listener it would end the process as well.
  connection.on('error', () => {})
  try {
    await new Promise<void>((done, fail) => connection.connect((error) => (error ? fail(error) : done())))
    await prepare(connection, settings)
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  }
}

async function prepare(connection: Connection, { statementTimeoutSeconds }: MysqlSettings): Promise<void> {
  const ask = asker(connection)
  // The mode decides how zero dates compare and how text escapes; the server's default differs by version.
  await ask(`set time_zone = '+00:00', sql_mode = 'NO_ENGINE_SUBSTITUTION',
             net_write_timeout = ${WRITE_TIMEOUT_SECONDS}`)
  await ask('set session transaction read only')
  if (statementTimeoutSeconds <= 0) return
  const [row] = await ask('select version()')
  const isMaria = String(row![0]).includes('MariaDB')
  const [name, value] = isMaria
    ? ['max_statement_time', statementTimeoutSeconds]
    : ['max_execution_time', statementTimeoutSeconds * 1000]
  await ask(`set session ${name} = ${Math.trunc(value)}`)
}

export const asker =
  (connection: Connection): Ask =>
  (sql, binds = []) =>
    new Promise((done, fail) => {
      connection.query(sql, binds, (error, rows) =>
        error ? fail(error) : done(rows as unknown as (string | number | null)[][]),
      )
    })

export const ping = (connection: Connection): Promise<void> =>
  new Promise((done, fail) => connection.ping((error) => (error ? fail(error) : done())))

export const end = (connection: Connection): Promise<void> =>
  new Promise((done) => connection.end(() => done()))

/** `?` as the values, escaped by the driver; `\?` is a question mark of a name, which the driver would fill too. */
export async function filled({ sql, binds }: Statement): Promise<string> {
  const driver = await import('mysql2')
  let next = 0
  return sql.replace(/\\\?|\?/g, (mark) => (mark === '?' ? driver.escape(binds[next++]) : '?'))
}

const CHUNK_ROWS = 2000
const CHUNK_BYTES = 2_000_000

/** Streams a query with back-pressure; an abort kills it on the server and drops the connection. */
export async function* stream(
  settings: MysqlSettings,
  statement: Statement,
  signal: AbortSignal,
): AsyncGenerator<Raw[][]> {
  const connection = await connect(settings)
  const rows = new RowQueue(connection)
  const abort = () => {
    rows.fail(signal.reason)
    abandon(connection, settings)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    const query = connection.query({ sql: await filled(statement), rowsAsArray: true })
    query.on('result', (row) => rows.push(row as unknown as Raw[]))
    query.on('error', (error) => rows.fail(error))
    // The driver tells a lost connection to queries with a callback only, else to the connection.
    connection.on('error', (error) => rows.fail(error))
    query.on('end', () => rows.end())
    yield* rows.chunks()
    await end(connection)
  } finally {
    signal.removeEventListener('abort', abort)
    // A query left in the middle cannot be ended, only dropped.
    connection.destroy()
  }
}

/** Rows that arrived and were not yet taken; the connection pauses while there are enough of them. */
class RowQueue {
  private readonly connection: Connection
  private rows: Raw[][] = []
  private bytes = 0
  private state: 'open' | 'ended' | { error: unknown } = 'open'
  private wake: () => void = () => {}

  constructor(connection: Connection) {
    this.connection = connection
  }

  push(row: Raw[]): void {
    this.rows.push(row)
    for (const value of row)
      if (typeof value === 'string' || Buffer.isBuffer(value)) this.bytes += value.length
    if (!this.isFull()) return
    this.connection.pause()
    this.wake()
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended'
    this.wake()
  }

  fail(error: unknown): void {
    if (this.state === 'open') this.state = { error }
    this.wake()
  }

  async *chunks(): AsyncGenerator<Raw[][]> {
    for (;;) {
      while (this.state === 'open' && !this.isFull()) await this.change()
      if (typeof this.state === 'object') throw this.state.error
      const taken = this.rows
      this.rows = []
      this.bytes = 0
      if (taken.length === 0) return
      this.connection.resume()
      yield taken
    }
  }

  private isFull(): boolean {
    return this.rows.length >= CHUNK_ROWS || this.bytes >= CHUNK_BYTES
  }

  private change(): Promise<void> {
    return new Promise((done) => {
      this.wake = done
    })
  }
}

function abandon(connection: Connection, settings: MysqlSettings): void {
  const id = connection.threadId
  connection.destroy()
  void kill(settings, id)
}

/** The server notices a closed socket only when it writes, so it is told as well. */
async function kill(settings: MysqlSettings, id: number): Promise<void> {
  try {
    const other = await connect(settings)
    await asker(other)(`kill ${id}`)
    other.destroy()
  } catch {
    // Then it ends by itself when it next writes.
  }
}
