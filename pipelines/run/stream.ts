import type { Batch, Checkpoint, Range } from '../../core/batch.ts'
import { DataError } from '../../core/errors.ts'
import { faultPoint } from '../../core/fault.ts'
import type { RunDoing } from '../../core/report.ts'
import type { ApplyOptions } from '../../core/warehouse.ts'
import { requestOf } from '../plan/sources.ts'
import { addPending, commitPending, nothingPending, type Pending, type RejectMemory } from './commit.ts'
import { finishScan, forgetScan } from './finish.ts'
import type { Loading } from './loading.ts'
import type { DatasetState, Decision, Scan } from './mode.ts'

const MAX_BATCH_ROWS = 10_000
const MAX_BATCH_BYTES = 8 * 1024 * 1024

/**
 * The stream road, whole: read → map → stage, and every so often one fenced commit of merge, rejects, counters and
 * checkpoint; a full read ends with a sweep of what was not seen.
 *
 * @returns 'interrupted' when the signal stopped it after a commit; what was committed stays and the next run goes on
 * @throws {DataError} E702 the source shrank, E704 too many rejects; {TransientError} read again from the checkpoint
 */
export async function streamDataset(
  loading: Loading,
  decision: Decision,
  state: DatasetState | undefined,
): Promise<'complete' | 'interrupted'> {
  const complete = completeOf(loading, state, decision)
  const scan = decision.mode === 'resume' ? decision.scan : await beginScan(loading, decision, complete)
  if (decision.mode === 'full' && !loading.full && isUnchangedFile(loading, scan, complete)) {
    loading.run.mode = 'unchanged'
    return 'complete'
  }
  const current: DatasetState = { v: 1, mapping: loading.prepared.hash, complete, scan }
  const memory = {
    open: await loading.store.openRejects(loading.prepared.ref),
    met: new Map<string, number>(),
  }
  let pending = nothingPending()
  const reading = readBatches(loading, scan)
  tell(loading, 'reading', pending)
  for await (const batch of reading) {
    await stageBatch(loading, batch, pending, memory, scan.append ? 'append' : 'merge')
    if (isDue(loading, pending)) {
      await commit(loading, current, pending)
      pending = nothingPending()
    }
    if (loading.signal.aborted && pending.rows === 0) break
    tell(loading, 'reading', pending)
  }
  if (loading.signal.aborted) {
    if (pending.checkpoint) await commit(loading, current, pending)
    else await loading.loader.reset()
    return 'interrupted'
  }
  if (pending.rows > 0) await commit(loading, current, pending)
  await finish(loading, current)
  return 'complete'
}

const tell = (loading: Loading, doing: RunDoing, { rows, rejected }: Pending): void =>
  loading.report({ kind: 'progress', doing, pending: rows, rejected })

/** What was complete under another mapping says nothing about this one, unless only new changes take it. */
const completeOf = (loading: Loading, state: DatasetState | undefined, decision: Decision) =>
  state?.mapping === loading.prepared.hash || decision.mode === 'incremental' ? state?.complete : undefined

/** Names, sizes and times of all files are those of the last complete reading. */
const isUnchangedFile = ({ prepared }: Loading, scan: Scan, complete: DatasetState['complete']): boolean =>
  prepared.facts?.kind === 'file' &&
  complete?.origin === prepared.origin &&
  complete.highWater !== undefined &&
  complete.highWater === scan.highWater.highWater

async function beginScan(
  loading: Loading,
  decision: Exclude<Decision, { mode: 'resume' }>,
  complete: DatasetState['complete'],
): Promise<Scan> {
  const request = requestOf(loading.prepared.dataset)
  const earlier = complete?.origin === loading.prepared.origin ? complete : undefined
  const { highWater } = await loading.reader.split(request, { ranges: 1, earlier })
  const startedAt = await loading.store.now()
  const from: Checkpoint | null =
    decision.fromMark === undefined
      ? null
      : { ...highWater, position: { kind: 'keyset', mark: decision.fromMark, key: [], inclusive: true } }
  const append = decision.mode === 'full' && isReadOncePerKey(loading) && (await areEmpty(loading))
  return {
    id: `${loading.runId}:${startedAt}`,
    kind: decision.mode,
    startedAt,
    highWater,
    from,
    at: null,
    append,
  }
}

