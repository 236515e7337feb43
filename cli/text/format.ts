import { stripVTControlCharacters } from 'node:util'
import { plural } from '../../core/text.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `20,512` */
export const number = (count: number): string => Math.round(count).toLocaleString('en-US')

/** `0.4 s`, `42 s`, `2 min 5 s`, `3 h 10 min`, `1 d 6 h` */
export function duration(millis: number): string {
  if (millis < 9950) return `${(Math.max(0, millis) / SECOND_MS).toFixed(1)} s`
  const rounded = Math.round(millis / SECOND_MS) * SECOND_MS
  if (rounded < MINUTE_MS) return `${rounded / SECOND_MS} s`
  if (rounded < HOUR_MS) return two(rounded, MINUTE_MS, 'min', SECOND_MS, 's')
  if (rounded < DAY_MS) return two(rounded, HOUR_MS, 'h', MINUTE_MS, 'min')
  return two(rounded, DAY_MS, 'd', HOUR_MS, 'h')
}

function two(millis: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const rest = Math.floor((millis % largeMs) / smallMs)
  const head = `${Math.floor(millis / largeMs)} ${large}`
  return rest === 0 ? head : `${head} ${rest} ${small}`
}

/** How long ago an instant was, `8 min`: one unit below a day. Seconds of clock difference count as now. */
export function age(instant: string, now: number): string {
  const millis = now - Date.parse(instant)
  if (millis < SECOND_MS) return 'now'
  if (millis < MINUTE_MS) return `${Math.floor(millis / SECOND_MS)} s`
  if (millis < HOUR_MS) return `${Math.floor(millis / MINUTE_MS)} min`
  if (millis < DAY_MS) return `${Math.floor(millis / HOUR_MS)} h`
  return two(millis, DAY_MS, 'd', HOUR_MS, 'h')
}

/** Time between two instants; undefined while it goes on. */
export const took = (run: { startedAt: string; endedAt?: string }): string | undefined =>
  run.endedAt === undefined ? undefined : duration(Date.parse(run.endedAt) - Date.parse(run.startedAt))

const width = (text: string): number => stripVTControlCharacters(text).length

/** Columns of equal width; those named in `right` are aligned to the right. */
export function table(rows: string[][], right: number[] = []): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell))
    })
  }
  const pad = (cell: string, i: number) => {
    const blanks = ' '.repeat(widths[i]! - width(cell))
    return right.includes(i) ? blanks + cell : cell + blanks
  }
  return rows.map((row) => row.map(pad).join('  ').trimEnd())
}

/** Cuts to `columns`; a line that is too long loses its colours with its end. */
export function cutTo(line: string, columns: number): string {
  if (width(line) <= columns) return line
  return `${stripVTControlCharacters(line).slice(0, Math.max(0, columns - 1))}…`
}

/** `a, b, c and 4 more` */
export function some(names: string[], limit: number): string {
  if (names.length <= limit) return names.join(', ')
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`
}

export const indent = (text: string, blanks = '  '): string => text.replace(/^(?=.)/gm, blanks)

/** `1 error, 2 warnings`, or nothing. */
export function findings(problems: { severity: 'error' | 'warning' }[]): string {
  const errors = problems.filter((it) => it.severity === 'error').length
  const warnings = problems.length - errors
  return [errors && plural(errors, 'error'), warnings && plural(warnings, 'warning')]
    .filter(Boolean)
    .join(', ')
}
