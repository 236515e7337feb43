import { inspect } from 'node:util'
import type { Problem } from '../core/errors.ts'
import type { Context, Outcome } from './context.ts'
import { envelope } from './envelope.ts'
import { ExitCode, exitCodeOf, problemsOf } from './exit-code.ts'
import { type Io, processIo } from './io.ts'
import { createPrinter, type Printer } from './printer.ts'
import { type Call, parseCommandLine } from './program.ts'
import type { Paint } from './text/paint.ts'

/**
 * Runs one command line.
 *
 * @param argv  what the user typed after `polder`
 * @returns     the exit code; the caller ends the process, after the streams are flushed
 */
export async function main(argv: string[], io: Io = processIo()): Promise<number> {
  const parsed = parseCommandLine(argv, io)
  if ('exitCode' in parsed) return parsed.exitCode
  const { quiet = false, color } = parsed.options
  const printer = createPrinter(io, { quiet, color })
  return execute(parsed, { io, printer, options: parsed.options })
}

async function execute(call: Call, context: Context): Promise<number> {
  try {
    const outcome = await call.work(context)
    await print(call, outcome, context, 'stdout')
    return outcome.exitCode
  } catch (error) {
    if (context.io.env.POLDER_DEBUG) context.printer.failure(inspect(error))
    const outcome = failed(error)
    await print(call, outcome, context, 'stderr')
    return outcome.exitCode
  }
}

/** In `--json` everything is an answer and goes to stdout; for people a failure goes to stderr. */
async function print(
  { command, options }: Call,
  outcome: Outcome,
  { io, printer }: Context,
  stream: 'stdout' | 'stderr',
): Promise<void> {
  if (options.json) return printer.json(envelope(command, outcome))
  const text = outcome.text(await paintFor(outcome.problems, printer, io, stream))
  return stream === 'stdout' ? printer.result(text) : printer.failure(text)
}

/** Loads what paints findings only where there are any. */
async function paintFor(
  problems: Problem[],
  printer: Printer,
  io: Io,
  stream: 'stdout' | 'stderr',
): Promise<Paint> {
  const colors = printer.colors[stream]
  const paint = { colors, now: io.now(), problems: () => '' }
  if (problems.length === 0) return paint
  const { problemPainter } = await import('./text/problem.ts')
  return { ...paint, problems: await problemPainter(problems, colors) }
}

function failed(error: unknown): Outcome {
  const problems = problemsOf(error)
  const exitCode = exitCodeOf(error)
  return {
    exitCode,
    result: null,
    problems,
    text: (paint) => {
      const shown = paint.problems(problems)
      const invalid = exitCode === ExitCode.configInvalid && problems.length > 1
      return invalid ? `${shown}\n\n${paint.colors.red('✖')} ${problems.length} problems` : shown
    },
  }
}
