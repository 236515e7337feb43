import type { Checkpoint, Range } from '../../core/batch.ts'
import type { Json } from '../../core/value.ts'
import { commitId, type RejectMemory } from './commit.ts'
import { copyRange } from './copy.ts'
import type { Loading, LoadingEvent } from './loading.ts'
import type { DatasetState, Scan } from './mode.ts'
import { type Reach, streamRange } from './stream.ts'

/** Where one range of a scan stands, as stored beside the dataset's own checkpoint. */
interface RangeState {
  v: 1
  /** The scan that it belongs to: what an abandoned one left behind means nothing. */
  scan: string
  at: Checkpoint | null
  done: boolean
}

interface OpenRange {
  range: Range
  /** Of the stored checkpoint. */
  version: number | undefined
  at: Checkpoint | null
}

type End = 'complete' | 'interrupted'

/**
 * Reads the ranges of a scan, as many at a time as there are slots, or one where commits are large. Each has a checkpoint
 * of its own and commits for itself; the dataset is complete, and may be swept, only when all of them came to their end.
 */
export async function readRanges(
  loading: Loading,
  current: DatasetState,
  memory: RejectMemory,
): Promise<End> {
  const scan = current.scan!
  const large = largeCommit(loading, scan)
  if (large !== undefined) loading.commit = { ...loading.commit, rows: large }
  if (!scan.ranges) return readRange(loading, wholeReach(current), memory)
  const open = await openRanges(loading, scan)
  const more = large === undefined ? loading.slots.takeFree(open.length - 1) : 0
  try {
    return await inParallel(loading, scan, open, 1 + more, memory)
  } finally {
    loading.slots.give(more)
  }
}

/**
 * The rows of a commit where the warehouse writes large ones for less than half. Several ranges at once would hold one each,
 * which is too much, so there is one at a time. Who asks for much smaller commits gets them.
 */
function largeCommit({ session, commit }: Loading, { append }: Scan): number | undefined {
  const { appendRows } = session.facts
  return append && appendRows !== undefined && commit.rows >= appendRows / 2 ? appendRows : undefined
}

const readRange = (loading: Loading, reach: Reach, memory: RejectMemory): Promise<End> =>
  loading.copy ? copyRange(loading, loading.copy, reach, memory) : streamRange(loading, reach, memory)

/** The ranges are fixed before the first is read: a resumed scan goes on in the same ones. */
export async function keepRanges(loading: Loading, current: DatasetState): Promise<void> {
  const state = current as unknown as Json
  const result = await loading.session.commit<Json>(commitId(loading, 'ranges'), loading.fence, (tx) =>
    loading.store.moveCheckpoint(tx, { dataset: loading.prepared.ref, rangeId: '0' }, loading.version, state),
  )
  loading.version = ('done' in result ? result.done : result.already) as number
}

const wholeReach = (current: DatasetState): Reach => {
  const scan = current.scan!
  return {
    range: { id: '0', ...(scan.from ? { from: scan.from.position } : {}) },
    scan,
    at: scan.at ?? scan.from ?? scan.highWater,
    endIsKept: false,
    state: (at) => {
      current.scan = { ...current.scan!, at }
      return current as unknown as Json
    },
  }
}

function rangeReach(scan: Scan, { range, at }: OpenRange): Reach {
  const position = range.from ?? scan.highWater.position
  return {
    range,
    scan,
    at: at ?? { ...scan.highWater, position },
    endIsKept: true,
    state: (reached, done) => {
      const state: RangeState = { v: 1, scan: scan.id, at: reached, done }
      return state as unknown as Json
    },
  }
}

async function openRanges({ store, prepared }: Loading, scan: Scan): Promise<OpenRange[]> {
  const open: OpenRange[] = []
  for (const range of scan.ranges!) {
    const stored = await store.checkpoint(prepared.ref, range.id)
    const state = stored?.state as RangeState | undefined
    const own = state?.scan === scan.id ? state : undefined
    if (!own?.done) open.push({ range, version: stored?.version, at: own?.at ?? null })
  }
  return open
}

async function inParallel(
  loading: Loading,
  scan: Scan,
  open: OpenRange[],
  workers: number,
  memory: RejectMemory,
): Promise<End> {
  const failed = new AbortController()
  const signal = AbortSignal.any([loading.signal, failed.signal])
  const share = (all: number) => Math.max(1, Math.ceil(all / workers))
  const { rows, bytes, seconds } = loading.commit
  // What the warehouse copies by itself is not held here; bytes bound what it leaves to this process.
  const commit = { rows: loading.copy ? rows : share(rows), bytes: share(bytes), seconds }
  const shared = { ...loading, signal, commit }
  const reports = reportTogether(loading)
  const todo = [...open]
  const work = async (own: Loading): Promise<End> => {
    for (let next = todo.shift(); next; next = todo.shift()) {
      const at = { rangeId: next.range.id, version: next.version, scanVersion: loading.version }
      const mine = { ...own, ...at, report: reports(next.range.id) }
      if ((await readRange(mine, rangeReach(scan, next), memory)) === 'interrupted') return 'interrupted'
    }
    return 'complete'
  }
  const stopping = (error: unknown) => {
    failed.abort()
    throw error
  }
  const first = work(shared).catch(stopping)
  const others = Array.from({ length: workers - 1 }, () => withFork(shared, work).catch(stopping))
  const ends = await Promise.allSettled([first, ...others])
  const failure = ends.find((it) => it.status === 'rejected')
  if (failure) throw failure.reason
  return ends.every((it) => it.status === 'fulfilled' && it.value === 'complete') ? 'complete' : 'interrupted'
}

/** A connection and a staging of its own. */
async function withFork(loading: Loading, work: (own: Loading) => Promise<End>): Promise<End> {
  const session = loading.session.fork()
  try {
    const loader = await session.loader(loading.parts)
    if (loading.copy) loader.lookUp(loading.copy.lookups)
    return await work({ ...loading, session, loader }).finally(() => loader.close())
  } finally {
    await session.close()
  }
}

/** Progress of one range tells what is pending in all of them. */
function reportTogether(loading: Loading): (rangeId: string) => Loading['report'] {
  const pending = new Map<string, { pending: number; rejected: number }>()
  const sum = (name: 'pending' | 'rejected') => [...pending.values()].reduce((all, it) => all + it[name], 0)
  return (rangeId) => (event: LoadingEvent) => {
    if (event.kind === 'progress') pending.set(rangeId, event)
    if (event.kind === 'committed') pending.delete(rangeId)
    loading.report(
      event.kind === 'progress' ? { ...event, pending: sum('pending'), rejected: sum('rejected') } : event,
    )
  }
}
