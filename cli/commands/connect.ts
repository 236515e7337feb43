import type { DiscoverReport } from '../../app/index.ts'
import { problemJson } from '../../core/problem-json.ts'
import type { ConnectionTest } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import type { ResultOf } from '../output-schema.ts'
import { connectTestText, discoverText } from '../text/connect.ts'

export async function connectTest(
  context: Context,
  names: string[],
): Promise<Outcome<ResultOf<'connect test'>>> {
  return connectTestOutcome(await withProject(context, (polder) => polder.testConnections(names)))
}

export function connectTestOutcome(tests: ConnectionTest[]): Outcome<ResultOf<'connect test'>> {
  return {
    exitCode: tests.every((it) => it.ok) ? ExitCode.ok : ExitCode.dataFailed,
    result: {
      connections: tests.map(({ problem, ...rest }) => ({
        ...rest,
        ...(problem && { problem: problemJson(problem) }),
      })),
    },
    problems: tests.flatMap((it) => it.problem ?? []),
    text: (paint) => connectTestText(tests, paint),
  }
}

export async function connectDiscover(
  context: Context,
  connection: string,
  from: string | undefined,
): Promise<Outcome<ResultOf<'connect discover'>>> {
  return discoverOutcome(await withProject(context, (polder) => polder.discover(connection, from)))
}

export function discoverOutcome(report: DiscoverReport): Outcome<ResultOf<'connect discover'>> {
  return {
    exitCode: ExitCode.ok,
    result: report,
    problems: [],
    text: (paint) => discoverText(report, paint),
  }
}
