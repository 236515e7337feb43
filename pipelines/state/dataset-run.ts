import { type Counts, noCounts } from '../../core/counts.ts'
import type { DatasetRun, RunStatus } from '../../core/report.ts'

/** A row of `run_datasets`. */
export interface StoredDatasetRun extends Record<`rows_${keyof Counts}`, number> {
  run_id: string
  dataset: string
  road: DatasetRun['road']
  mode: DatasetRun['mode']
  status: RunStatus
  started_at: string
  ended_at: string | null
  deleted: number
  commits: number
  tables: string
  end_mark: string | null
  problem: string | null
  warnings: string
}

export function datasetRunOf(row: StoredDatasetRun): DatasetRun {
  const counts = noCounts()
  for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] = Number(row[`rows_${name}`])
  return {
    dataset: row.dataset,
    status: row.status,
    road: row.road,
    mode: row.mode,
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
    counts,
    deleted: Number(row.deleted),
    tables: JSON.parse(row.tables),
    commits: Number(row.commits),
    cursor: row.end_mark ?? undefined,
    problem: row.problem ? JSON.parse(row.problem) : undefined,
    warnings: JSON.parse(row.warnings),
  }
}
