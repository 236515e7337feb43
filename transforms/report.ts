import type { ErrorCode, Problem } from '../core/errors.ts'
import type { SourceText } from '../core/place.ts'
import { type Node, nodeSpan } from './ast.ts'

/** Collects the problems of one expression, each once: the parser copies parts of some operators. */
export interface Reporter {
  source: SourceText
  problems: Problem[]
  error(code: ErrorCode, node: Node, problem: string, remedy?: string, note?: string): void
  warn(code: ErrorCode, node: Node, problem: string, remedy?: string, note?: string): void
}

export function reporter(source: SourceText, problems: Problem[]): Reporter {
  const seen = new Set<string>()
  const add =
    (severity: 'error' | 'warning') =>
    (code: ErrorCode, node: Node, problem: string, remedy?: string, note?: string): void => {
      const { from, to } = nodeSpan(node, source.text)
      const mark = `${code} ${from} ${to}`
      if (seen.has(mark)) return
      seen.add(mark)
      problems.push({ code, severity, at: source.place(from, to), problem, remedy: remedy?.trim(), note })
    }
  return { source, problems, error: add('error'), warn: add('warning') }
}
