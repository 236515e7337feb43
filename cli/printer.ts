import picocolors from 'picocolors'
import { redact, redactDeep } from '../core/secrets.ts'
import type { Io, Sink } from './io.ts'

export type Colors = ReturnType<typeof picocolors.createColors>

/** The one place where a command writes: secrets are masked and control characters shown, whatever their origin. */
export interface Printer {
  /** For people, on stdout. */
  result(text: string): void
  /** For programs, on stdout: one JSON document. */
  json(value: unknown): void
  /** Progress, on stderr; `--quiet` silences it. */
  note(text: string): void
  /** A failure, on stderr. */
  failure(text: string): void
  /** Terminal control (cursor moves) on stderr, written as it is. */
  control(sequence: string): void
  /** Colours of stdout and of stderr: one may be a file while the other is a terminal. */
  colors: { stdout: Colors; stderr: Colors }
  /** True where lines on stderr can be redrawn. */
  live: boolean
  /** Of the terminal at stderr, read at every use: it may be resized. */
  size(): { columns: number; rows: number }
}

export interface PrinterOptions {
  quiet: boolean
  /** False after `--no-color`. */
  color: boolean
}

export function createPrinter(io: Io, options: PrinterOptions): Printer {
  const put = (sink: Sink, text: string) => {
    if (text !== '') sink.write(`${visible(redact(text))}\n`)
  }
  return {
    result: (text) => put(io.stdout, text),
    // Masked before it becomes text: a secret of digits must not tear a hole into a number.
    json: (value) => io.stdout.write(`${JSON.stringify(redactDeep(value), null, 2)}\n`),
    note: (text) => (options.quiet ? undefined : put(io.stderr, text)),
    failure: (text) => put(io.stderr, text),
    control: (sequence) => io.stderr.write(sequence),
    colors: { stdout: colorsFor(io.stdout, io, options), stderr: colorsFor(io.stderr, io, options) },
    live: io.stderr.isTTY === true && io.env.TERM !== 'dumb' && !options.quiet,
    // A terminal without a size of its own (in some CI runners) says 0.
    size: () => ({ columns: io.stderr.columns || 80, rows: io.stderr.rows || 24 }),
  }
}

/** https://no-color.org: any non-empty NO_COLOR; FORCE_COLOR wins over a missing terminal only. */
export function wantsColor(sink: Sink, env: NodeJS.ProcessEnv, option: boolean): boolean {
  if (!option || env.NO_COLOR || env.FORCE_COLOR === '0') return false
  if (env.FORCE_COLOR) return true
  return sink.isTTY === true && env.TERM !== 'dumb'
}

const colorsFor = (sink: Sink, io: Io, options: PrinterOptions): Colors =>
  picocolors.createColors(wantsColor(sink, io.env, options.color))

/** Colours and line ends stay; any other control character, which a source may have planted, is spelled out. */
export const visible = (text: string): string =>
  text.replace(/\p{Cc}(?:\[[\d;]*m)?/gu, (hit) => {
    if (hit === '\n' || hit === '\t' || (hit.length > 1 && hit.startsWith('\u001b'))) return hit
    return `\\x${hit.charCodeAt(0).toString(16).padStart(2, '0')}${hit.slice(1)}`
  })
