import type { DatasetRun } from '../../core/report.ts'
import { insist, usedFields } from '../contract/agreement.ts'
import { BatchGuard } from '../contract/batch-guard.ts'
import { agreementOf } from '../contract/store.ts'
import { heldRows } from '../lookup/held.ts'
import { lookedUpIn } from '../lookup/print.ts'
import type { LookupTable } from '../lookup/table.ts'
import { keyScanOf, modeAsk } from '../plan/cadence.ts'
import type { CopyPlan } from '../plan/copy.ts'
import { tallyOf } from '../state/runs.ts'
import type { DatasetWork } from './dataset.ts'
import { keepInPlace } from './in-place.ts'
import { isCutOff, scanKeys } from './key-scan.ts'
import type { Lease, Loading } from './loading.ts'
import { type DatasetState, decide } from './mode.ts'
import { scanDataset } from './scan.ts'
import { Slots } from './slots.ts'

/** Rows of more columns than most make smaller commits: what is to be committed is held in memory. */
const COMMIT_BYTES = 32_000_000

/** One attempt, from the stored checkpoint on. Only the first one of a run may be forced to read in full. */
export async function load(
  work: DatasetWork,
  run: DatasetRun,
  lease: Lease,
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
    ...lease,
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
export async function recount({ store, runId }: DatasetWork, run: DatasetRun): Promise<void> {
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
