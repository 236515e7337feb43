import type { Match } from '../builtins/match.ts'
import { type Callable, callable } from '../call.ts'
import { EngineError } from '../error.ts'
import { checkText, type State, tickFor } from '../state.ts'

/** What finds a pattern: `RegExp` with the flag `g`, or anything that behaves as it. */
export interface Regex {
  readonly source: string
  lastIndex: number
  exec(text: string): RegExpExecArray | null
  /** Replaces every match by a text without `$`; undefined where it cannot do so at once. */
  replaced?(text: string, into: string): string | undefined
}

/** A regular expression as a function of JSONata: from a text to its first match, which knows the next one. */
export function matcher(state: State, regex: Regex, position: number | undefined): Callable {
  return callable(2, ([text, from]) => found(state, regex, text as string, (from as number) || 0, position))
}

// The place to go on is kept by the match: others may use the same pattern in between.
function found(
  state: State,
  regex: Regex,
  text: string,
  from: number,
  position: number | undefined,
): Match | undefined {
  tickFor(state, typeof text === 'string' ? text.length : 0)
  regex.lastIndex = from
  const match = regex.exec(text)
  if (match === null) return undefined
  const after = regex.lastIndex
  const next = callable(0, () => {
    if (after >= text.length) return undefined
    const following = found(state, regex, text, after, position)
    if (following?.match === '') throw emptyMatch(regex, position)
    return following
  })
  const [whole, ...groups] = match
  return { match: whole, start: match.index, end: match.index + whole.length, groups, next }
}

/** Is there a match? */
export function finds(state: State, regex: Regex, text: string): boolean {
  tickFor(state, text.length)
  regex.lastIndex = 0
  return regex.exec(text) !== null
}

/** Characters that may become as many times the replacement before anybody looks. */
const SHORT = 500

/** Every match replaced by a text that names no group: what `$replace` does, without a function for every match. */
export function replaced(
  state: State,
  regex: Regex,
  text: string,
  replacement: string,
  position: number | undefined,
): string {
  const quick = text.length <= SHORT ? regex.replaced?.(text, replacement) : undefined
  if (quick !== undefined && quick.length <= state.limits.text) return quick
  regex.lastIndex = 0
  let match = regex.exec(text)
  if (match === null) return text
  let result = ''
  let from = 0
  for (let count = 0; match !== null; count++) {
    tickFor(state, text.length)
    if (count > 0 && match[0] === '') throw emptyMatch(regex, position)
    result += text.slice(from, match.index) + replacement
    checkText(state, result.length)
    from = match.index + match[0].length
    if (regex.lastIndex >= text.length) break
    match = regex.exec(text)
  }
  return result + text.slice(from)
}

function emptyMatch(regex: Regex, position: number | undefined): EngineError {
  const error = new EngineError('D1004', regex.source)
  error.position = position
  return error
}
