import { randomBytes } from 'node:crypto'
import { addCounts, noCounts } from '../../core/counts.ts'
import type { DatasetRun, RunReport, RunStatus } from '../../core/report.ts'
import type { ProjectSpec } from '../../core/spec.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { lookupRoom } from '../lookup/room.ts'
import type { Prepared } from '../plan/prepare.ts'
import { type OnRoad, planRoads } from '../plan/roads.ts'
import type { Sources } from '../plan/sources.ts'
import { loadParts } from '../state/parts.ts'
import { purge } from '../state/purge.ts'
import { closeDeadRuns, endRun, startRun } from '../state/runs.ts'
import type { StateStore } from '../state/store.ts'
import { runDataset } from './dataset.ts'
import { exitCodeOf } from './exit-code.ts'
import { holderOfThisProcess, isDeadHolder } from './holder.ts'
import type { LoadingEvent, Report } from './loading.ts'
import { makeParts, settleParts } from './parts.ts'
import { Slots } from './slots.ts'

export interface RunAsk {
  full: boolean
  allowShrink: boolean
  acceptSchema?: boolean
  commit: { rows: number; seconds: number }
  /** Readings at the same time: datasets, and ranges of one dataset. */
  parallel: number
  signal: AbortSignal
  onEvent: Report
}

/**
 * Runs the prepared datasets, several at the same time; a dataset that fails does not stop the others.
 * @returns the record of the run, as it is stored in the warehouse
 */
export async function run(
  project: ProjectSpec,
  prepared: Prepared[],
  sources: Sources,
  session: WarehouseSession,
  store: StateStore,
  ask: RunAsk,
): Promise<RunReport> {
  const began = performance.now()
  const at = () => Math.round(performance.now() - began)
  const runId = newRunId()
  const holder = holderOfThisProcess()
  await closeDeadRuns(store, isDeadHolder)
  const startedAt = await startRun(store, runId, holder)
  await purge(store, runId, startedAt)
  ask.onEvent({ kind: 'start', at: at(), runId, datasets: prepared.map((it) => it.ref) })
  const roads = await planRoads(project, prepared, sources, session, await loadParts(store))
  const parts = await makeParts(project, roads, session, store)
  const common = { sources, store, runId, holder, room: lookupRoom, ...ask }
  const datasets = await inSlots(roads, ask, async ({ prepared: it, road }, slots, signal) => {
    const own = slots.count > 1 ? session.fork() : session
    const startMs = performance.now()
    const work = {
      ...common,
      prepared: it,
      ...(road && { road }),
      parts: parts.get(it.ref) ?? [],
      session: own,
      slots,
      signal,
    }
    try {
      const done = await runDataset({
        ...work,
        report: (event, run) => ask.onEvent(runEvent(event, run, at(), startMs)),
      })
      ask.onEvent({ kind: 'done', at: at(), run: done })
      return done
    } finally {
      if (own !== session) await own.close()
    }
  })
  await retireAll(project, prepared, datasets, session, store)
  const status = statusOf(datasets, ask.signal.aborted)
  const counts = datasets.reduce((sum, it) => addCounts(sum, it.counts), noCounts())
  const exitCode = exitCodeOf(datasets, status, counts)
  const endedAt = await endRun(store, runId, status, exitCode)
  const report: RunReport = { runId, status, startedAt, endedAt, datasets, counts, exitCode }
  ask.onEvent({ kind: 'end', at: at(), report })
  return report
}

/**
 * Works on so many datasets at the same time as there are slots, in their order; none is begun after a stop.
 * @throws the first failure, once all that had begun have ended
 */
async function inSlots(
  prepared: OnRoad[],
  ask: RunAsk,
  work: (it: OnRoad, slots: Slots, signal: AbortSignal) => Promise<DatasetRun>,
): Promise<DatasetRun[]> {
  const slots = new Slots(ask.parallel)
  const failed = new AbortController()
  const signal = AbortSignal.any([ask.signal, failed.signal])
  const ends = await Promise.allSettled(
    prepared.map((it) =>
      slots.use(async () => {
        if (signal.aborted) return undefined
        return work(it, slots, signal).catch((error) => {
          failed.abort()
          throw error
        })
      }),
    ),
  )
  const failure = ends.find((it) => it.status === 'rejected')
  if (failure) throw failure.reason
  return ends.flatMap((it) => (it.status === 'fulfilled' && it.value ? [it.value] : []))
}

/** Changes views, so after all loading: DuckDB lets no commit pass beside it. */
async function retireAll(
  project: ProjectSpec,
  prepared: Prepared[],
  datasets: DatasetRun[],
  session: WarehouseSession,
  store: StateStore,
): Promise<void> {
  for (const { dataset, status, mode } of datasets) {
    const it = prepared.find(({ ref }) => ref === dataset)
    if (it && status === 'ok' && READS_ALL.includes(mode)) await settleParts(project, it, session, store)
  }
}

/** Their end means that the parts hold what there is. */
const READS_ALL: DatasetRun['mode'][] = ['full', 'resume', 'unchanged']

/** Short enough to type, and in order of time: seconds since 2024 in base 36, then chance. */
function newRunId(): string {
  const seconds = Math.floor(Date.now() / 1000) - 1_704_067_200
  return `${seconds.toString(36)}-${randomBytes(3).toString('hex')}`
}

function statusOf(datasets: DatasetRun[], aborted: boolean): RunStatus {
  if (datasets.some((it) => it.status === 'failed')) return 'failed'
  return aborted || datasets.some((it) => it.status === 'interrupted') ? 'interrupted' : 'ok'
}

function runEvent(event: LoadingEvent, run: DatasetRun, at: number, startMs: number) {
  const { dataset } = run
  if (event.kind === 'mode') return { ...event, kind: 'dataset' as const, at, dataset }
  if (event.kind === 'committed')
    return { kind: 'committed' as const, at, dataset, counts: run.counts, commits: run.commits }
  const read = run.counts.read + event.pending
  const counts = { ...run.counts, read, rejected: run.counts.rejected + event.rejected }
  const rowsPerSecond = Math.round(read / Math.max(0.001, (performance.now() - startMs) / 1000))
  return {
    kind: 'progress' as const,
    at,
    dataset,
    counts,
    rowsPerSecond,
    doing: event.doing,
    committed: run.counts.read,
  }
}
