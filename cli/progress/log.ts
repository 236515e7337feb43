import type { Log } from '../../core/log.ts'
import type { DatasetRun, RunEvent } from '../../core/report.ts'
import type { Progress } from './index.ts'
import { newRunState, takeEvent } from './state.ts'

const HEARTBEAT_MS = 10_000

/** A run as log entries with facts: every start, end and commit, and what is at work every ten seconds. */
export function logProgress(log: Log): Progress {
  const state = newRunState()
  const beat = () => {
    for (const { name, phase, doing, counts, rowsPerSecond } of state.datasets.values()) {
      if (phase === 'active') log.info('at work', { dataset: name, doing, ...counts, rowsPerSecond })
    }
  }
  const timer = setInterval(beat, HEARTBEAT_MS)
  return {
    event(event) {
      takeEvent(state, event)
      logEvent(log, event)
    },
    aside: (write) => write(),
    stop() {
      clearInterval(timer)
      log.close()
    },
  }
}

function logEvent(log: Log, event: RunEvent): void {
  if (event.kind === 'start') log.info('run started', { run: event.runId, datasets: event.datasets })
  if (event.kind === 'dataset') {
    const { dataset, mode, estimate } = event
    log.info('dataset started', { dataset, mode, ...(estimate !== undefined && { estimate }) })
  }
  if (event.kind === 'committed') {
    const { dataset, commits, counts } = event
    log.info('committed', { dataset, commits, ...counts })
  }
  if (event.kind === 'done') logDone(log, event.run)
  if (event.kind === 'end') {
    const { runId, status, exitCode, counts } = event.report
    log.info('run ended', { run: runId, status, exitCode, ...counts })
  }
}

function logDone(log: Log, { dataset, status, counts, problem }: DatasetRun): void {
  if (!problem) log.info('dataset ended', { dataset, status, ...counts })
  else
    log.error('dataset ended', { dataset, status, ...counts, code: problem.code, problem: problem.problem })
}
