import type { Writers } from '../sql-types.ts'
import type { Ask } from './catalog.ts'
import { READER } from './connection.ts'

const HERE = `datid = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()`
// It can only roll back.
const MAY_COMMIT = `state is distinct from 'idle in transaction (aborted)'`

/**
 * Transaction numbers with their epoch: `now` that of the next one, `oldest` the oldest writer of this database,
 * prepared ones included. Every account sees these columns of everybody's sessions. A standby sees its primary's
 * writers only in the snapshot, of all databases together.
 *
 * The end of a snapshot is not the next number, but the one after the last that has ended: an older writer than that
 * may still be at work. `age` counts from the next number of its first call in a transaction: later the snapshot may be
 * ahead of it, and what is newer than the snapshot began after the first call.
 */
const WRITERS = `
with s as (select txid_snapshot_xmax(it) as ended, txid_snapshot_xmin(it) as oldest from txid_current_snapshot() as it),
     a as (select s.*, (3 + age('3'::xid)::bigint - s.ended) & 4294967295 as ahead from s),
     n as (select oldest, ended + case when ahead < 2147483648 then ahead else 0 end as newest from a),
     x as (select backend_xid as xid from pg_stat_activity where ${HERE} and ${MAY_COMMIT}
           union all select transaction from pg_prepared_xacts where database = current_database()),
     d as (select (n.newest - x.xid::text::bigint) & 4294967295 as behind from n cross join x where x.xid is not null)
select lpad(n.newest::text, 20, '0'),
       lpad((case when pg_is_in_recovery() then n.oldest
                  else n.newest - coalesce((select max(behind) from d where behind < 2147483648), 0)
             end)::text, 20, '0')
  from n`

export async function writers(ask: Ask): Promise<Writers> {
  const [row] = await ask(WRITERS)
  return { now: row![0]!, oldest: row![1]! }
}

/**
 * Any open transaction counts, written or not: `now()` gives its start, however late it writes. What a prepared one
 * tells is when it was prepared.
 */
const OLDEST = `
select to_char(min(began) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       pg_is_in_recovery() or coalesce(bool_or(hidden), false)
  from (select xact_start as began, query = '<insufficient privilege>' as hidden from pg_stat_activity
         where ${HERE} and ${MAY_COMMIT} and backend_type is distinct from 'autovacuum worker'
           and backend_type is distinct from 'walsender'
           and not (application_name = '${READER}' and backend_xid is null)
        union all select prepared, false from pg_prepared_xacts where database = current_database()) it`

export async function oldestStart(ask: Ask): Promise<string | null | undefined> {
  const [row] = await ask(OLDEST)
  return row![1] === 't' ? undefined : row![0]
}

/** `reset_val` is the zone that this account's sessions begin with; ours is set to UTC. */
const LOCAL_NOW = `
select to_char(clock_timestamp() at time zone (select reset_val from pg_settings where name = 'TimeZone'),
               'YYYY-MM-DD"T"HH24:MI:SS.US')`

export async function localNow(ask: Ask): Promise<string> {
  return (await ask(LOCAL_NOW))[0]![0]!
}
