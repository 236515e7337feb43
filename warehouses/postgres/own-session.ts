import pg from 'pg'
import { ConfigError } from '../../core/errors.ts'
import type { Server } from './server.ts'

const TIMEOUT_MS = 5000

/** Poolers that were found to give a client one session for as long as it stays. */
const proven = new WeakSet<Server>()

/**
 * Temporary tables, settings and locks of Polder live in a session. A pooler that gives each transaction to any of its sessions
 * would lose them, or leave them to others.
 *
 * A pooler greets with a number of its own instead of that of the server's process. Whether it shares sessions shows when another
 * client begins a transaction while this one has none: it is given the session that was used last. One that takes turns instead
 * gives this one another session for its second question.
 *
 * @throws {ConfigError} E617
 */
export async function insistOnOwnSession(client: pg.Client, server: Server): Promise<void> {
  const own = await backendOf(client)
  if (own === String((client as unknown as { processID: number | null }).processID) || proven.has(server))
    return
  if ((await backendOf(client)) !== own) throw shared()
  const other = new pg.Client({ ...server, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS })
  other.on('error', () => {})
  try {
    await other.connect()
    await other.query('begin')
    if ((await backendOf(other)) === own) throw shared()
    await other.query('rollback')
  } catch (error) {
    throw /pooling mode|Query read timeout/.test((error as Error).message) ? shared(error) : error
  } finally {
    void other.end().catch(() => {})
  }
  proven.add(server)
}

async function backendOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query('select pg_backend_pid() as pid')
  return String(rows[0].pid)
}

const shared = (cause?: unknown): ConfigError =>
  new ConfigError('E617', {
    problem: 'Between Polder and the warehouse stands a pooler that shares its sessions among clients.',
    remedy:
      'Give the url of the warehouse the server itself, or a pool with pool_mode = session and several sessions.',
    cause,
  })
