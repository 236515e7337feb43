import type { Connection, ServerSessions } from '../engine.ts'
import { bug } from '../errors.ts'

/** As many sessions as there are writers may work for one lease. */
const MOST = 64
const SILENT_SECONDS = 5

const nameOf = (lease: string, index: number): string => `polder/${lease}/${index}`
const names = (lease: string): string[] => Array.from({ length: MOST }, (_, i) => nameOf(lease, i))

interface Shown {
  id: number
  /** NULL where it is another user's, or gone. */
  command: string | null
  state: string | null
  time: number | null
}

/** In the middle of LOAD DATA, as MariaDB and as MySQL call it. */
const READING = new Set(['Reading from net', 'Receiving from client'])

const isSilent = ({ command, state, time }: Shown): boolean =>
  command === null ||
  ((command === 'Sleep' || READING.has(state ?? '')) && (time ?? SILENT_SECONDS) >= SILENT_SECONDS)

/**
 * A session holds a named lock for its lease, the first that is free of 64, so the lease leads to the very session that
 * works for it now, and the lock ends with it.
 * Source: https://mariadb.com/kb/en/get_lock/, https://mariadb.com/kb/en/kill/, https://mariadb.com/kb/en/general-thread-states/
 */
export const sessions: ServerSessions = {
  async enlist(connection, lease) {
    await connection.query('select release_all_locks()')
    for (const name of names(lease)) {
      const [row] = await connection.query('select get_lock(?, 0) as got', [name])
      if (row!['got'] === 1) return
    }
    throw bug(`More than ${MOST} sessions work for one lease.`)
  },
  async end(connection, lease, which) {
    for (const shown of await enlisted(connection, lease))
      if (which === 'all' || isSilent(shown)) await unlessGone(connection.query(`kill ${shown.id}`))
  },
}

async function enlisted(connection: Connection, lease: string): Promise<Shown[]> {
  const holders = names(lease).map(() => 'select is_used_lock(?) as id')
  const rows = await connection.query(
    `select l.id, p.command, p.state, p.time from (${holders.join(' union ')}) as l ` +
      'left join information_schema.processlist as p on p.id = l.id where l.id is not null',
    names(lease),
  )
  return rows as unknown as Shown[]
}

const NO_SUCH_THREAD = 1094

async function unlessGone(killed: Promise<unknown>): Promise<void> {
  try {
    await killed
  } catch (error) {
    if ((error as { errno?: number }).errno !== NO_SUCH_THREAD) throw error
  }
}
