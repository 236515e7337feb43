import { problemJson } from '../../core/problem-json.ts'
import type { TestReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { testText } from '../text/test.ts'

export async function test(context: Context, pipelines: string[]): Promise<Outcome<ResultOf<'test'>>> {
  return testOutcome(await withProject(context, (polder) => polder.test(pipelines)))
}

export function testOutcome(report: TestReport): Outcome<ResultOf<'test'>> {
  return {
    exitCode: report.failed > 0 ? ExitCode.dataFailed : ExitCode.ok,
    result: {
      ...report,
      tests: report.tests.map(({ problems, ...rest }) => ({ ...rest, problems: problems.map(problemJson) })),
    },
    problems: report.tests.flatMap((it) => it.problems),
    text: (paint) => testText(report, paint),
  }
}
