import { Builder, type Line, linesOf, type ScalarMap } from './built-text.ts'

const trimmed = (line: Line, start: boolean, end: boolean): Line => {
  const head = start ? /^[ \t]*/.exec(line.text)![0].length : 0
  const text = line.text.slice(head)
  return { from: line.from + head, text: end ? text.replace(/(?<![ \t])[ \t]+$/, '') : text }
}

/** Plain and single-quoted: one line break is a blank, n line breaks are n − 1 newlines. */
export function unfold(source: string, base: number): ScalarMap {
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

/** `''` in single quotes is one quote. */
export function joinQuotes({ text, offsets }: ScalarMap): ScalarMap {
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

export function mapDouble(source: string, base: number): ScalarMap {
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
