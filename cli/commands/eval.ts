import { problemJson } from '../../core/problem-json.ts'
import type { EvalReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode, exitCodeOfFindings } from '../exit-code.ts'
import { onInterrupt } from '../interrupt.ts'
import type { ResultOf } from '../output-schema.ts'
import { evalText } from '../text/eval.ts'
import { inputsOf } from './eval-input.ts'

export interface EvalFlags {
  on?: string
  rows: number
}

export async function evaluate(
  context: Context,
  expression: string,
  { on, rows }: EvalFlags,
): Promise<Outcome<ResultOf<'eval'>>> {
  const interrupt = onInterrupt(context.io, context.printer.note, 'stopping; press again to stop now')
  try {
    const inputs = await inputsOf(on, rows, context.io.cwd)
    if ('dataset' in inputs) {
      const ask = { rows, signal: interrupt.signal }
      return evalOutcome(await withProject(context, (it) => it.eval(expression, inputs.dataset, ask)))
    }
    const { evalOnJson } = await import('../../app/index.ts')
    return evalOutcome(await evalOnJson(expression, inputs.values))
  } finally {
    interrupt.remove()
  }
}

/** A row on which it failed counts as failed data. */
export function evalOutcome(report: EvalReport): Outcome<ResultOf<'eval'>> {
  const { problems: found, rows, ...told } = report
  const failed = rows.flatMap((it) => it.problem ?? [])
  const problems = [...found, ...failed]
  return {
    exitCode: failed.length > 0 ? ExitCode.dataFailed : exitCodeOfFindings(found),
    result: { ...told, rows: rows.map(flatRow) },
    problems,
    text: (paint) => evalText(report, paint),
  }
}

const flatRow = ({ value, micros, problem }: EvalReport['rows'][number]) => ({
  outcome: problem ? ('failed' as const) : value === undefined ? ('missing' as const) : ('value' as const),
  ...(value !== undefined && { value }),
  ...(micros !== undefined && { micros }),
  ...(problem && { problem: problemJson(problem) }),
})
