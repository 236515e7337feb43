import { balanceOf, wantsMore } from './balance.ts'
import type { Span } from './locate.ts'

/** Each try scans the text from its beginning. */
const MAX_TRIES = 100

/** `text` as a YAML scalar on one line: bare quotes where they suffice. */
function quoted(text: string): string {
  if (!/["\\]/.test(text)) return `"${text}"`
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * The expression that was meant to start at `from`: it goes on until its brackets and quotes are closed, and then
 * to the end of the value (in flow style `,` `}` `]`, else the end of the line or a comment).
 * @param atLeast it does not end before this offset
 */
export function meantExpression(text: string, from: number, atLeast: number, inFlow: boolean): Span {
  const newline = text.indexOf('\n', Math.max(from, atLeast - 1))
  const lineEnd = newline < 0 ? text.length : newline
  let tries = 0
  for (let to = atLeast; to < lineEnd && tries < MAX_TRIES; to++) {
    const ends = inFlow ? ',}]'.includes(text[to]!) : text.startsWith(' #', to)
    tries += Number(ends)
    if (ends && isWhole(text.slice(from, to))) return { from, to: trimEnd(text, from, to) }
  }
  return { from, to: trimEnd(text, from, lineEnd) }
}

/** The line of `span` with its text in quotes, without indentation: ready to paste. */
export function quotedLine(text: string, span: Span): string {
  const start = text.lastIndexOf('\n', span.from - 1) + 1
  return withQuotes(text.slice(start, lineEndOf(text, span.to)), {
    from: span.from - start,
    to: span.to - start,
  }).trim()
}

export const withQuotes = (text: string, { from, to }: Span): string =>
  text.slice(0, from) + quoted(text.slice(from, to)) + text.slice(to)

const lineEndOf = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

function isWhole(text: string): boolean {
  const { open, stray } = balanceOf(text)
  return !open && !stray && !wantsMore(text)
}

function trimEnd(text: string, from: number, to: number): number {
  return from + text.slice(from, to).trimEnd().length
}