/** A key that the source enforces, read in its order and resumed behind it, comes once. */
const isReadOncePerKey = ({ prepared }: Loading): boolean =>
  prepared.facts?.keyProven === true && prepared.facts.kind === 'table'

async function areEmpty({ session, parts }: Loading): Promise<boolean> {
  for (const { part } of parts) {
    const relation = session.dialect.relation(session.internal, part.form.relation)
    const inSlot = part.form.kind === 'slice' ? ` where slot = ${part.form.slot}` : ''
    if ((await session.query(`select 1 as found from ${relation}${inSlot} limit 1`)).length > 0) return false
  }
  return true
}

/** Batches from where the scan stands, until its end or the user's stop. */
async function* readBatches(loading: Loading, scan: Scan): AsyncGenerator<Batch> {
  const stop = new AbortController()
  // No upper end: what came after `split` is read as well, and what it could not vouch for is read again.
  const range: Range = { id: '0', from: scan.from?.position }
  const ask = {
    fields: askedFields(loading),
    maxRows: Math.min(MAX_BATCH_ROWS, loading.commit.rows),
    maxBytes: MAX_BATCH_BYTES,
    signal: stop.signal,
    prefer: ['columns' as const],
  }
  const request = requestOf(loading.prepared.dataset)
  const iterator = loading.reader
    .read(request, range, scan.at ?? scan.from ?? scan.highWater, ask)
    [Symbol.asyncIterator]()
  try {
    while (!loading.signal.aborted) {
      const next = iterator.next()
      faultPoint('K2')
      const result = await orAborted(next, [loading.signal, loading.lost])
      loading.lost.throwIfAborted()
      if (result === undefined || result.done) return
      faultPoint('K3')
      yield result.value
    }
  } finally {
    stop.abort()
    // A reader that is stuck in the network must not keep a stopped run waiting.
    iterator.return?.()?.catch(() => {})
  }
}

/** @returns undefined when a signal aborts first */
async function orAborted<T>(promise: Promise<T>, signals: AbortSignal[]): Promise<T | undefined> {
  const done = new AbortController()
  const aborted = new Promise<undefined>((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve(undefined)
      signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: done.signal })
    }
  })
  // A rejection that comes after the abort belongs to a reading that nobody waits for any more.
  promise.catch(() => {})
  try {
    return await Promise.race([promise, aborted])
  } finally {
    done.abort()
  }
}

function askedFields({ mapper, prepared }: Loading): string[] {
  if (mapper.fields.includes('*')) return ['*']
  return [...new Set([...prepared.key, ...(prepared.cursor ? [prepared.cursor.name] : []), ...mapper.fields])]
}

async function stageBatch(
  loading: Loading,
  batch: Batch,
  pending: Pending,
  memory: RejectMemory,
  mode: ApplyOptions['mode'],
): Promise<void> {
  const { mapper, reader, loader } = loading
  tell(loading, 'mapping', pending)
  const columns = batch.payload.form === 'columns' ? batch.payload.columns : reader.decode!(batch)
  const mapped = await mapper.map(batch, columns)
  faultPoint('K4')
  addPending(pending, mapped, memory)
  // A batch without a checkpoint is committed together with a later one, or not at all.
  pending.checkpoint = batch.checkpoint
  tell(loading, 'staging', pending)
  await loader.stage(mapped, mode)
  faultPoint('K6')
}

function isDue(loading: Loading, pending: Pending): boolean {
  if (!pending.checkpoint) return false
  if (loading.signal.aborted) return true
  const seconds = (performance.now() - pending.startedAtMs) / 1000
  return pending.rows >= loading.commit.rows || seconds >= loading.commit.seconds
}

async function commit(loading: Loading, current: DatasetState, pending: Pending): Promise<void> {
  tell(loading, 'committing', pending)
  if (pending.checkpoint && current.scan) current.scan = { ...current.scan, at: pending.checkpoint }
  await commitPending(loading, pending, current)
  loading.report({ kind: 'committed' })
}

async function finish(loading: Loading, current: DatasetState): Promise<void> {
  tell(loading, 'sweeping', nothingPending())
  try {
    await finishScan(loading, current)
  } catch (error) {
    // Resumed at its end, this scan would meet the same guard for ever: the next run reads anew.
    if (error instanceof DataError) await forgetScan(loading, current)
    throw error
  }
}
