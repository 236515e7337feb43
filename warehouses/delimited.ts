import type { Column } from '../core/batch.ts'
import type { Value } from '../core/value.ts'
import { MOST_BYTES, putText } from './bytes.ts'
import type { Block, Encoded } from './engine.ts'

/** How an engine reads values that are not NULL; texts are escaped, everything else is written as it is. */
export interface Written {
  /** `true` and `false`. */
  booleans: readonly [string, string]
  /** A canonical instant; undefined: as it is. */
  instant?: (canonical: string) => string
}

const CHUNK_BYTES = 1 << 17
/** Of the scratch memory that is kept for the next block. */
const LARGEST_KEPT = 1 << 23
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

/** Tab-separated fields of rows with backslash escapes and `\N` for NULL, as COPY and LOAD DATA read them. */
export class Lines implements Encoded {
  private readonly fields: Buffer
  /** By row: where its fields begin, and where they end. */
  private readonly places: Uint32Array

  constructor(fields: Buffer, places: Uint32Array) {
    this.fields = fields
    this.places = places
  }

  get rows(): number {
    return this.places.length / 2
  }

  get bytes(): number {
    return this.fields.length + this.places.byteLength
  }

  without(dropped: Uint8Array): Lines {
    return new Lines(
      this.fields,
      this.places.filter((_, i) => dropped[i >> 1] !== 1),
    )
  }

  /** The fields of each row. */
  *each(): Generator<Buffer> {
    for (let i = 0; i < this.places.length; i += 2)
      yield this.fields.subarray(this.places[i], this.places[i + 1])
  }
}

/** @param isInstant  by column: it holds instants */
export function encodeLines({ columns, rows }: Block, isInstant: boolean[], written: Written): Lines {
  const writer = new Writer(written)
  const places = new Uint32Array(2 * rows)
  for (let row = 0; row < rows; row++) {
    places[2 * row] = row === 0 ? 0 : places[2 * row - 1]!
    places[2 * row + 1] = writer.row(columns, row, isInstant)
  }
  return new Lines(writer.taken(), places)
}

/** Whole lines in chunks of some, none of them empty. `isInstant`: by constant, whose fields end every line. */
export function* lineBytes(
  blocks: Iterable<Encoded>,
  constants: Value[],
  isInstant: boolean[],
  written: Written,
): Generator<Buffer> {
  const tail = tailOf(constants, isInstant, written)
  let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let end = 0
  for (const block of blocks)
    for (const fields of (block as Lines).each()) {
      const bytes = fields.length + tail.length
      if (end + bytes > chunk.length) {
        if (end > 0) yield chunk.subarray(0, end)
        chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
        end = 0
      }
      chunk.set(fields, end)
      chunk.set(tail, end + fields.length)
      end += bytes
    }
  // To MariaDB an empty piece is the end of the file.
  if (end > 0) yield chunk.subarray(0, end)
}

function tailOf(constants: Value[], isInstant: boolean[], written: Written): Buffer {
  const newline = Buffer.from([NEWLINE])
  if (constants.length === 0) return newline
  const columns = constants.map((it): Column => [it])
  const fields = [...encodeLines({ columns, rows: 1 }, isInstant, written).each()]
  return Buffer.concat([Buffer.from([TAB]), ...fields, newline])
}

/** One block is encoded at a time, each in the memory of the last one. */
let scratch = Buffer.allocUnsafeSlow(CHUNK_BYTES)

class Writer {
  private readonly written: Written
  private end = 0

  constructor(written: Written) {
    this.written = written
  }

  /** @returns where its fields end */
  row(columns: Column[], row: number, isInstant: boolean[]): number {
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) {
        this.makeRoom(1)
        scratch[this.end++] = TAB
      }
      this.field(columns[i]![row], isInstant[i]!)
    }
    return this.end
  }

  taken(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.end)
    scratch.copy(taken, 0, 0, this.end)
    if (scratch.length > LARGEST_KEPT) scratch = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    return taken
  }

  private field(value: Value | undefined, isInstant: boolean): void {
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
    this.end = putText(scratch, this.end, text)
  }

  private text(text: string): void {
    this.makeRoom(text.length * MOST_BYTES)
    this.end = putEscaped(scratch, this.end, text)
  }

  private makeRoom(bytes: number): void {
    if (this.end + bytes <= scratch.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * scratch.length, this.end + bytes))
    scratch.copy(larger, 0, 0, this.end)
    scratch = larger
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
