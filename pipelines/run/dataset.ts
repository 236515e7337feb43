import { noCounts } from '../../core/counts.ts'
import { LeaseError, type Problem, TransientError, WarehouseError } from '../../core/errors.ts'
import { faultPoint } from '../../core/fault.ts'
import type { DatasetRun } from '../../core/report.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { readLookups } from '../lookup/read.ts'
import type { LookupRoom } from '../lookup/room.ts'
import type { LookupTable } from '../lookup/table.ts'
import type { Prepared } from '../plan/prepare.ts'
import type { PlannedRoad } from '../plan/roads.ts'
import type { Sources } from '../plan/sources.ts'
import { recordDataset } from '../state/runs.ts'
import type { StateStore } from '../state/store.ts'
import { asPolderError, failPreparation, firstError } from './failure.ts'
import { isDeadHolder } from './holder.ts'
import { load, recount } from './load.ts'
import type { Lease, LoadingEvent } from './loading.ts'
import type { ReadyPart } from './parts.ts'
import type { Slots } from './slots.ts'
import { pulled } from './stream.ts'
import { unreachedProblem } from './streamed.ts'

const LEASE_MS = 30_000
const RENEW_MS = 10_000
/** Attempts of one dataset in one run, each from the last commit; waits double from the first. */
const ATTEMPTS = 4
const FIRST_WAIT_MS = 500

export interface DatasetWork {
  prepared: Prepared
  /** Absent where there is no mapping to choose for. */
  road?: PlannedRoad
  parts: ReadyPart[]
  sources: Sources
  session: WarehouseSession
  store: StateStore
  runId: string
  holder: string
  full: boolean
  allowShrink: boolean
  /** The source is taken as it is now. */
  acceptSchema?: boolean
  commit: { rows: number; seconds: number }
  slots: Slots
  /** Shared by all datasets at work. */
  room: LookupRoom
  signal: AbortSignal
  report(event: LoadingEvent, run: DatasetRun): void
}

/**
 * Loads one dataset under its lease. What a dataset can fail of stands in its record.
 * @throws {WarehouseError} the warehouse is gone, for this dataset and all others
 */
export async function runDataset(work: DatasetWork): Promise<DatasetRun> {
  const { prepared, store } = work
  const run: DatasetRun = {
    dataset: prepared.ref,
    status: 'running',
    road: work.road?.road ?? 'stream',
    mode: 'full',
    startedAt: await store.now(),
    counts: noCounts(),
    deleted: 0,
    tables: {},
    commits: 0,
    warnings: [...prepared.problems.filter((it) => it !== firstError(prepared)), ...unreached(work)],
  }
  const record = () => work.session.transaction((tx) => recordDataset(store, tx, work.runId, run))
  await record()
  try {
    if (!prepared.mapper || work.road?.problem) await failPreparation(work)
    run.status = (await underLease(work, run)) === 'complete' ? 'ok' : 'interrupted'
  } catch (error) {
    const failure = asPolderError(error)
    // A warehouse that is gone cannot take the record either.
    if (failure instanceof WarehouseError) throw failure
    if (failure instanceof TransientError) await recount(work, run).catch(() => {})
    run.status = 'failed'
    run.problem = {
      ...failure.asProblem(),
      at: failure.at ?? (work.road?.problem ?? firstError(prepared))?.at,
    }
    run.failure = failure.constructor.name
  } finally {
    work.room.give(run)
  }
  run.endedAt = await store.now()
  await record()
  return run
}

function unreached({ prepared, road }: DatasetWork): Problem[] {
  return road?.broken && !road.problem ? [unreachedProblem(prepared.ref, road)] : []
}

async function underLease(work: DatasetWork, run: DatasetRun): Promise<'complete' | 'interrupted'> {
  const { session, prepared, holder } = work
  const fence = await session.lease(prepared.ref, holder, LEASE_MS, isDeadHolder)
  faultPoint('K1')
  const lost = new AbortController()
  let renewal: Promise<void> | undefined
  const renewing = setInterval(() => {
    // A long merge holds the lease row itself: one renewal waits for it, not a queue of them.
    renewal ??= session
      .renew(fence, LEASE_MS)
      .catch((error) => {
        // Any other failure is met again, and reported, by the next commit.
        if (error instanceof LeaseError) lost.abort(error)
      })
      .finally(() => {
        renewal = undefined
      })
  }, RENEW_MS)
  const lease = { fence, lost: lost.signal, renewed: async () => renewal }
  try {
    return await withRetries(work, run, lease)
  } finally {
    clearInterval(renewing)
    faultPoint('K10')
    await session.release(fence).catch(() => {})
  }
}

async function withRetries(work: DatasetWork, run: DatasetRun, lease: Lease) {
  let lookups: LookupTable[] | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      // Once for all attempts: rows that were joined before a failure and after it see the same tables.
      lookups ??= await lookUp(work, run, lease.lost)
      return lookups ? await load(work, run, lease, attempt, lookups) : 'interrupted'
    } catch (error) {
      if (!(error instanceof TransientError) || attempt === ATTEMPTS || work.signal.aborted) throw error
      work.report({ kind: 'progress', doing: 'retrying', pending: 0, rejected: 0 }, run)
      await pause(FIRST_WAIT_MS * 2 ** (attempt - 1), work.signal)
    }
  }
}

/** @returns undefined where the user stopped it */
function lookUp(work: DatasetWork, run: DatasetRun, lost: AbortSignal): Promise<LookupTable[] | undefined> {
  const { prepared, sources, room, signal } = work
  // A view reads them by itself, with every query.
  const lookups = work.road?.road === 'view' ? [] : prepared.lookups
  if (lookups.length > 0) work.report({ kind: 'progress', doing: 'reading', pending: 0, rejected: 0 }, run)
  // Nothing of it is committed: small commits need no small batches.
  const pulling = { signal, lost, commit: { rows: Number.MAX_SAFE_INTEGER } }
  return readLookups(lookups, {
    reader: sources.reader(prepared.dataset.connection),
    room,
    holder: run,
    signal,
    pull: (open) => pulled(pulling, open),
  })
}

const pause = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, millis)
    const finish = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', finish, { once: true })
  })
