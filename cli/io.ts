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
  process.stdout.on('error', ignoreClosedPipe)
  process.stderr.on('error', ignoreClosedPipe)
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

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
