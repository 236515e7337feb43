import type { PlanReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { exitCodeOfFindings } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { planText } from '../text/plan.ts'

export async function plan(
  context: Context,
  selection: string[],
  { sql = false }: { sql?: boolean },
): Promise<Outcome<ResultOf<'plan'>>> {
  return planOutcome(await withProject(context, (polder) => polder.plan(selection)), sql)
}

export function planOutcome(report: PlanReport, sql: boolean): Outcome<ResultOf<'plan'>> {
  const { problems, ...result } = report
  return {
    exitCode: exitCodeOfFindings(problems),
    result,
    problems,
    text: (paint) => planText(report, { sql }, paint),
  }
}
