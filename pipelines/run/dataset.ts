import { noCounts } from '../../core/counts.ts'
import {
  BugError,
  LeaseError,
  PolderError,
  type Problem,
  TransientError,
  WarehouseError,
} from '../../core/errors.ts'
import { faultPoint } from '../../core/fault.ts'
import type { DatasetRun } from '../../core/report.ts'
import { redact } from '../../core/secrets.ts'
import type { Fence, WarehouseSession } from '../../core/warehouse.ts'
import { insist, usedFields } from '../contract/agreement.ts'
import { BatchGuard } from '../contract/batch-guard.ts'
import { agreementOf } from '../contract/store.ts'
import { heldRows } from '../lookup/held.ts'
import { lookedUpIn } from '../lookup/print.ts'
import { readLookups } from '../lookup/read.ts'
import type { LookupRoom } from '../lookup/room.ts'
import type { LookupTable } from '../lookup/table.ts'
import { keyScanOf, modeAsk } from '../plan/cadence.ts'
import type { CopyPlan } from '../plan/copy.ts'
import type { Prepared } from '../plan/prepare.ts'
import type { PlannedRoad } from '../plan/roads.ts'
import type { Sources } from '../plan/sources.ts'
import { recordDataset, tallyOf } from '../state/runs.ts'
import type { StateStore } from '../state/store.ts'
import { isDeadHolder } from './holder.ts'
import { keepInPlace } from './in-place.ts'
import { isCutOff, scanKeys } from './key-scan.ts'
import type { Loading, LoadingEvent } from './loading.ts'
import { type DatasetState, decide } from './mode.ts'
import type { ReadyPart } from './parts.ts'
import { scanDataset } from './scan.ts'
import { Slots } from './slots.ts'
import { pulled } from './stream.ts'

const LEASE_MS = 30_000
const RENEW_MS = 10_000
/** Rows of more columns than most make smaller commits: what is to be committed is held in memory. */
const COMMIT_BYTES = 32_000_000
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
    warnings: prepared.problems.filter((it) => it !== firstError(prepared)),
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

const firstError = (prepared: Prepared): Problem | undefined =>
  prepared.problems.find((it) => it.severity === 'error')

/** Columns that are gone say more than that the mapping does not fit. */
async function failPreparation({ prepared, road, store, acceptSchema = false }: DatasetWork): Promise<never> {
  const agreement = await agreementOf(store, prepared, acceptSchema)
  if (agreement) insist(agreement)
  if (prepared.refusal) throw prepared.refusal
  const first = road?.problem ?? firstError(prepared)!
  throw new PreparationError(first.code, first)
}

/** A dataset whose YAML and source do not fit: found before anything was read. */
class PreparationError extends PolderError {}

async function underLease(work: DatasetWork, run: DatasetRun): Promise<'complete' | 'interrupted'> {
  const { session, prepared, holder } = work
  const fence = await session.lease(prepared.ref, holder, LEASE_MS, isDeadHolder)
  faultPoint('K1')
  const lost = new AbortController()
  let waiting = false
  const renewing = setInterval(async () => {
    // A long merge holds the lease row itself: one renewal waits for it, not a queue of them.
    if (waiting) return
    waiting = true
    await session.renew(fence, LEASE_MS).catch((error) => {
      // Any other failure is met again, and reported, by the next commit.
      if (error instanceof LeaseError) lost.abort(error)
    })
    waiting = false
  }, RENEW_MS)
  try {
    return await withRetries(work, run, fence, lost.signal)
  } finally {
    clearInterval(renewing)
    faultPoint('K10')
    await session.release(fence).catch(() => {})
  }
}

