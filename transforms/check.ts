import type { Problem } from '../core/errors.ts'
import type { SourceText } from '../core/place.ts'
import { analyze, rowOf } from './analyze/index.ts'
import { rewriteDecimals } from './decimal.ts'
import { isParsed, parseText } from './parse.ts'
import { reporter } from './report.ts'

/** What can be known of an expression without its source: syntax, functions, types, traps. */
export function checkExpression(text: SourceText): Problem[] {
  const parsed = parseText(text)
  if (!isParsed(parsed)) return [parsed]
  const report = reporter(text, [])
  const row = rowOf({})
  const nowhere = {
    row,
    start: row,
    key: new Set<string>(),
    dataset: '',
    effect: 'the result would be missing',
  }
  analyze(parsed.ast, nowhere, report)
  rewriteDecimals(parsed.ast, report, 0)
  return report.problems
}
