import { MAX_ROW_BYTES } from '../../sdk/index.ts'

export interface CsvDialect {
  delimiter: string
  /** '' for none. */
  quote: string
  /** The unquoted text that is NULL. */
  nullText: string
}

export interface CsvRecord {
  /** Line of the file where it begins, from 1. */
  line: number
  /** What stands in the file. */
  text: string
  fields: (string | null)[]
  /** Its fields are then not known. */
  fault?: 'quote' | 'size'
}

/** Thrown at the end of a file inside quotes. */
export class OpenQuote extends Error {
  readonly line: number
  constructor(line: number) {
    super(`the quote opened at line ${line} is never closed`)
    this.line = line
  }
}

/**
 * Cuts CSV text into records (RFC 4180): fields may be quoted, a quote inside is doubled, quoted fields may hold
 * line ends. A record whose quotes are wrong ends with its line, so that it costs no other record.
 */
export class CsvScanner {
  private readonly dialect: CsvDialect
  private rest = ''
  private line = 1
  /** The rest is not looked at again before it has this length: otherwise a long field costs its square. */
  private enough = 0
  /** Inside a record too large to keep: whether its quotes are open. */
  private skipping: { inQuotes: boolean } | undefined

  constructor(dialect: CsvDialect) {
    this.dialect = dialect
  }

  /**
   * @param end no more text follows
   * @throws {OpenQuote} the end lies inside quotes
   */
  push(text: string, end: boolean): CsvRecord[] {
    this.rest = this.rest === '' ? text : this.rest + text
    if (!end && this.rest.length < this.enough) return []
    const records: CsvRecord[] = []
    let at = this.skipping ? this.skip(0) : 0
    let quoteAt = -1
    while (at < this.rest.length) {
      if (quoteAt < at) quoteAt = this.nextQuote(at)
      const record = this.record(at, quoteAt, end)
      if (!record) break
      records.push(record.found)
      at = record.next
    }
    this.keep(at, records)
    if (end && this.skipping?.inQuotes) throw new OpenQuote(this.line)
    return records
  }

  private keep(at: number, records: CsvRecord[]): void {
    this.rest = this.rest.slice(at)
    this.enough = this.rest.length * 2
    if (this.skipping || this.rest.length <= MAX_ROW_BYTES) return
    records.push(tooLarge(this.line, this.rest))
    this.skipping = { inQuotes: false }
    this.rest = this.rest.slice(this.skip(0))
    this.enough = 0
  }

  /** Passes over the rest of a record too large. @returns where the next begins */
  private skip(from: number): number {
    const { quote } = this.dialect
    const state = this.skipping!
    for (let at = from; at < this.rest.length; at++) {
      const char = this.rest[at]
      if (char === quote) state.inQuotes = !state.inQuotes
      if (char !== '\n') continue
      this.line += 1
      if (state.inQuotes) continue
      this.skipping = undefined
      return at + 1
    }
    return this.rest.length
  }

  private nextQuote(at: number): number {
    const found = this.dialect.quote === '' ? -1 : this.rest.indexOf(this.dialect.quote, at)
    return found < 0 ? Number.POSITIVE_INFINITY : found
  }

  private record(at: number, quoteAt: number, end: boolean) {
    const newline = this.rest.indexOf('\n', at)
    if (newline < 0 && !end) return undefined
    const stop = newline < 0 ? this.rest.length : newline
    if (quoteAt > stop) return this.found(at, stop, this.plainFields(at, stop))
    return this.quotedRecord(at, end)
  }

  private plainFields(at: number, stop: number): (string | null)[] {
    const { delimiter, nullText } = this.dialect
    const line = this.rest.slice(at, this.beforeReturn(at, stop))
    const fields: (string | null)[] = line.split(delimiter)
    for (let i = 0; i < fields.length; i++) if (fields[i] === nullText) fields[i] = null
    return fields
  }

  private beforeReturn(at: number, stop: number): number {
    return stop > at && this.rest[stop - 1] === '\r' ? stop - 1 : stop
  }

  private quotedRecord(start: number, end: boolean) {
    const { delimiter, quote } = this.dialect
    const fields: (string | null)[] = []
    let at = start
    for (;;) {
      const field = this.rest.startsWith(quote, at) ? this.quotedField(at, end) : this.plainField(at, end)
      if (field === undefined) return this.unfinished(at, end)
      if (field === 'fault') return this.faulty(start, at, end)
      fields.push(field.value)
      at = field.next
      if (this.rest.startsWith(delimiter, at)) at += delimiter.length
      else if (this.isLineEnd(at)) return this.found(start, this.rest.indexOf('\n', at), fields)
      else if (at >= this.rest.length && end) return this.found(start, at, fields)
      else if (at + delimiter.length + 1 >= this.rest.length && !end) return undefined
      else return this.faulty(start, at, end)
    }
  }

  private isLineEnd(at: number): boolean {
    return this.rest[at] === '\n' || (this.rest[at] === '\r' && this.rest[at + 1] === '\n')
  }

  /** @returns undefined where the text ends before the field does */
  private quotedField(start: number, end: boolean) {
    const { quote } = this.dialect
    let value = ''
    let from = start + quote.length
    for (;;) {
      const close = this.rest.indexOf(quote, from)
      const after = close + quote.length
      if (close < 0 || (after >= this.rest.length && !end)) return undefined
      value += this.rest.slice(from, close)
      if (!this.rest.startsWith(quote, after)) return { value, next: after }
      value += quote
      from = after + quote.length
    }
  }

  private plainField(at: number, end: boolean) {
    const { delimiter, quote, nullText } = this.dialect
    const newline = this.rest.indexOf('\n', at)
    if (newline < 0 && !end) return undefined
    const stop = newline < 0 ? this.rest.length : newline
    const comma = this.rest.indexOf(delimiter, at)
    const next = comma >= 0 && comma < stop ? comma : this.beforeReturn(at, stop)
    const value = this.rest.slice(at, next)
    if (value.includes(quote)) return 'fault'
    return { value: value === nullText ? null : value, next }
  }

  private unfinished(at: number, end: boolean): undefined {
    if (end) throw new OpenQuote(this.line + linesIn(this.rest.slice(0, at)))
    return undefined
  }

  private faulty(start: number, at: number, end: boolean) {
    const newline = this.rest.indexOf('\n', at)
    if (newline < 0 && !end) return undefined
    const record = this.found(start, newline < 0 ? this.rest.length : newline, [])
    return { ...record, found: { ...record.found, fault: 'quote' as const } }
  }

  private found(start: number, stop: number, fields: (string | null)[]) {
    const text = this.rest.slice(start, stop)
    const { line } = this
    this.line += 1 + linesIn(text)
    const found: CsvRecord = text.length > MAX_ROW_BYTES ? tooLarge(line, text) : { line, text, fields }
    return { found, next: stop + 1 }
  }
}

const KEPT_OF_LARGE = 2000

const tooLarge = (line: number, text: string): CsvRecord => ({
  line,
  text: text.slice(0, KEPT_OF_LARGE),
  fields: [],
  fault: 'size',
})

function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}
