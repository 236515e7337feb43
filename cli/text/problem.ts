import { explain } from '../../core/catalog/index.ts'
import type { Problem } from '../../core/errors.ts'
import { placeText } from '../../core/place.ts'
import type { Colors } from '../printer.ts'
import { indent } from './format.ts'

/** A finding without the lines it points to. Those that stand in no file need nothing more. */
export function problemText(problem: Problem, colors: Colors): string {
  const { code, severity, at, remedy, note } = problem
  const paint = severity === 'error' ? colors.red : colors.yellow
  const title = explain(code)?.title
  const head = [at && colors.bold(placeText(at)), paint(`${severity} ${code}`), title].filter(Boolean)
  const lines = [head.join('  '), indent(problem.problem)]
  if (remedy) lines.push(`  ${colors.cyan('help:')} ${remedy}`)
  if (note) lines.push(`  ${colors.cyan('note:')} ${note}`)
  lines.push(`  ${colors.cyan('more:')} polder explain ${code}`)
  return lines.join('\n')
}

/**
 * How findings are printed: with their lines where the file is at hand, which takes the app to do. A wrong command
 * line is told without loading it, and what the warehouse has stored of a finding has no text of the file.
 */
export async function problemPainter(
  problems: Problem[],
  colors: Colors,
): Promise<(problems: Problem[]) => string> {
  const renderProblems = problems.some(hasLines) && (await import('../../app/index.ts')).renderProblems
  const paint = (problem: Problem): string =>
    renderProblems && hasLines(problem)
      ? renderProblems([problem], { color: colors.isColorSupported }).trimEnd()
      : problemText(problem, colors)
  return (shown) => shown.map(paint).join('\n\n')
}

const hasLines = ({ at }: Problem): boolean => at !== undefined && at.file.text !== ''
