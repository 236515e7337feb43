import { execute, rowsOf } from '../state/sql.ts'
import type { StateStore } from '../state/store.ts'

/** The last due time of a pipeline that some scheduler took on. */
export interface Claim {
  pipeline: string
  /** Canonical instant. */
  dueAt: string
  holder: string
  /** `running` until its run has ended: then the run's status, or `skipped`. */
  outcome: string
  runId: string | null
}

interface StoredClaim {
  pipeline: string
  due_at: string
  holder: string
  outcome: string
  run_id: string | null
}

export async function readClaim(store: StateStore, pipeline: string): Promise<Claim | undefined> {
  const [row] = await rowsOf<StoredClaim>(
    store.session,
    store.table('schedules').select('*').where({ pipeline }),
  )
  return row && { pipeline, dueAt: row.due_at, holder: row.holder, outcome: row.outcome, runId: row.run_id }
}

/**
 * Takes a due time on, if it is still as `seen` says: of several schedulers one wins.
 * @returns false when another was faster
 */
export async function takeClaim(
  store: StateStore,
  seen: Claim | undefined,
  claim: Omit<Claim, 'runId'>,
): Promise<boolean> {
  const { pipeline, dueAt, holder, outcome } = claim
  const row = { due_at: dueAt, holder, outcome, run_id: null }
  await store.session
    .transaction(async (tx) => {
      if (!seen) await execute(tx, store.table('schedules').insert({ pipeline, ...row }))
      else await execute(tx, store.table('schedules').where(unchanged(seen)).update(row))
    })
    .catch(async (error) => {
      // Two schedulers met at the first claim of all: the key lets one of them in.
      if (seen || !(await readClaim(store, pipeline))) throw error
    })
  // Asked, not counted: engines differ in what they tell of affected rows.
  const now = await readClaim(store, pipeline)
  return now?.holder === holder && now.dueAt === dueAt
}

const unchanged = ({ pipeline, dueAt, holder }: Claim) => ({ pipeline, due_at: dueAt, holder })

export async function endClaim(
  store: StateStore,
  claim: Claim,
  outcome: string,
  runId: string | null,
): Promise<void> {
  await store.session.transaction(async (tx) => {
    await execute(tx, store.table('schedules').where(unchanged(claim)).update({ outcome, run_id: runId }))
  })
}
