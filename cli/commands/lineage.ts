import type { LineageReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { exitCodeOfFindings } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { lineageText, mermaidText } from '../text/lineage.ts'

export interface LineageFlags {
  dataset?: string[]
  mermaid?: boolean
}

export async function lineage(
  context: Context,
  column: string | undefined,
  { dataset = [], mermaid = false }: LineageFlags,
): Promise<Outcome<ResultOf<'lineage'>>> {
  const report = await withProject(context, (polder) => polder.lineage(dataset, column))
  return lineageOutcome(report, mermaid)
}

/** Warnings are for `validate` to tell; an error means that some lineage is not there. */
export function lineageOutcome(report: LineageReport, mermaid: boolean): Outcome<ResultOf<'lineage'>> {
  const problems = report.problems.filter((it) => it.severity === 'error')
  return {
    exitCode: exitCodeOfFindings(problems),
    result: { targets: report.targets },
    problems,
    text: (paint) => (mermaid ? mermaidText(report) : lineageText({ ...report, problems }, paint)),
  }
}
