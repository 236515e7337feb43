import type { RunEvent } from '../../core/report.ts'
import type { Printer } from '../printer.ts'
import { cutTo } from '../text/format.ts'
import type { Progress } from './index.ts'
import { activeLine, doneLine, footLine, nameWidth, openingLine } from './lines.ts'
import { newRunState, takeEvent } from './state.ts'

/** At most eight times a second; at least once, so that clocks move and silence is seen to be work. */
const FRAME_MS = 125
const STILL_MS = 1000

/** Lines at the end of the terminal that are drawn over; what has ended scrolls away above them. */
export function liveProgress(printer: Printer, now: () => number): Progress {
  const state = newRunState()
  const startedAt = now()
  const colors = printer.colors.stderr
  let drawn = 0
  let drawnAt = 0
  let changed = true

  const clear = () => {
    if (drawn > 0) printer.control(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  const block = (rows: number): string[] => {
    const atMs = now() - startedAt
    if (state.runId === undefined) return [openingLine(atMs)]
    const active = [...state.datasets.values()].filter((it) => it.phase === 'active')
    const shown = active.slice(0, Math.max(1, rows - 3))
    const lines = shown.map((it) => activeLine(it, nameWidth(state), colors))
    if (active.length > shown.length) lines.push(`  … ${active.length - shown.length} more at work`)
    return [...lines, footLine(state, atMs, process.memoryUsage.rss(), colors)]
  }
  const draw = () => {
    const { columns, rows } = printer.size()
    clear()
    const lines = block(rows)
    printer.note(lines.map((it) => cutTo(it, columns - 1)).join('\n'))
    drawn = lines.length
    drawnAt = now()
    changed = false
  }
  const frame = () => {
    if (changed || now() - drawnAt >= STILL_MS) draw()
  }
  const timer = setInterval(frame, FRAME_MS)

  return {
    event(event: RunEvent) {
      takeEvent(state, event)
      changed = true
      if (event.kind === 'start') announce(printer, event.runId, clear)
      if (event.kind !== 'done') return
      clear()
      const dataset = state.datasets.get(event.run.dataset)!
      printer.note(cutTo(doneLine(dataset, nameWidth(state), colors), printer.size().columns - 1))
    },
    aside(write) {
      clear()
      changed = true
      write()
    },
    stop() {
      clearInterval(timer)
      clear()
    },
  }
}

function announce(printer: Printer, runId: string, clear: () => void): void {
  clear()
  printer.note(`run ${runId}`)
}
