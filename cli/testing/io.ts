import { EventEmitter } from 'node:events'
import type { Io, Sink } from '../io.ts'

/** An `Io` that keeps what is written. */
export interface CapturedIo extends Io {
  out(): string
  err(): string
  signals: EventEmitter
  exits: number[]
}

export function capturedIo(given: Partial<Omit<Io, 'signals'>> & { tty?: boolean } = {}): CapturedIo {
  const { tty = false, ...rest } = given
  const written = { out: '', err: '' }
  const sink = (name: 'out' | 'err'): Sink => ({
    isTTY: tty,
    columns: 100,
    rows: 24,
    write: (text) => {
      written[name] += text
    },
  })
  const exits: number[] = []
  return {
    stdout: sink('out'),
    stderr: sink('err'),
    env: {},
    cwd: '/',
    now: () => Date.parse('2026-11-21T09:20:00Z'),
    exit: (code) => exits.push(code),
    ...rest,
    signals: new EventEmitter(),
    exits,
    out: () => written.out,
    err: () => written.err,
  }
}
