import type { Batch, Checkpoint, Range } from '../../core/batch.ts'
import type { ReadAsk } from '../../core/connector.ts'
import { faultPoint } from '../../core/fault.ts'
import type { RunDoing } from '../../core/report.ts'
import type { Json } from '../../core/value.ts'
import type { ApplyOptions } from '../../core/warehouse.ts'
import { joined } from '../lookup/join.ts'
import { requestOf } from '../plan/sources.ts'
import {
  addPending,
  commitPending,
  type Kept,
  nothingPending,
  type Pending,
  type RejectMemory,
} from './commit.ts'
import type { Loading } from './loading.ts'
import type { Scan } from './mode.ts'
import { Turn } from './turn.ts'

/** Few enough that most of a batch is garbage when V8 next looks at its young objects; as many as a chunk of DuckDB holds. */
const MAX_BATCH_ROWS = 2048
const MAX_BATCH_BYTES = 4_000_000
/** Rows of more than 4 kB on average are large: so many bytes of them are one commit, for the sake of DuckDB's memory. */
const LARGE_ROW_BYTES = 4096
const MAX_LARGE_BYTES = 2_000_000

/** A range to be read: from where, and what a commit stores of it. */
export interface Reach {
  range: Range
  scan: Scan
  /** Where reading begins. */
  at: Checkpoint
  /** The end of the range is stored, not only the positions on its way. */
  endIsKept: boolean
  state(at: Checkpoint | null, done: boolean): Json
}

/**
 * The stream road, whole, for one range: read → map → stage, and every so often one fenced commit of merge, rejects,
 * counters and checkpoint.
 *
 * @returns 'interrupted' when the signal stopped it after a commit; what was committed stays and the next run goes on
 */
export async function streamRange(
  loading: Loading,
  reach: Reach,
  memory: RejectMemory,
): Promise<'complete' | 'interrupted'> {
  let pending = nothingPending()
  const reading = readBatches(loading, reach)
  tell(loading, 'reading', pending)
  for await (const batch of reading) {
    await stageBatch(loading, batch, pending, memory, modeOf(reach.scan))
    if (isDue(loading, pending)) {
      await commit(loading, reach, pending)
      pending = nothingPending()
    }
    if (loading.signal.aborted && pending.rows === 0) break
    tell(loading, 'reading', pending)
  }
  if (loading.signal.aborted) {
    if (pending.checkpoint) await commit(loading, reach, pending)
    else await loading.loader.reset()
    return 'interrupted'
  }
  if (pending.rows > 0 || reach.endIsKept) await commit(loading, reach, pending, true)
  return 'complete'
}

export const tell = (loading: Loading, doing: RunDoing, { rows, rejected }: Pending): void =>
  loading.report({ kind: 'progress', doing, pending: rows, rejected })

/**
 * Batches from where the range stands. The last range has no upper end: what came after `split` is read as well, and what
 * it could not vouch for is read again.
 */
function readBatches(loading: Loading, { range, at }: Reach): AsyncGenerator<Batch> {
  const fields = askedFields(loading)
  const request = requestOf(loading.prepared.dataset)
  return pulled(loading, (ask) =>
    loading.reader.read(request, range, at, { ...ask, fields, prefer: ['columns'] }),
  )
}

/**
 * What a reading gives, until its end or the user's stop; which of them it was, `loading.signal` tells.
 * @param ahead  is the next asked for while the one before is worked on?
 */
