import type { Counts } from '../../core/counts.ts'
import type { Problem } from '../../core/errors.ts'
import type { DatasetRun, RunStatus } from '../../core/report.ts'
import { shorten } from '../../core/row-id.ts'
import type { Tx } from '../../core/warehouse.ts'
import { datasetRunOf, type StoredDatasetRun } from './dataset-run.ts'
import { execute, rowsOf } from './sql.ts'
import type { StateStore } from './store.ts'

/** Where a commit stands in its run. */
export interface CommitPlace {
  commitId: string
  runId: string
  dataset: string
  rangeId: string
  seq: number
}

export async function startRun(store: StateStore, runId: string, holder: string): Promise<string> {
  const now = await store.now()
  await store.session.transaction(async (tx) => {
    await execute(
      tx,
      store.table('runs').insert({ run_id: runId, status: 'running', started_at: now, holder }),
    )
  })
  return now
}

export async function endRun(
  store: StateStore,
  runId: string,
  status: RunStatus,
  exitCode: number,
): Promise<string> {
  const now = await store.now()
  await store.session.transaction(async (tx) => {
    const end = { status, ended_at: now, exit_code: exitCode }
    await execute(tx, store.table('runs').where({ run_id: runId }).update(end))
  })
  return now
}

/** Runs that still say `running` although their process is gone become `killed`. */
export async function closeDeadRuns(store: StateStore, isDead: (holder: string) => boolean): Promise<void> {
  const open = store.table('runs').select('run_id', 'holder').where({ status: 'running' })
  const rows = await rowsOf<{ run_id: string; holder: string }>(store.session, open)
  const dead = rows.filter((it) => isDead(it.holder)).map((it) => it.run_id)
  if (dead.length === 0) return
  await store.session.transaction(async (tx) => {
    const ended = { status: 'killed', ended_at: await store.now(tx) }
    await execute(tx, store.table('runs').whereIn('run_id', dead).update(ended))
    await execute(
      tx,
      store.table('run_datasets').whereIn('run_id', dead).where({ status: 'running' }).update(ended),
    )
  })
}

export async function recordBatch(store: StateStore, tx: Tx, at: CommitPlace, counts: Counts): Promise<void> {
  const row = {
    commit_id: shorten(at.commitId),
    run_id: at.runId,
    dataset: at.dataset,
    range_id: at.rangeId,
    seq: at.seq,
    ...counterColumns(counts),
    committed_at: await store.now(tx),
  }
  await execute(tx, store.table('batches').insert(row))
}

/** The road of the last run that ended well; undefined before the first. */
export async function lastRoad(store: StateStore, dataset: string): Promise<DatasetRun['road'] | undefined> {
  const query = store
    .table('run_datasets')
    .select('*')
    .where({ dataset, status: 'ok' })
    .orderBy('started_at', 'desc')
    .limit(1)
  const [row] = await rowsOf<StoredDatasetRun>(store.session, query)
  return row?.road
}

/** Writes the dataset's row of this run, whole. */
export async function recordDataset(
  store: StateStore,
  tx: Tx,
  runId: string,
  run: DatasetRun,
): Promise<void> {
  const key = { run_id: runId, dataset: run.dataset }
  await execute(tx, store.table('run_datasets').where(key).delete())
  await execute(tx, store.table('run_datasets').insert({ ...key, ...datasetColumns(run) }))
}

/** What the commits of a run have come to for a dataset: counted inside them, so true whoever heard of it. */
export async function tallyOf(
  store: StateStore,
  runId: string,
  dataset: string,
): Promise<Partial<DatasetRun>> {
  const query = store.table('run_datasets').select('*').where({ run_id: runId, dataset })
  const [row] = await rowsOf<StoredDatasetRun>(store.session, query)
  if (!row) return {}
  const { counts, tables, deleted, commits, cursor } = datasetRunOf(row)
  return { counts, tables, deleted, commits, cursor }
}

const counterColumns = (counts: Counts): Record<string, number> => ({
  rows_read: counts.read,
  rows_loaded: counts.loaded,
  rows_unchanged: counts.unchanged,
  rows_superseded: counts.superseded,
  rows_filtered: counts.filtered,
  rows_rejected: counts.rejected,
})

function datasetColumns(run: DatasetRun): Record<string, string | number | null> {
  return {
    road: run.road,
    mode: run.mode,
    status: run.status,
    started_at: run.startedAt,
    ended_at: run.endedAt ?? null,
    ...counterColumns(run.counts),
    deleted: run.deleted,
    commits: run.commits,
    tables: JSON.stringify(run.tables),
    end_mark: run.cursor ?? null,
    problem: run.problem ? JSON.stringify(storedProblem(run.problem)) : null,
    warnings: JSON.stringify(run.warnings.map(storedProblem)),
  }
}

/** A problem without the text of the file that it points into. */
function storedProblem(it: Problem): Problem {
  return it.at ? { ...it, at: { ...it.at, file: { path: it.at.file.path, text: '' } } } : it
}
