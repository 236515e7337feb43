import type { RunReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import type { FlatRun, ResultOf } from '../output-schema.ts'
import { runsText } from '../text/run.ts'
import { flatRun, rejectGroups, runOutcome } from './run.ts'

export async function runsList(
  context: Context,
  { limit }: { limit: number },
): Promise<Outcome<ResultOf<'runs list'>>> {
  return runsOutcome(await withProject(context, (polder) => polder.runs({ limit })))
}

export function runsOutcome(runs: RunReport[]): Outcome<ResultOf<'runs list'>> {
  return {
    exitCode: ExitCode.ok,
    result: { runs: runs.map(flatRun) },
    problems: [],
    text: (paint) => runsText(runs, paint),
  }
}

/** Shows what happened then; that it failed then does not make this command fail. */
export async function runsShow(context: Context, runId: string): Promise<Outcome<FlatRun>> {
  return withProject(context, async (polder) => {
    const report = await polder.runById(runId)
    return { ...runOutcome(report, await rejectGroups(polder, report)), exitCode: ExitCode.ok }
  })
}