async function withRetries(work: DatasetWork, run: DatasetRun, fence: Fence, lost: AbortSignal) {
  let lookups: LookupTable[] | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      // Once for all attempts: rows that were joined before a failure and after it see the same tables.
      lookups ??= await lookUp(work, run, lost)
      return lookups ? await load(work, run, fence, lost, attempt, lookups) : 'interrupted'
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

/** One attempt, from the stored checkpoint on. Only the first one of a run may be forced to read in full. */
async function load(
  work: DatasetWork,
  run: DatasetRun,
  fence: Fence,
  lost: AbortSignal,
  attempt: number,
  lookups: LookupTable[],
) {
  const { prepared, session, store } = work
  if (attempt > 1) await recount(work, run)
  const stored = await store.checkpoint(prepared.ref, '0')
  const state = stored?.state as DatasetState | undefined
  const guard = await guardOf(work, state, run)
  const full = work.full && (attempt === 1 || run.commits === 0)
  const decision = decide(state, modeAsk(prepared, state, await store.now(), full, lookedUpIn(lookups)))
  const inPlace = work.road?.road === 'view' ? work.road : undefined
  const copy = work.road?.road === 'pushdown' ? copyWith(work.road.copy!, lookups) : undefined
  if (work.road?.road === 'pushdown') run.road = copy ? 'pushdown' : 'stream'
  if (attempt === 1) run.mode = inPlace ? 'view' : decision.mode
  const isRead = isCutOff(state, work.runId)
  work.report({ kind: 'mode', mode: run.mode, estimate: prepared.facts?.rows }, run)
  const loader = await session.loader(inPlace ? [] : work.parts)
  if (copy) loader.lookUp(copy.lookups)
  const loading: Loading = {
    prepared,
    mapper: prepared.mapper!,
    reader: work.sources.reader(prepared.dataset.connection),
    lookups,
    session,
    store,
    loader,
    parts: work.parts,
    ...(copy && { copy }),
    guard,
    fence,
    runId: work.runId,
    rangeId: '0',
    version: stored?.version,
    run,
    commit: { ...work.commit, bytes: COMMIT_BYTES },
    slots: work.slots,
    commits: new Slots(1),
    allowShrink: work.allowShrink,
    full: work.full,
    signal: work.signal,
    lost,
    report: (event) => work.report(event, run),
  }
  try {
    if (inPlace) return await keepInPlace(loading, inPlace)
    const end = isRead ? 'complete' : await scanDataset(loading, decision, state)
    return end === 'complete' ? await compareKeys(loading) : end
  } finally {
    await loader.close()
  }
}

/** @returns undefined where a looked-up value has no equal in a column of the warehouse */
function copyWith(plan: CopyPlan, tables: LookupTable[]): Loading['copy'] {
  const lookups = heldRows(plan.held, tables)
  return lookups && { ...plan, lookups }
}

/** A commit whose reply was lost may have happened: what was stored with it counts, not what this process heard. */
async function recount({ store, runId }: DatasetWork, run: DatasetRun): Promise<void> {
  Object.assign(run, await tallyOf(store, runId, run.dataset))
}

/** After an incremental reading, where it is due. */
async function compareKeys(loading: Loading): Promise<'complete' | 'interrupted'> {
  const { prepared, store } = loading
  if (!prepared.dataset.keyScan) return 'complete'
  const state = (await store.checkpoint(prepared.ref, '0'))?.state as DatasetState | undefined
  const scan = keyScanOf(prepared, state, await store.now())
  return state && scan?.due ? scanKeys(loading, state) : 'complete'
}

/** @throws {ContractError} E320, E321: nothing may be read */
async function guardOf(
  work: DatasetWork,
  state: DatasetState | undefined,
  run: DatasetRun,
): Promise<BatchGuard> {
  const { prepared, store, acceptSchema = false } = work
  const { dataset, key } = prepared
  const facts = prepared.facts!
  const agreement = (await agreementOf(store, prepared, acceptSchema))!
  insist(agreement)
  const told = new Set(run.warnings.map((it) => it.problem))
  run.warnings.push(...agreement.warnings.filter((it) => !told.has(it.problem)))
  const context = { dataset, used: usedFields(dataset, key), now: facts.schema, accept: acceptSchema }
  const everything = prepared.mapper!.fields.includes('*')
  return new BatchGuard({ agreement, context, facts, settled: state?.complete !== undefined, everything })
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

/** Whatever is no error of ours is a defect of Polder; its message may hold data and stays out. */
function asPolderError(error: unknown): PolderError {
  if (error instanceof PolderError) return error
  const name = error instanceof Error ? error.name : typeof error
  if (process.env.POLDER_DEBUG && error instanceof Error)
    process.stderr.write(`${redact(error.stack ?? '')}\n`)
  return new BugError('E901', {
    problem: `Unexpected ${name} inside Polder.`,
    remedy: 'Run again with POLDER_DEBUG=1 and report the trace.',
    cause: error,
  })
}
