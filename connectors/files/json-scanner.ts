/** One value of the top level, as it stands in the file. */
export interface JsonValue {
  /** Of its first character. */
  line: number
  text: string
  tooLarge?: boolean
}

/** The text is no list of values: what follows the fault cannot be told. */
export class NoJson extends Error {
  readonly line: number
  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const LINE_END = 0x0a
const isOpening = (code: number): boolean => code === 0x7b || code === 0x5b
const isClosing = (code: number): boolean => code === 0x7d || code === 0x5d
const LIST = 0x5b
const LIST_END = 0x5d
const isBlank = (code: number): boolean =>
  code === 0x20 || code === LINE_END || code === 0x0d || code === 0x09

/**
 * Finds the values of one list `[…]`, or of a sequence of values with blanks between them, chunk by chunk: no more
 * than one value is kept. Only their ends are found here; whether they are JSON is for the parser.
 */
export class JsonScanner {
  private readonly maxLength: number
  private line = 1
  /** What may come next at the top level. */
  private expects: 'anything' | 'value or end' | 'value' | 'comma or end' | 'values' | 'nothing' = 'anything'
  /** The value under way: its text so far, and its form. */
  private parts: string[] = []
  private length = 0
  private startLine = 0
  private form: 'none' | 'nested' | 'text' | 'plain' = 'none'
  private depth = 0
  private inText = false
  private escaped = false

  constructor(maxLength: number) {
    this.maxLength = maxLength
  }

  /** @throws {NoJson} */
  push(chunk: string): JsonValue[] {
    const found: JsonValue[] = []
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const code = chunk.charCodeAt(i)
      if (this.form === 'none') {
        this.between(code)
        if (this.hasBegun()) start = i
      } else if (this.form === 'plain') {
        if (code === COMMA || isClosing(code) || isBlank(code)) {
          found.push(this.take(chunk.slice(start, i)))
          this.between(code)
        }
      } else if (this.isLast(code)) {
        found.push(this.take(chunk.slice(start, i + 1)))
      }
      if (code === LINE_END) this.line += 1
    }
    if (this.hasBegun()) this.keep(chunk.slice(start))
    return found
  }

  /** @throws {NoJson} the file ends in the middle */
  end(): JsonValue[] {
    const found = this.form === 'plain' ? [this.take('')] : []
    if (this.expects === 'anything') throw new NoJson(this.line, 'the file is empty')
    if (this.hasBegun() || (this.expects !== 'values' && this.expects !== 'nothing'))
      throw new NoJson(this.line, 'the file ends before its list does')
    return found
  }

  private hasBegun(): boolean {
    return this.form !== 'none'
  }

  /** A character outside of all values. */
  private between(code: number): void {
    if (isBlank(code)) return
    const { expects } = this
    if (expects === 'anything' && code === LIST) this.expects = 'value or end'
    else if (code === LIST_END && (expects === 'value or end' || expects === 'comma or end'))
      this.expects = 'nothing'
    else if (code === COMMA && expects === 'comma or end') this.expects = 'value'
    else if (expects === 'comma or end') throw new NoJson(this.line, 'a comma is missing between two values')
    else if (expects === 'nothing') throw new NoJson(this.line, 'something follows the end of the list')
    else if (code === COMMA || isClosing(code)) throw new NoJson(this.line, 'a value is missing')
    else this.begin(code)
  }

  private begin(code: number): void {
    this.expects = this.expects === 'anything' || this.expects === 'values' ? 'values' : 'comma or end'
    this.startLine = this.line
    this.form = isOpening(code) ? 'nested' : code === QUOTE ? 'text' : 'plain'
    this.depth = 1
    this.inText = code === QUOTE
  }

  /** Is this the last character of the value under way, a nested one or a text? */
  private isLast(code: number): boolean {
    if (this.inText) {
      if (this.escaped) this.escaped = false
      else if (code === BACKSLASH) this.escaped = true
      else if (code === QUOTE) this.inText = false
      return this.form === 'text' && !this.inText
    }
    if (code === QUOTE) this.inText = true
    else if (isOpening(code)) this.depth += 1
    else if (isClosing(code)) this.depth -= 1
    return this.depth === 0
  }

  private keep(part: string): void {
    // Of a value too large its beginning is enough, for the reject.
    if (this.length <= this.maxLength) this.parts.push(part)
    this.length += part.length
  }

  private take(part: string): JsonValue {
    this.keep(part)
    const text = this.parts.length === 1 ? this.parts[0]! : this.parts.join('')
    const tooLarge = this.length > this.maxLength
    this.parts = []
    this.length = 0
    this.form = 'none'
    return { line: this.startLine, text, ...(tooLarge ? { tooLarge } : {}) }
  }
}
