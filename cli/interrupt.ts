import { ExitCode } from './exit-code.ts'
import type { Io, StopSignal } from './io.ts'

const SIGNALS: StopSignal[] = ['SIGINT', 'SIGTERM']

export interface Interrupt {
  signal: AbortSignal
  /** Takes the handlers away again. */
  remove(): void
}

/**
 * Ctrl-C in two steps: the first aborts the signal, the second ends the process at once.
 * Both lose nothing that was committed, so both end with "resumable".
 * @param words said once, at the first
 */
export function onInterrupt(io: Io, say: (text: string) => void, words: string): Interrupt {
  const stop = new AbortController()
  const listener = () => {
    if (stop.signal.aborted) return io.exit(ExitCode.resumable)
    say(words)
    stop.abort()
  }
  for (const signal of SIGNALS) io.signals.on(signal, listener)
  return {
    signal: stop.signal,
    remove: () => {
      for (const signal of SIGNALS) io.signals.off(signal, listener)
    },
  }
}
