import type { Value } from '../core/value.ts'
import { MOST_BYTES, putText } from './bytes.ts'
import type { Block } from './engine.ts'

/** How an engine reads values that are not NULL; texts are escaped, everything else is written as it is. */
export interface Written {
  /** `true` and `false`. */
  booleans: readonly [string, string]
  /** A canonical instant; undefined: as it is. */
  instant?: (canonical: string) => string
}

const CHUNK_BYTES = 1 << 17
/** Room for anything but a text. */
const SMALL_BYTES = 64
/** Longer texts are escaped and encoded as a whole. */
const LONG = 200

const TAB = 9
const NEWLINE = 10
const RETURN = 13
const BACKSLASH = 92
const SPECIAL = /[\\\t\n\r]/
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/**
 * Tab-separated lines with backslash escapes and `\N` for NULL, as COPY and LOAD DATA read them; in chunks that may end
 * anywhere. `isInstant[i]`: the column holds instants; those of the constants are the last ones.
 */
export function* delimitedBytes(
  blocks: Iterable<Block>,
  isInstant: boolean[],
  written: Written,
  constants: Value[] = [],
): Generator<Buffer> {
  const lines = new Lines(written)
  const varying = isInstant.length - constants.length
  const tail = lines.tail(constants, isInstant.slice(varying))
  for (const { columns, rows } of blocks)
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < varying; i++) {
        lines.field(columns[i]![row], isInstant[i]!)
        if (i < varying - 1) lines.byte(TAB)
      }
      lines.bytes(tail)
      if (lines.full.length > 0) yield* lines.full.splice(0)
    }
  yield lines.rest()
}

class Lines {
  /** Chunks that are done. */
  readonly full: Buffer[] = []
  private readonly written: Written
  private chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  private end = 0

  constructor(written: Written) {
    this.written = written
  }

  rest = (): Buffer => this.chunk.subarray(0, this.end)

  /** The fields of constants and the end of every line. */
  tail(constants: Value[], isInstant: boolean[]): Buffer {
    const start = this.end
    for (const [i, value] of constants.entries()) {
      this.byte(TAB)
      this.field(value, isInstant[i]!)
    }
    this.byte(NEWLINE)
    const tail = Buffer.from(this.chunk.subarray(start, this.end))
    this.end = start
    return tail
  }

  byte(code: number): void {
    this.makeRoom(1)
    this.chunk[this.end++] = code
  }

  bytes(bytes: Buffer): void {
    this.makeRoom(bytes.length)
    this.chunk.set(bytes, this.end)
    this.end += bytes.length
  }

  field(value: Value | undefined, isInstant: boolean): void {
    if (typeof value === 'string') {
      if (isInstant && this.written.instant) this.plain(this.written.instant(value))
      else this.text(value)
    } else if (value === null || value === undefined) this.plain('\\N')
    else if (typeof value === 'boolean') this.plain(this.written.booleans[value ? 0 : 1])
    else this.plain(String(value))
  }

  /** Digits and the like: no longer than `SMALL_BYTES`. */
  private plain(text: string): void {
    this.makeRoom(SMALL_BYTES)
    this.end = putText(this.chunk, this.end, text)
  }

  private text(text: string): void {
    this.makeRoom(text.length * MOST_BYTES)
    this.end = putEscaped(this.chunk, this.end, text)
  }

  private makeRoom(bytes: number): void {
    if (this.end + bytes <= this.chunk.length) return
    if (this.end > 0) this.full.push(this.rest())
    this.chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
    this.end = 0
  }
}

/** As `putText`. An escape takes two bytes, so the room is the same. */
function putEscaped(into: Buffer, at: number, text: string): number {
  const { length } = text
  if (length >= LONG) return putText(into, at, escaped(text))
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return putText(into, at, escaped(text.slice(i)))
    if (code === BACKSLASH || code === TAB || code === NEWLINE || code === RETURN) {
      at = putText(into, at, escapes[text[i]!]!)
    } else into[at++] = code
  }
  return at
}

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (it) => escapes[it]!) : text
