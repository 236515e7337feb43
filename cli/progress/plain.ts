import type { RunEvent } from '../../core/report.ts'
import { plural } from '../../core/text.ts'
import type { Printer } from '../printer.ts'
import type { Progress } from './index.ts'
import { activeLine, doneLine, openingLine } from './lines.ts'
import { newRunState, takeEvent } from './state.ts'

/** Silence is never longer than this. */
const HEARTBEAT_MS = 10_000

/** Lines for logs: one when a dataset starts, one every ten seconds, one when it ends. */
export function plainProgress(printer: Printer, now: () => number): Progress {
  const state = newRunState()
  const startedAt = now()
  const colors = printer.colors.stderr

  const beat = () => {
    const active = [...state.datasets.values()].filter((it) => it.phase === 'active')
    for (const it of active) printer.note(activeLine(it, 0, colors))
    if (state.runId === undefined) printer.note(openingLine(now() - startedAt))
    else if (active.length === 0) printer.note('  between two datasets')
  }
  const timer = setInterval(beat, HEARTBEAT_MS)

  return {
    event(event: RunEvent) {
      takeEvent(state, event)
      if (event.kind === 'start')
        printer.note(`run ${event.runId}  ${plural(event.datasets.length, 'dataset')}`)
      if (event.kind === 'dataset') printer.note(`  ${event.dataset}  ${startText(event)}`)
      if (event.kind === 'done') printer.note(doneLine(state.datasets.get(event.run.dataset)!, 0, colors))
    },
    aside: (write) => write(),
    stop: () => clearInterval(timer),
  }
}

function startText({ mode, estimate }: Extract<RunEvent, { kind: 'dataset' }>): string {
  if (mode === 'view') return 'mapped in place'
  return `${mode} read${estimate === undefined ? '' : ` of ≈${plural(estimate, 'row')}`}`
}
