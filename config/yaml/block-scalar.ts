import type { CST } from 'yaml'
import { Builder, linesOf, type ScalarMap } from './built-text.ts'

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

/** `|` and `>`, with indentation indicators and chomping. */
export function mapBlock(token: CST.BlockScalar): ScalarMap {
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
