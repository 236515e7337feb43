import {
  AuthError,
  ConfigError,
  ConfigErrors,
  ContractError,
  DataError,
  LeaseError,
  PolderError,
  type Problem,
  RowError,
  SourceError,
  TransientError,
  WarehouseError,
} from '../core/errors.ts'

/** What the shell is told. `docs/cli.md` explains each. */
export const ExitCode = {
  ok: 0,
  dataFailed: 1,
  configInvalid: 2,
  rejects: 3,
  contractBroken: 4,
  resumable: 5,
  fatal: 6,
  alreadyRunning: 7,
} as const

/** Access that was refused counts as failed data: nothing in the YAML need change. */
const BY_CLASS = [
  [ConfigError, ExitCode.configInvalid],
  [ConfigErrors, ExitCode.configInvalid],
  [AuthError, ExitCode.dataFailed],
  [DataError, ExitCode.dataFailed],
  [SourceError, ExitCode.dataFailed],
  [RowError, ExitCode.dataFailed],
  [ContractError, ExitCode.contractBroken],
  [TransientError, ExitCode.resumable],
  [WarehouseError, ExitCode.fatal],
  [LeaseError, ExitCode.alreadyRunning],
] as const

/** Of something thrown; what no class names is a defect and ends with 1. */
export const exitCodeOf = (error: unknown): number =>
  BY_CLASS.find(([type]) => error instanceof type)?.[1] ?? ExitCode.dataFailed

/** Of findings that a report carries instead of throwing them. */
export function exitCodeOfFindings(problems: Problem[]): number {
  const errors = problems.filter((it) => it.severity === 'error')
  if (errors.some((it) => BROKEN_CONTRACT.has(it.code))) return ExitCode.contractBroken
  return errors.length > 0 ? ExitCode.configInvalid : ExitCode.ok
}

const BROKEN_CONTRACT = new Set(['E320', 'E321'])

/** The findings behind something thrown. What is no error of ours is told as a defect; its message may hold data. */
export function problemsOf(error: unknown): Problem[] {
  if (error instanceof ConfigErrors) return error.problems
  if (error instanceof PolderError) return [error.asProblem()]
  const name = error instanceof Error ? error.name : typeof error
  return [
    {
      code: 'E901',
      severity: 'error',
      problem: `Unexpected ${name}. This is a defect of Polder.`,
      remedy: 'Run again with POLDER_DEBUG=1 to see where it happened, and report it with that text.',
    },
  ]
}
