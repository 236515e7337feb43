import type { ServerSessions } from '../engine.ts'

const SILENT = "interval '5 seconds'"

// Half of the digits make the lock's number; two leases do not meet in 64 bits.
const halves = (lease: string): [number, number] => [
  Number.parseInt(lease.slice(0, 8), 16),
  Number.parseInt(lease.slice(8, 16), 16),
]

const number = (lease: string): bigint => BigInt.asIntN(64, BigInt(`0x${lease.slice(0, 16)}`))

const OF_LEASE =
  `l.locktype = 'advisory' and l.objsubid = 1 and l.granted ` +
  `and l.database = (select oid from pg_database where datname = current_database())`

/** No time-out fires in the middle of a COPY. What other roles do shows as NULL. */
const IS_SILENT =
  `(a.state is null or a.state <> 'idle' and a.wait_event_type = 'Client' ` +
  `and coalesce(a.state_change, a.backend_start) < clock_timestamp() - ${SILENT})`

/**
 * A session holds an advisory lock for its lease, so the lease leads to the very process that works for it now, and the
 * lock ends with it.
 * Source: https://www.postgresql.org/docs/current/view-pg-locks.html, …/monitoring-stats.html, …/functions-admin.html
 */
export const sessions: ServerSessions = {
  async enlist(connection, lease) {
    await connection.query(
      `select pg_advisory_unlock_all(); select pg_advisory_lock_shared('${number(lease)}'::bigint)`,
    )
  },
  async end(connection, lease, which) {
    const [classId, objectId] = halves(lease)
    await connection.query(
      `select pg_terminate_backend(a.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid where ${OF_LEASE} ` +
        `and l.classid = '${classId}'::oid and l.objid = '${objectId}'::oid ${which === 'silent' ? `and ${IS_SILENT}` : ''}`,
    )
  },
}
