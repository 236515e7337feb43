/** Where a piece of JSONata stands after scanning it: enough to see that something cut it. */
export interface Balance {
  /** The innermost bracket, quote or comment that is open at the end. */
  open?: { character: string; at: number }
  /** The first closing bracket that nothing opened. */
  stray?: { character: string; at: number }
}

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' }
const QUOTES = '"\'`'

/** Scans `text` from `from` to `to`, with the quotes, comments and regular expressions of JSONata. */
export function balanceOf(text: string, from = 0, to = text.length): Balance {
  const open: { character: string; at: number }[] = []
  let at = from
  while (at < to) {
    const character = text[at]!
    const closed = closedBy(text, at, from, to)
    if (closed === undefined) return { open: { character: text.startsWith('/*', at) ? '/*' : character, at } }
    if (closed > at) at = closed
    else if (character in CLOSING) open.push({ character, at })
    else if (')]}'.includes(character)) {
      if (open.length === 0 || CLOSING[open.at(-1)!.character] !== character)
        return { stray: { character, at } }
      open.pop()
    }
    at += 1
  }
  return { open: open.at(-1) }
}

/** @returns where the quoted text, comment or regular expression that begins at `at` ends; `at` where none does */
function closedBy(text: string, at: number, from: number, to: number): number | undefined {
  const character = text[at]!
  if (QUOTES.includes(character)) return endOf(text, character, at + 1, to, character !== '`')
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2)
    return end < 0 || end >= to ? undefined : end + 1
  }
  if (character === '/' && startsRegex(text, from, at)) return endOf(text, '/', at + 1, to, true)
  return at
}

/** Behind an operator or an opening bracket a slash does not divide. */
function startsRegex(text: string, from: number, at: number): boolean {
  let last = at - 1
  while (last >= from && /\s/.test(text[last]!)) last -= 1
  return (
    last < from || /(?:[(,:?[{=&~>]|\b(?:and|or|in))$/.test(text.slice(Math.max(from, last - 4), last + 1))
  )
}

function endOf(text: string, quote: string, from: number, to: number, escapes: boolean): number | undefined {
  for (let at = from; at < to; at++) {
    if (escapes && text[at] === '\\') at += 1
    else if (text[at] === quote) return at
  }
  return undefined
}

/** True where `text` ends in an operator that wants something behind it. */
export const wantsMore = (text: string): boolean => /([&+\-.=<>,?:~]|\s(and|or|in))\s*$/.test(text)
