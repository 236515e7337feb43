import { setTimeout as sleep } from 'node:timers/promises'
import type { Writers } from '../sql-types.ts'
import type { Ask } from './catalog.ts'

/** The server answers from a copy of its list of transactions that may be this old. */
const CACHE_MS = 110

/**
 * Transactions that wrote something, or have a statement under way. One that has only read so far sets later marks:
 * `now()` is the statement's time here. `trx_started` is the system's local time, by the second.
 */
const OLDEST = `
select unix_timestamp(min(trx_started)) from information_schema.innodb_trx
 where trx_is_read_only = 0 and (trx_rows_modified > 0 or trx_query is not null)
   and trx_mysql_thread_id <> connection_id()`

const ISO = `'%Y-%m-%dT%H:%i:%s.%fZ'`

/** Instants: `now`, and the start of the oldest writer. */
export async function writers(ask: Ask): Promise<Writers | undefined> {
  const [clock] = await ask(`select date_format(utc_timestamp(6), ${ISO})`)
  const now = String(clock![0])
  const oldest = await oldestStart(ask)
  return oldest === undefined ? undefined : { now, oldest: oldest ?? now }
}

export async function oldestStart(ask: Ask): Promise<string | null | undefined> {
  await sleep(CACHE_MS)
  const found = await inZone(ask, `'SYSTEM'`, () => ask(OLDEST)).catch(ifHidden)
  const seconds = found?.[0]?.[0]
  if (seconds === null || seconds === undefined) return seconds
  const [row] = await ask(`select date_format(from_unixtime(?), ${ISO})`, [String(seconds)])
  return String(row![0])
}

const NO_PROCESS_RIGHT = 1227

function ifHidden(error: unknown): undefined {
  if ((error as { errno?: unknown }).errno !== NO_PROCESS_RIGHT) throw error
}

export function localNow(ask: Ask): Promise<string> {
  return inZone(ask, '@@global.time_zone', async () => {
    const [row] = await ask(`select date_format(now(6), '%Y-%m-%dT%H:%i:%s.%f')`)
    return String(row![0])
  })
}

async function inZone<T>(ask: Ask, zone: string, work: () => Promise<T>): Promise<T> {
  await ask(`set time_zone = ${zone}`)
  try {
    return await work()
  } finally {
    await ask(`set time_zone = '+00:00'`)
  }
}
