import type { Checkpoint } from '../../core/batch.ts'
import { DataError } from '../../core/errors.ts'
import { changedLookup, lookedUpIn, printsOf } from '../lookup/print.ts'
import { requestOf } from '../plan/sources.ts'
import { openRejects } from '../state/rejects.ts'
import { storeSchema } from './commit.ts'
import { finishScan, forgetScan } from './finish.ts'
import type { Loading } from './loading.ts'
import type { DatasetState, Decision, Scan } from './mode.ts'
import { keepRanges, readRanges } from './ranges.ts'
import { tellWarnings } from './stream.ts'

const RANGES_PER_SLOT = 2

/**
 * Reads a dataset from where it stands to its end, in one range or in several; a full read ends with a sweep of what
 * was not seen.
 *
 * @returns 'interrupted' when the signal stopped it after a commit; what was committed stays and the next run goes on
 * @throws {DataError} E702 the source shrank, E704 too many rejects; {TransientError} read again from the checkpoint
 */
export async function scanDataset(
  loading: Loading,
  decision: Decision,
  state: DatasetState | undefined,
): Promise<'complete' | 'interrupted'> {
  const complete = completeOf(loading, state, decision)
  const scan = decision.mode === 'resume' ? decision.scan : await beginScan(loading, decision, complete)
  if (decision.mode === 'full' && !loading.full && isUnchangedFile(loading, scan, complete)) {
    loading.run.mode = 'unchanged'
    await storeSchema(loading)
    return 'complete'
  }
  const current: DatasetState = { v: 1, mapping: loading.prepared.hash, complete, scan }
  const memory = {
    open: await openRejects(loading.store, loading.prepared.ref),
    met: new Map<string, number>(),
  }
  if (scan.ranges && decision.mode !== 'resume') await keepRanges(loading, current)
  if ((await readRanges(loading, current, memory)) === 'interrupted') return 'interrupted'
  loading.guard.finish()
  tellWarnings(loading)
  await finish(loading, current)
  return 'complete'
}

/** What was complete under another mapping says nothing about this one, unless only new changes take it. */
const completeOf = (loading: Loading, state: DatasetState | undefined, decision: Decision) =>
  state?.mapping === loading.prepared.hash || decision.mode === 'incremental' ? state?.complete : undefined

/** Names, sizes and times of all files are those of the last complete reading, and so is all that it looked up. */
const isUnchangedFile = (
  { prepared, lookups }: Loading,
  scan: Scan,
  complete: DatasetState['complete'],
): boolean =>
  prepared.facts?.kind === 'file' &&
  complete?.origin === prepared.origin &&
  complete.highWater !== undefined &&
  complete.highWater === scan.highWater.highWater &&
  changedLookup(complete.lookups, lookedUpIn(lookups), false) === undefined

async function beginScan(
  loading: Loading,
  decision: Exclude<Decision, { mode: 'resume' }>,
  complete: DatasetState['complete'],
): Promise<Scan> {
  const request = requestOf(loading.prepared.dataset)
  const earlier = complete?.origin === loading.prepared.origin ? complete : undefined
  // With a start, rows come in the order of their marks: there is nothing to cut by key.
  const wanted = decision.mode === 'full' && decision.fromMark === undefined ? rangesWanted(loading) : 1
  const leastRows = Math.ceil(loading.commit.rows / 2)
  const { highWater, ranges } = await loading.reader.split(request, { ranges: wanted, leastRows, earlier })
  const startedAt = await loading.store.now()
  const from: Checkpoint | null =
    decision.fromMark === undefined
      ? null
      : { ...highWater, position: { kind: 'keyset', mark: decision.fromMark, key: [], inclusive: true } }
  const lookups = printsOf(lookedUpIn(loading.lookups))
  const append = isReadOncePerKey(loading, decision) && (await areEmpty(loading))
  return {
    id: `${loading.runId}:${startedAt}`,
    kind: decision.mode,
    startedAt,
    highWater,
    from,
    at: null,
    append,
    ...(lookups && { lookups }),
    ...(ranges.length > 1 ? { ranges } : {}),
  }
}

/** More than one for each slot: the slowest range shall not hold up the end. */
const rangesWanted = ({ slots }: Loading): number => (slots.count > 1 ? slots.count * RANGES_PER_SLOT : 1)

/**
 * A key that the source enforces, read in its order and resumed behind it, comes once. In the order of marks it may come
 * again, and so may a key that the dataset states instead of the source's own.
 */
function isReadOncePerKey({ prepared }: Loading, decision: Decision): boolean {
  const { facts, key } = prepared
  if (decision.mode !== 'full' || decision.fromMark !== undefined) return false
  return facts?.keyProven === true && facts.kind === 'table' && facts.key.every((it) => key.includes(it))
}

async function areEmpty({ session, parts }: Loading): Promise<boolean> {
  for (const { part } of parts) {
    const relation = session.dialect.relation(session.internal, part.form.relation)
    const inSlot = part.form.kind === 'slice' ? ` where slot = ${part.form.slot}` : ''
    if ((await session.query(`select 1 as found from ${relation}${inSlot} limit 1`)).length > 0) return false
  }
  return true
}

async function finish(loading: Loading, current: DatasetState): Promise<void> {
  loading.report({ kind: 'progress', doing: 'sweeping', pending: 0, rejected: 0 })
  try {
    await finishScan(loading, current)
  } catch (error) {
    // Resumed at its end, this scan would meet the same guard for ever: the next run reads anew.
    if (error instanceof DataError) await forgetScan(loading, current)
    throw error
  }
}
