import { addCounts, noCounts } from '../../core/counts.ts'
import { ConfigError } from '../../core/errors.ts'
import type { RejectRecord, RunReport, RunStatus, StatusReport } from '../../core/report.ts'
import { type DatasetSpec, datasetRef, type ProjectSpec } from '../../core/spec.ts'
import type { Json } from '../../core/value.ts'
import type { Sources } from '../plan/sources.ts'
import type { DatasetState } from '../run/mode.ts'
import { datasetRunOf, type StoredDatasetRun } from '../state/dataset-run.ts'
import { loadParts } from '../state/parts.ts'
import { rowsOf } from '../state/sql.ts'
import type { StateStore } from '../state/store.ts'
import { driftOf } from './drift.ts'
import { viewState } from './views.ts'

interface StoredRun {
  run_id: string
  status: RunStatus
  started_at: string
  ended_at: string | null
  exit_code: number | null
}

/** The last runs, newest first. */
export async function listRuns(store: StateStore, limit: number): Promise<RunReport[]> {
  const query = store.table('runs').select('*').orderBy('started_at', 'desc').limit(limit)
  return withDatasets(store, await rowsOf<StoredRun>(store.session, query))
}

/** @throws {ConfigError} E707 */
export async function showRun(store: StateStore, runId: string): Promise<RunReport> {
  const rows = await rowsOf<StoredRun>(
    store.session,
    store.table('runs').select('*').where({ run_id: runId }),
  )
  const [run] = await withDatasets(store, rows)
  if (run) return run
  throw new ConfigError('E707', { problem: `There is no run "${runId}".`, remedy: 'See: polder runs list' })
}

async function withDatasets(store: StateStore, runs: StoredRun[]): Promise<RunReport[]> {
  const ids = runs.map((it) => it.run_id)
  const query = store.table('run_datasets').select('*').whereIn('run_id', ids).orderBy('started_at')
  const datasets = ids.length === 0 ? [] : await rowsOf<StoredDatasetRun>(store.session, query)
  return runs.map((run) => {
    const own = datasets.filter((it) => it.run_id === run.run_id).map(datasetRunOf)
    return {
      runId: run.run_id,
      status: run.status,
      startedAt: run.started_at,
      endedAt: run.ended_at ?? undefined,
      datasets: own,
      counts: own.reduce((sum, it) => addCounts(sum, it.counts), noCounts()),
      exitCode: Number(run.exit_code ?? 0),
    }
  })
}

/** Where each dataset stands. Only sources of datasets that are mapped in place are asked. */
export async function status(
  project: ProjectSpec,
  datasets: DatasetSpec[],
  sources: Sources,
  store: StateStore,
): Promise<StatusReport> {
  const schedules = new Map(project.pipelines.map((it) => [it.name, it.schedule]))
  const report: StatusReport = { datasets: [] }
  const parts = await loadParts(store)
  for (const dataset of datasets) {
    const ref = datasetRef(dataset)
    const last = store
      .table('run_datasets')
      .select('*')
      .where({ dataset: ref })
      .orderBy('started_at', 'desc')
      .limit(1)
    const [row] = await rowsOf<StoredDatasetRun>(store.session, last)
    const state = (await store.checkpoint(ref, '0'))?.state as DatasetState | undefined
    const view = await viewState(dataset, parts, store.session)
    const drift = view && !view.problem ? await driftOf(dataset, sources, store) : undefined
    report.datasets.push({
      dataset: ref,
      lastRun: row && lastRunOf(row),
      freshAt: state?.complete?.endedAt,
      openRejects: view?.leftOut ?? (await countOpenRejects(store, ref)),
      ...(view && { inPlace: true }),
      ...(view?.problem && { broken: view.problem }),
      ...(drift && { drift }),
      schedule: schedules.get(dataset.pipeline),
    })
  }
  return report
}

function lastRunOf(row: StoredDatasetRun): StatusReport['datasets'][number]['lastRun'] {
  const { status, endedAt, counts, problem } = datasetRunOf(row)
  return { runId: row.run_id, status, endedAt, counts, problem }
}

async function countOpenRejects(store: StateStore, dataset: string): Promise<number> {
  const query = store.table('rejects').where({ dataset }).whereNull('closed_at').count({ rejects: '*' })
  const [row] = await rowsOf<{ rejects: number }>(store.session, query)
  return Number(row!.rejects)
}

interface StoredReject {
  reject_id: string
  run_id: string
  dataset: string
  source_id: string
  code: string
  table_name: string | null
  column_name: string | null
  reason: string
  created_at: string
  row_json: string
}

/** Open rejects, newest first. Values are masked unless revealed; the field names stay. */
export async function listRejects(
  store: StateStore,
  ask: { datasets: string[]; runId?: string; limit: number; reveal: boolean },
): Promise<RejectRecord[]> {
  const query = store.table('rejects').select('*').whereNull('closed_at').whereIn('dataset', ask.datasets)
  if (ask.runId !== undefined) query.where({ run_id: ask.runId })
  query.orderBy('created_at', 'desc').orderBy('reject_id').limit(ask.limit)
  const rows = await rowsOf<StoredReject>(store.session, query)
  return rows.map((it) => ({
    id: it.reject_id.slice(0, 12),
    runId: it.run_id,
    dataset: it.dataset,
    // A key may be an e-mail address.
    sourceId: ask.reveal ? it.source_id : mask(it.source_id),
    code: it.code,
    table: it.table_name ?? undefined,
    column: it.column_name ?? undefined,
    reason: it.reason,
    createdAt: it.created_at,
    row: ask.reveal ? JSON.parse(it.row_json) : masked(JSON.parse(it.row_json)),
  }))
}

/** Plain numbers are keys that help to find the row and name nobody by themselves. */
const mask = (key: string): string => (/^\d*$/.test(key) ? key : '***')

function masked(value: Json): Json {
  if (Array.isArray(value)) return value.map(masked)
  if (value === null || typeof value !== 'object') return value === null ? null : '***'
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, masked(it)]))
}
