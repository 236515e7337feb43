import type { ScheduleEvent } from '../../app/index.ts'
import { equation } from './run.ts'

const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`

/** One line for what a scheduler does. */
export function scheduleLine(event: ScheduleEvent): string {
  switch (event.kind) {
    case 'waiting': {
      const [first] = [...event.next].sort((a, b) => a.at.localeCompare(b.at))
      return first ? `waiting: ${first.pipeline} is due at ${minute(first.at)}` : 'nothing is ever due again'
    }
    case 'due':
      return `${event.pipeline}: due at ${minute(event.dueAt)}, running`
    case 'skipped':
      return `${event.pipeline}: due at ${minute(event.dueAt)}, passed over: it is still busy`
    case 'taken':
      return `${event.pipeline}: due at ${minute(event.dueAt)}, another scheduler has it`
    case 'ended':
      return `${event.pipeline}: run ${event.report.runId} ${event.report.status}: ${equation(event.report.counts)}`
    case 'failed':
      return `${event.pipeline}: ${event.problems.map((it) => `${it.code} ${it.problem}`).join(' ')}`
  }
}
