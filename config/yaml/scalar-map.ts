import type { CST } from 'yaml'

/** A decoded scalar: `offsets[i]` is where character `i` of `text` stands in the file; one more for its end. */
export interface ScalarMap {
  text: string
  offsets: number[]
}

type FlowToken = CST.FlowScalar
export type ScalarToken = FlowToken | CST.BlockScalar

/**
 * Decodes a scalar as the `yaml` library does, and remembers where each character came from.
 * A folded or escaped newline stands where the line ended; the characters of `\u0041` all stand at the backslash.
 * @param indent the token's own, for block scalars
 */
export function mapScalar(token: ScalarToken): ScalarMap {
  if (token.type === 'block-scalar') return mapBlock(token)
  const { source, offset } = token
  if (token.type === 'double-quoted-scalar') return mapDouble(source, offset)
  if (token.type === 'single-quoted-scalar') return joinQuotes(unfold(source.slice(1, -1), offset + 1))
  return unfold(source, offset)
}

/** Collects text with the offset of every character. */
class Builder {
  text = ''
  readonly offsets: number[] = []

  /** `length` characters taken over as they are. */
  copy(piece: string, offset: number): void {
    for (let i = 0; i < piece.length; i++) this.offsets.push(offset + i)
    this.text += piece
  }

  /** Characters that all stand at one spot. */
  put(piece: string, offset: number): void {
    for (let i = 0; i < piece.length; i++) this.offsets.push(offset)
    this.text += piece
  }

  end(offset: number): ScalarMap {
    return { text: this.text, offsets: [...this.offsets, offset] }
  }
}

interface Line {
  from: number
  text: string
}

function linesOf(source: string): Line[] {
  const lines: Line[] = []
  let from = 0
  for (const piece of source.split('\n')) {
    lines.push({ from, text: piece })
    from += piece.length + 1
  }
  return lines
}

const trimmed = (line: Line, start: boolean, end: boolean): Line => {
  const head = start ? /^[ \t]*/.exec(line.text)![0].length : 0
  const text = line.text.slice(head)
  return { from: line.from + head, text: end ? text.replace(/(?<![ \t])[ \t]+$/, '') : text }
}

/** Plain and single-quoted: one line break is a blank, n line breaks are n − 1 newlines. */
function unfold(source: string, base: number): ScalarMap {
  const built = new Builder()
  const lines = linesOf(source)
  const last = lines.length - 1
  // Where the newlines since the last text stand.
  let breaks: number[] = []
  lines.forEach((raw, index) => {
    const body = index < last ? { ...raw, text: raw.text.replace(/\r$/, '') } : raw
    const line = trimmed(body, index > 0, index < last)
    if (line.text !== '' || index === 0 || index === last) {
      if (breaks.length === 1) built.put(' ', base + breaks[0]!)
      for (const at of breaks.slice(1)) built.put('\n', base + at)
      breaks = []
      built.copy(line.text, base + line.from)
    }
    breaks.push(body.from + trimmed(body, false, true).text.length)
  })
  return built.end(base + source.length)
}

function joinQuotes({ text, offsets }: ScalarMap): ScalarMap {
  const built = new Builder()
  for (let i = 0; i < text.length; i++) {
    built.put(text[i]!, offsets[i]!)
    if (text[i] === "'" && text[i + 1] === "'") i += 1
  }
  return built.end(offsets.at(-1)!)
}

const ESCAPES: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
}
const HEX_DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 }

function mapDouble(source: string, base: number): ScalarMap {
  const built = new Builder()
  const end = source.length - 1
  let at = 1
  while (at < end) {
    if (source[at] === '\\') at = unescapeAt(source, at, base, built)
    else if (/[ \t\r\n]/.test(source[at]!)) at = blanks(source, at, end, base, built)
    else {
      built.copy(source[at]!, base + at)
      at += 1
    }
  }
  return built.end(base + end)
}

/** @returns the offset behind the escape */
function unescapeAt(source: string, at: number, base: number, built: Builder): number {
  const kind = source[at + 1]!
  const digits = HEX_DIGITS[kind]
  if (digits !== undefined) {
    const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16)
    built.put(code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd', base + at)
    return at + 2 + digits
  }
  const lineBreak = /^\\\r?\n[ \t]*/.exec(source.slice(at))
  if (lineBreak) return at + lineBreak[0].length
  built.put(ESCAPES[kind] ?? `\\${kind}`, base + at)
  return at + 2
}

