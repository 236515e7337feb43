import pc from 'picocolors'
import { explain } from '../core/catalog/index.ts'
import type { Problem } from '../core/errors.ts'
import { type Place, placeText } from '../core/place.ts'
import { redact } from '../core/secrets.ts'
import { printable, widthOf, windowAround } from './excerpt-line.ts'
import { inFileOrder } from './report.ts'

export interface RenderOptions {
  color: boolean
  /** Lines shown before and after; default: two before and one after. */
  context?: number
}

type Colors = ReturnType<typeof pc.createColors>

const MAX_LABEL = 60

/** Findings for people: place, title, the lines with a caret, and the next step. In file order, with a blank line between. */
export function renderProblems(problems: Problem[], options: RenderOptions): string {
  const colors = pc.createColors(options.color)
  return inFileOrder(problems)
    .map((it) => renderProblem(it, options.context, colors))
    .join('\n')
}

function renderProblem(problem: Problem, context: number | undefined, colors: Colors): string {
  const { at, code, severity } = problem
  const paint = severity === 'error' ? colors.red : colors.yellow
  const title = explain(code)?.title
  const head = [at && colors.bold(placeText(at)), paint(`${severity} ${code}`), title]
    .filter(Boolean)
    .join('  ')
  const shown = at && excerpt(at, problem.problem, context, paint, colors)
  const lines = [head, '', ...(shown ?? indented(redact(problem.problem), '  ')), '']
  if (problem.remedy) lines.push(...labelled('help', redact(problem.remedy), colors))
  if (problem.note) lines.push(...labelled('note', redact(problem.note), colors))
  lines.push(...labelled('more', `polder explain ${code}`, colors), '')
  return lines.join('\n')
}

const indented = (text: string, by: string): string[] => text.split('\n').map((it) => (it ? by + it : it))

/** `  help: first line`, what follows stands below it. */
function labelled(label: string, text: string, colors: Colors): string[] {
  const [first, ...rest] = text.split('\n')
  const below = rest.flatMap((it) => (it ? [`          ${it}`] : ['']))
  return [`  ${colors.cyan(`${label}:`)} ${first}`, ...(below.length ? ['', ...below, ''] : [])]
}

/** @returns undefined where the file has no such line (its text is not at hand) */
function excerpt(
  at: Place,
  problem: string,
  context: number | undefined,
  paint: (text: string) => string,
  colors: Colors,
): string[] | undefined {
  const lines = redactLines(at.file.text)
  if (at.file.text === '' || at.line > lines.length) return undefined
  const first = Math.max(1, at.line - (context ?? 2))
  const last = Math.min(lines.length, at.line + (context ?? 1))
  const digits = Math.max(2, String(last).length)
  const gutter = (label: string) => `  ${colors.dim(`${label.padStart(digits)} │`)}`
  const rows: string[] = []
  for (let number = first; number <= last; number++) {
    const { text, from } = windowAround(lines[number - 1]!, at.column - 1)
    if (number !== at.line && text.trim() === '' && (number === first || number === last)) continue
    rows.push(`${gutter(String(number))} ${printable(text)}`.trimEnd())
    if (number === at.line)
      rows.push(...caret(at, text, from, problem).map((it) => `${gutter('')} ${paint(it)}`))
  }
  return rows
}

/** A secret that was resolved may stand in the file as text, even over several lines of one value. */
const redactLines = (text: string): string[] => redact(text).replace(/\r/g, '').split('\n')

/** Carets under the spot, with the finding behind them, or below where it is long. */
function caret(at: Place, text: string, from: number, problem: string): string[] {
  const start = Math.min(at.column - 1 - from, text.length)
  const length = Math.max(1, Math.min(at.length, text.length - start))
  const blank = ' '.repeat(widthOf(text.slice(0, start)))
  const marks = blank + '^'.repeat(Math.max(1, widthOf(text.slice(start, start + length))))
  const label = redact(problem).replaceAll('\n', ' ')
  if (label.length <= MAX_LABEL) return [`${marks} ${label}`]
  return [marks, `${blank.length > 24 ? '    ' : blank}${label}`]
}