export async function* pulled<T>(
  loading: Pick<Loading, 'signal' | 'lost'> & { commit: { rows: number } },
  open: (ask: Pick<ReadAsk, 'maxRows' | 'maxBytes' | 'signal'>) => AsyncIterable<T>,
  ahead = false,
): AsyncGenerator<T> {
  const stop = new AbortController()
  const maxRows = Math.min(MAX_BATCH_ROWS, loading.commit.rows)
  const ask = { maxRows, maxBytes: MAX_BATCH_BYTES, signal: stop.signal }
  const iterator = open(ask)[Symbol.asyncIterator]()
  try {
    let asked: Promise<IteratorResult<T>> | undefined
    while (!loading.signal.aborted) {
      const next = asked ?? iterator.next()
      faultPoint('K2')
      const result = await orAborted(next, [loading.signal, loading.lost])
      loading.lost.throwIfAborted()
      if (result === undefined || result.done) return
      faultPoint('K3')
      if (ahead) asked = iterator.next()
      // Told when its turn comes; nobody asks where the work on the one before fails.
      asked?.catch(() => {})
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
  let stop = () => {}
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
    if (signals.some((it) => it.aborted)) stop()
  })
  for (const it of signals) it.addEventListener('abort', stop)
  // A rejection that comes after the abort belongs to a reading that nobody waits for any more.
  promise.catch(() => {})
  try {
    return await Promise.race([promise, aborted])
  } finally {
    // By hand: of listeners that a signal of their own takes off, Node remembers only the last one.
    for (const it of signals) it.removeEventListener('abort', stop)
  }
}

export function askedFields({ mapper, prepared, guard }: Loading): string[] {
  const fields = [...mapper.fields, ...guard.fields]
  if (fields.includes('*')) return ['*']
  return [...new Set([...prepared.key, ...(prepared.cursor ? [prepared.cursor.name] : []), ...fields])]
}

export async function stageBatch(
  loading: Loading,
  batch: Batch,
  pending: Pending,
  memory: RejectMemory,
  mode: ApplyOptions['mode'],
): Promise<void> {
  const { mapper, reader, loader, guard } = loading
  tell(loading, 'mapping', pending)
  const columns = batch.payload.form === 'columns' ? batch.payload.columns : reader.decode!(batch)
  const guarded = guard.guard(batch, columns)
  tellWarnings(loading)
  const seen = joined(guarded.batch, guarded.columns, loading.lookups)
  const mapped = await mapper.map(seen.batch, seen.columns)
  mapped.changes.push(...guarded.changes)
  faultPoint('K4')
  addPending(pending, mapped, memory)
  pending.bytes += seen.batch.bytes
  // A batch without a checkpoint is committed together with a later one, or not at all.
  pending.checkpoint = batch.checkpoint
  tell(loading, 'staging', pending)
  await loader.stage(mapped, mode)
  faultPoint('K6')
}

/** What the contract has found since the reading began. */
export function tellWarnings({ guard, run }: Loading): void {
  run.warnings.push(...guard.warnings.splice(0))
}

function isDue(loading: Loading, pending: Pending): boolean {
  if (!pending.checkpoint) return false
  if (loading.signal.aborted) return true
  if (pending.bytes >= MAX_LARGE_BYTES && pending.bytes >= pending.rows * LARGE_ROW_BYTES) return true
  const seconds = (performance.now() - pending.startedAtMs) / 1000
  const { commit } = loading
  return pending.rows >= commit.rows || pending.bytes >= commit.bytes || seconds >= commit.seconds
}

/** One at a time writes the record of the run, which all ranges of the dataset share. */
export async function commit(
  loading: Loading,
  reach: Reach,
  pending: Pending,
  done = false,
  insist?: Kept['insist'],
): Promise<void> {
  tell(loading, 'committing', pending)
  if (pending.checkpoint) reach.at = pending.checkpoint
  const at = pending.rows > 0 || pending.checkpoint || reach.endIsKept ? reach.at : null
  const kept = {
    state: reach.state(at, done),
    scan: scanToNote(reach.scan),
    mode: modeOf(reach.scan),
    insist,
    turn: new Turn(loading.commits),
    // A merge reads what others write.
    beside: reach.scan.append && loading.session.facts.writers > 1,
  }
  // Commits that follow on each other without a gap would keep the lease's row for ever.
  if (kept.beside) await loading.renewed()
  try {
    await commitPending(loading, pending, kept)
  } finally {
    kept.turn.give()
  }
  loading.report({ kind: 'committed' })
}

export const modeOf = ({ append }: Scan): ApplyOptions['mode'] => (append ? 'append' : 'merge')

/** Only a full read notes the keys it saw: its end tells what is gone. */
const scanToNote = ({ kind, id }: Scan): string | undefined => (kind === 'full' ? id : undefined)
