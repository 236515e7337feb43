import { plural } from '../../core/text.ts'
import type { Colors } from '../printer.ts'
import { duration, number, took } from '../text/format.ts'
import type { DatasetState, RunState } from './state.ts'

const BAR_CELLS = 16
const MEGABYTE = 1_048_576

/** A dataset at work: a bar only where its size is known, and then as an estimate. */
export function activeLine(it: DatasetState, nameWidth: number, colors: Colors): string {
  const { read, rejected } = it.counts
  const cells = [it.name.padEnd(nameWidth)]
  if (it.estimate) cells.push(bar(read / it.estimate), `${number(read)}/≈${number(it.estimate)}`)
  else cells.push(plural(read, 'row'))
  cells.push(`${number(it.rowsPerSecond)} rows/s`)
  if (rejected > 0) cells.push(colors.yellow(`rejects ${number(rejected)}`))
  cells.push(doingText(it, colors))
  return `  ${cells.join('  ')}`
}

/** More rows than estimated fill the bar and no more. */
function bar(share: number): string {
  const full = Math.min(BAR_CELLS, Math.floor(share * BAR_CELLS))
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full)
}

/** Standing still says why. */
function doingText({ doing }: DatasetState, colors: Colors): string {
  if (doing === undefined) return colors.dim('starting')
  const waits = doing === 'retrying'
  return waits ? colors.yellow(`⏸ ${doing}`) : colors.dim(doing)
}

/** A dataset that has ended, however it did. */
export function doneLine({ name, run, counts }: DatasetState, nameWidth: number, colors: Colors): string {
  const time = run ? (took(run) ?? '') : ''
  const head = `  ${name.padEnd(nameWidth)}  `
  if (run?.mode === 'view' && run.status === 'ok')
    return `${head}${colors.green('✔')} in place, nothing to read`
  if (run?.mode === 'unchanged') return `${head}${colors.green('✔')} unchanged, nothing to read`
  if (run?.status === 'ok') {
    const rejects = counts.rejected > 0 ? `  ${colors.yellow(`rejects ${number(counts.rejected)}`)}` : ''
    return `${head}${colors.green('✔')} ${plural(counts.read, 'row')}  ${time}${rejects}`
  }
  if (run?.status === 'interrupted')
    return `${head}${colors.yellow('⏸')} stopped after ${plural(counts.read, 'row')}`
  const cause = run?.problem ? `${run.problem.code} ${run.problem.problem}` : (run?.status ?? 'failed')
  return `${head}${colors.red('✖')} ${cause}`
}

/** The line under the datasets: memory, last commit, how to stop. */
export function footLine(state: RunState, atMs: number, memoryBytes: number, colors: Colors): string {
  const queued = [...state.datasets.values()].filter((it) => it.phase === 'queued').length
  const parts = [`mem ${number(memoryBytes / MEGABYTE)} MB`]
  if (queued > 0) parts.push(`${number(queued)} waiting their turn`)
  if (state.committedAt !== undefined)
    parts.push(`committed ${duration(Math.max(0, atMs - state.committedAt))} ago`)
  parts.push('Ctrl-C stops after the current commit')
  return colors.dim(`  ${parts.join(' · ')}`)
}

/** Before the first event there is only the time to tell. */
export const openingLine = (atMs: number): string =>
  `  opening the project and its warehouse · ${duration(atMs)}`

export const nameWidth = (state: RunState): number =>
  Math.max(0, ...[...state.datasets.keys()].map((it) => it.length))
