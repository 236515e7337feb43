import { type CommanderError, InvalidArgumentError } from 'commander'
import { ConfigError } from '../core/errors.ts'
import { ExitCode } from './exit-code.ts'
import type { Call } from './program.ts'

/** Under the help of `run`. */
export const EXIT_CODES = `
Exit codes:
  0  ok
  1  data failed, or a source refused access
  2  configuration invalid
  3  ok, but more than 1 % of the rows were rejected
  4  contract broken
  5  resumable: run the same command again
  6  disk or warehouse unusable
  7  another run holds a dataset
`

/** Parses a number of rows or entries. */
export function positive(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

/** Help and version end well; a wrong command line becomes a call that fails. */
export function notRun(
  { code, exitCode, message }: CommanderError,
  argv: string[],
): Call | { exitCode: number } {
  if (exitCode === 0) return { exitCode: ExitCode.ok }
  const json = argv.includes('--json')
  if (code === 'commander.help' && !json) return { exitCode: ExitCode.configInvalid }
  return {
    command: 'polder',
    options: { json, color: !argv.includes('--no-color') },
    work: async () => {
      throw usageError(code === 'commander.help' ? 'A command is missing.' : message)
    },
  }
}

/** Commander puts its suggestion on a second line, in brackets. */
function usageError(message: string): ConfigError {
  const [, problem = message, suggestion] = /^(?:error: )?(.*?)(?:\n\((.*)\))?$/s.exec(message) ?? []
  return new ConfigError('E801', {
    problem: problem.charAt(0).toUpperCase() + problem.slice(1),
    remedy: [suggestion, 'See: polder --help'].filter(Boolean).join(' '),
  })
}

export const environmentsComeLater: Call['work'] = async () => {
  throw new ConfigError('E803', {
    problem: 'The option --env comes later: this version has one environment per project.',
    remedy: 'Leave it out. What differs between environments can be written as ${env:NAME}.',
  })
}
