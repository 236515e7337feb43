import type { Counts } from '../../core/counts.ts'
import { noCounts } from '../../core/counts.ts'
import type { DatasetRun, RunDoing, RunEvent } from '../../core/report.ts'

/** What is known of a run while it goes on. */
export interface RunState {
  runId?: string
  /** In the order of the plan. */
  datasets: Map<string, DatasetState>
  /** Milliseconds since the run began; of the last commit of any dataset. */
  committedAt?: number
}

export interface DatasetState {
  name: string
  phase: 'queued' | 'active' | 'done'
  doing?: RunDoing
  estimate?: number
  counts: Counts
  rowsPerSecond: number
  run?: DatasetRun
}

export const newRunState = (): RunState => ({ datasets: new Map() })

/** Takes in one event; `state` is changed. */
export function takeEvent(state: RunState, event: RunEvent): void {
  if (event.kind === 'start') {
    state.runId = event.runId
    for (const name of event.datasets) datasetOf(state, name)
  } else if (event.kind === 'done') {
    Object.assign(datasetOf(state, event.run.dataset), {
      phase: 'done',
      run: event.run,
      counts: event.run.counts,
    })
  } else if (event.kind !== 'end') {
    const dataset = datasetOf(state, event.dataset)
    dataset.phase = 'active'
    if (event.kind === 'dataset') dataset.estimate = event.estimate
    else dataset.counts = event.counts
    if (event.kind === 'progress') {
      dataset.rowsPerSecond = event.rowsPerSecond
      dataset.doing = event.doing
    }
    if (event.kind === 'committed') state.committedAt = event.at
  }
}

function datasetOf(state: RunState, name: string): DatasetState {
  let dataset = state.datasets.get(name)
  if (!dataset) {
    dataset = { name, phase: 'queued', counts: noCounts(), rowsPerSecond: 0 }
    state.datasets.set(name, dataset)
  }
  return dataset
}
