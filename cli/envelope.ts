import { problemJson } from '../core/problem-json.ts'
import type { Outcome } from './context.ts'
import { ExitCode } from './exit-code.ts'
import type { Envelope } from './output-schema.ts'

/** The one shape of every `--json` answer, errors included. Its number grows when a field goes or changes its meaning. */
export const envelope = (command: string, { exitCode, result, problems }: Outcome) =>
  ({
    polder: 1,
    command,
    ok: exitCode === ExitCode.ok || exitCode === ExitCode.rejects,
    exitCode,
    result,
    problems: problems.map(problemJson),
  }) satisfies Omit<Envelope, 'command' | 'result'> & { command: string; result: unknown }
