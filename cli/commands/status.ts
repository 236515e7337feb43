import { problemJson } from '../../core/problem-json.ts'
import type { StatusReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { statusReportText } from '../text/status.ts'

export async function status(context: Context, selection: string[]): Promise<Outcome<ResultOf<'status'>>> {
  return statusOutcome(await withProject(context, (polder) => polder.status(selection)))
}

/** A look at the state is no failure, whatever it shows. */
export function statusOutcome(report: StatusReport): Outcome<ResultOf<'status'>> {
  return {
    exitCode: ExitCode.ok,
    result: { datasets: report.datasets.map(flatStatus) },
    problems: report.datasets.flatMap(({ broken, drift, lastRun }) =>
      [broken, drift, lastRun?.problem].filter((it) => it !== undefined),
    ),
    text: (paint) => statusReportText(report, paint),
  }
}

function flatStatus({ lastRun, broken, drift, ...others }: StatusReport['datasets'][number]) {
  const rest = {
    ...others,
    ...(broken && { broken: problemJson(broken) }),
    ...(drift && { drift: problemJson(drift) }),
  }
  if (!lastRun) return rest
  const { runId, status, endedAt, counts, problem } = lastRun
  return {
    ...rest,
    lastRun: { runId, status, endedAt, counts, ...(problem && { problem: problemJson(problem) }) },
  }
}
