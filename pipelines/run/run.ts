import { randomBytes } from 'node:crypto'
import { addCounts, noCounts } from '../../core/counts.ts'
import type { DatasetRun, RunReport, RunStatus } from '../../core/report.ts'
import type { ProjectSpec } from '../../core/spec.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import type { Prepared } from '../plan/prepare.ts'
import type { Sources } from '../plan/sources.ts'
import type { StateStore } from '../state/store.ts'
import { runDataset } from './dataset.ts'
import { exitCodeOf } from './exit-code.ts'
import { holderOfThisProcess, isDeadHolder } from './holder.ts'
import type { LoadingEvent, Report } from './loading.ts'
import { makeParts, retireParts } from './parts.ts'

export interface RunAsk {
  full: boolean
  allowShrink: boolean
  commit: { rows: number; seconds: number }
  signal: AbortSignal
  onEvent: Report
}

/**
 * Runs the prepared datasets one after another; a dataset that fails does not stop the others.
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
  await store.closeDeadRuns(isDeadHolder)
  const startedAt = await store.startRun(runId, holder)
  await store.purgeRejects(startedAt)
  ask.onEvent({ kind: 'start', at: at(), runId, datasets: prepared.map((it) => it.ref) })
  const parts = await makeParts(project, prepared, session, store)
  const datasets: DatasetRun[] = []
  for (const it of prepared) {
    if (ask.signal.aborted) break
    const startMs = performance.now()
    const report = (event: LoadingEvent, run: DatasetRun) => ask.onEvent(runEvent(event, run, at(), startMs))
    const common = { sources, session, store, runId, holder, ...ask, report }
    const done = await runDataset({ prepared: it, parts: parts.get(it.ref) ?? [], ...common })
    if (done.status === 'ok' && done.mode !== 'incremental') await retireParts(project, it, session, store)
    datasets.push(done)
    ask.onEvent({ kind: 'done', at: at(), run: done })
  }
  const status = statusOf(datasets, ask.signal.aborted)
  const counts = datasets.reduce((sum, it) => addCounts(sum, it.counts), noCounts())
  const exitCode = exitCodeOf(datasets, status, counts)
  const endedAt = await store.endRun(runId, status, exitCode)
  const report: RunReport = { runId, status, startedAt, endedAt, datasets, counts, exitCode }
  ask.onEvent({ kind: 'end', at: at(), report })
  return report
}

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