/** Blanks inside a line stay; around line breaks they go and the breaks fold. */
function blanks(source: string, at: number, end: number, base: number, built: Builder): number {
  const run = /^[ \t\r\n]*/.exec(source.slice(at, end))![0]
  const breaks = [...run.matchAll(/\n/g)].map((it) => base + at + it.index)
  if (breaks.length === 0) built.copy(run.replaceAll('\r', ''), base + at)
  else if (breaks.length === 1) built.put(' ', breaks[0]!)
  for (const offset of breaks.slice(1)) built.put('\n', offset)
  return at + run.length
}

interface BlockLine {
  from: number
  indent: number
  content: string
  /** Where its line break stands. */
  end: number
}

function blockLines(source: string, base: number): BlockLine[] {
  return linesOf(source).map((line) => {
    const indent = /^ */.exec(line.text)![0].length
    const content = line.text.slice(indent).replace(/\r$/, '')
    return { from: base + line.from, indent, content, end: base + line.from + line.text.length }
  })
}

function mapBlock(token: CST.BlockScalar): ScalarMap {
  const props = token.props as CST.SourceToken[]
  const header = props.find((it) => it.type === 'block-scalar-header')!.source
  const base = token.offset + props.reduce((sum, it) => sum + it.source.length, 0)
  const chomp = /[+-]/.exec(header)?.[0] ?? ''
  const digit = Number(/[1-9]/.exec(header)?.[0] ?? 0)
  const lines = blockLines(token.source, base)
  const end = base + token.source.length
  const filled = lines.findLastIndex((it) => it.content !== '') + 1
  const built = new Builder()
  if (filled === 0) {
    // The text behind the last line break is no line.
    const count = chomp === '+' && token.source ? Math.max(1, lines.length - 1) : 0
    for (const line of lines.slice(0, count)) built.put('\n', line.end)
    return built.end(end)
  }
  const first = lines.findIndex((it) => it.content !== '')
  const trim = digit ? token.indent + digit : lines[first]!.indent
  // A last line of nothing but more blanks than the indentation is content.
  const deeper = lines.findLastIndex((it) => it.indent > trim)
  const stop = Math.max(filled, deeper + 1)
  for (const line of lines.slice(0, first)) {
    built.copy(' '.repeat(Math.max(0, line.indent - trim)), line.from + trim)
    built.put('\n', line.end)
  }
  if (header[0] === '|') literal(lines.slice(first, stop), trim, built)
  else folded(lines.slice(first, stop), trim, built)
  chompEnd(lines, stop, chomp, trim, built)
  return built.end(end)
}

function copyLine(line: BlockLine, trim: number, built: Builder): void {
  const text = ' '.repeat(Math.max(0, line.indent - trim)) + line.content
  built.copy(text, line.from + Math.min(trim, line.indent))
}

function literal(lines: BlockLine[], trim: number, built: Builder): void {
  lines.forEach((line, index) => {
    if (index > 0) built.put('\n', lines[index - 1]!.end)
    copyLine(line, trim, built)
  })
}

/** Lines join with a blank, except around empty and more indented ones. */
function folded(lines: BlockLine[], trim: number, built: Builder): void {
  let wasDeeper = false
  // Where the line breaks since the last text stand: behind that text, and behind every empty line.
  let breaks: number[] = []
  for (const line of lines) {
    const deeper = line.indent > trim || line.content.startsWith('\t')
    if (deeper || line.content !== '') {
      const between = separator(breaks.length, wasDeeper, deeper)
      for (const [index, character] of [...between].entries())
        built.put(character, breaks[Math.min(index, breaks.length - 1)]!)
      copyLine(line, trim, built)
      breaks = []
      wasDeeper = deeper
    }
    breaks.push(line.end)
  }
}

function separator(breaks: number, afterDeeper: boolean, beforeDeeper: boolean): string {
  if (breaks === 0) return ''
  if (afterDeeper || beforeDeeper) return '\n'.repeat(breaks)
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
}

function chompEnd(lines: BlockLine[], stop: number, chomp: string, trim: number, built: Builder): void {
  const last = lines[stop - 1]!
  if (chomp === '-') return
  if (chomp === '') {
    built.put('\n', last.end)
    return
  }
  let at = last.end
  for (const line of lines.slice(stop)) {
    built.put('\n', at)
    built.copy(' '.repeat(Math.max(0, line.indent - trim)), line.from + trim)
    at = line.end
  }
  if (!built.text.endsWith('\n')) built.put('\n', at)
}
