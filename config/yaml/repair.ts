import { balanceOf } from './balance.ts'
import type { Span } from './locate.ts'
import { meantExpression, quotedLine, withQuotes } from './quote.ts'

export interface Repair {
  text: string
  /** The line as it should be, without indentation. */
  line: string
}

/**
 * Finds the value on the line of `offset` which, put in quotes, makes the YAML readable: the usual trap with
 * expressions (`name: "Mr " & name`, `name: a ? b : c`, `{ from: x[0] }`).
 * @param helps whether a changed text has fewer faults
 */
export function repairLine(
  text: string,
  offset: number,
  helps: (text: string) => boolean,
): Repair | undefined {
  for (const span of valuesBefore(text, offset)) {
    const changed = withQuotes(text, span)
    if (helps(changed)) return { text: changed, line: quotedLine(text, span) }
  }
  return undefined
}

/** Values that may be the expression: behind every `key: ` up to the fault, the outermost first. */
function valuesBefore(text: string, offset: number): Span[] {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const newline = text.indexOf('\n', start)
  const line = text.slice(start, newline < 0 ? text.length : newline)
  const spans: Span[] = []
  const collections: Span[] = []
  let flow = false
  for (const match of line.matchAll(/(^\s*(?:- +)*|[{,[]\s*)("[^"]*"|[\w$]+):\s+(?=\S)/g)) {
    const from = start + match.index + match[0].length
    if (from > offset) break
    flow ||= /[{,[]/.test(match[1]!)
    const span = meantExpression(text, from, from + 1, flow)
    const { open, stray } = balanceOf(text, span.from, span.to)
    if (open || stray) continue
    // What looks like a flow collection is one, as long as quoting something inside it helps.
    if ('{['.includes(text[from]!)) collections.push(span)
    else spans.push(span)
  }
  return [...spans, ...collections]
}
