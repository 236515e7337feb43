import { writeSync } from 'node:fs'
import type { ErrorCode } from '../core/errors.ts'
import { ExitCode } from './exit-code.ts'

const OUTPUT_LOST: ErrorCode = 'E806'

/** Where text goes: a stream of the process, or a list in a test. */
export interface Sink {
  write(text: string): unknown
  isTTY?: boolean
  columns?: number
  rows?: number
}

/** The world around a command, as values. */
export interface Io {
  stdout: Sink
  stderr: Sink
  env: NodeJS.ProcessEnv
  cwd: string
  /** Milliseconds since 1970. */
  now(): number
  signals: {
    on(signal: StopSignal, listener: () => void): unknown
    off(signal: StopSignal, listener: () => void): unknown
  }
  /** Ends the process at once; only the second Ctrl-C asks for it. */
  exit(code: number): void
}

export type StopSignal = 'SIGINT' | 'SIGTERM'

/** This process. A reader that goes away (`polder plan | head`) is no failure of ours. */
export function processIo(): Io {
  process.stdout.on('error', (error) => endUnlessClosed(error, 'stdout', process.stderr.fd))
  process.stderr.on('error', (error) => endUnlessClosed(error, 'stderr', process.stdout.fd))
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    signals: process,
    exit: (code) => process.exit(code),
  }
}

/** A log that takes no more (its disk is full) ends the process: an answer that nobody gets is no success. */
function endUnlessClosed(error: NodeJS.ErrnoException, stream: string, otherFd: number): void {
  if (error.code === 'EPIPE') return
  try {
    writeSync(otherFd, `error ${OUTPUT_LOST}  ${stream} cannot be written: ${error.message}\n`)
  } catch {
    // Both lie on that disk: the exit code alone tells.
  }
  process.exit(ExitCode.fatal)
}
