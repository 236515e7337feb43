import type { Problem } from '../core/errors.ts'
import type { Outcome } from './context.ts'
import { ExitCode } from './exit-code.ts'
import type { Envelope, FlatProblem } from './output-schema.ts'

/** The one shape of every `--json` answer, errors included. Its number grows when a field goes or changes its meaning. */
export const envelope = (command: string, { exitCode, result, problems }: Outcome) =>
  ({
    polder: 1,
    command,
    ok: exitCode === ExitCode.ok || exitCode === ExitCode.rejects,
    exitCode,
    result,
    problems: problems.map(flat),
  }) satisfies Omit<Envelope, 'command' | 'result'> & { command: string; result: unknown }

/** A finding with its place spelled out: the file by name, not by its text. */
export function flat({ code, severity, at, problem, remedy, note }: Problem): FlatProblem {
  return {
    code,
    severity,
    file: at?.file.path ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    length: at?.length ?? null,
    problem,
    remedy: remedy ?? null,
    note: note ?? null,
  }
}
