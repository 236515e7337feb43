import { execute, rowsOf } from './sql.ts'
import type { StateStore } from './store.ts'

/** Rejected rows are personal data: they go after this time, loaded or not. */
const REJECT_DAYS = 30
/** Counters of single commits; those of runs and datasets stay. */
const BATCH_DAYS = 90
const COMMIT_DAYS = 30

/**
 * Deletes what has had its time. The first run of a day does it: each look goes through whole tables.
 * @param now  when the run began
 */
export async function purge(store: StateStore, runId: string, now: string): Promise<void> {
  if (!(await isFirstOfDay(store, runId, now))) return
  await store.session.forgetCommits(daysBefore(now, COMMIT_DAYS))
  await store.session.transaction(async (tx) => {
    const old = (table: string, column: string, days: number) =>
      store.table(table).where(column, '<', daysBefore(now, days)).delete()
    await execute(tx, old('rejects', 'created_at', REJECT_DAYS))
    await execute(tx, old('batches', 'committed_at', BATCH_DAYS))
  })
}

async function isFirstOfDay(store: StateStore, runId: string, now: string): Promise<boolean> {
  const day = `${now.slice(0, 10)}T00:00:00.000000Z`
  const others = store
    .table('runs')
    .select('run_id')
    .where('started_at', '>=', day)
    .whereNot({ run_id: runId })
  return (await rowsOf(store.session, others.limit(1))).length === 0
}

/** `days` before a canonical instant; whole milliseconds are exact enough for a retention time. */
function daysBefore(instant: string, days: number): string {
  const millis = Date.parse(`${instant.slice(0, 23)}Z`) - days * 86_400_000
  return `${new Date(millis).toISOString().slice(0, 23)}000Z`
}
