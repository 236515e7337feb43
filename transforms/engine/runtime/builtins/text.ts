import { type Callable, call } from '../call.ts'
import { EngineError } from '../error.ts'
import { asSequence, isList, type List } from '../sequence.ts'
import { checkSize, checkText, type State, tick, tickFor } from '../state.ts'
import { jsonText, textOf } from '../value.ts'
import { isMatchOf, type Match } from './match.ts'

type Text = string | undefined

export function string(state: State, value: unknown, pretty?: boolean): Text {
  if (value === undefined) return undefined
  if (pretty && typeof value === 'object' && value !== null) return jsonText(state, value, 2)
  return textOf(state, value)
}

const NOT_PLAIN = /[\ud800-\udfff]/

export function substring(_: State, text: Text, from: number, length?: number): Text {
  if (text === undefined) return undefined
  // Characters are code points; without surrogates they are what JavaScript counts.
  const characters = NOT_PLAIN.test(text) ? Array.from(text) : text
  const start = characters.length + from < 0 ? 0 : from
  if (length === undefined) return sliced(characters, start)
  if (length <= 0) return ''
  return sliced(characters, start, start >= 0 ? start + length : characters.length + start + length)
}

const sliced = (it: string | string[], from: number, to?: number): string =>
  typeof it === 'string' ? it.slice(from, to) : it.slice(from, to).join('')

export function substringBefore(_: State, text: Text, mark: string): Text {
  if (text === undefined) return undefined
  const at = text.indexOf(mark)
  return at > -1 ? text.slice(0, at) : text
}

export function substringAfter(_: State, text: Text, mark: string): Text {
  if (text === undefined) return undefined
  const at = text.indexOf(mark)
  return at > -1 ? text.slice(at + String(mark).length) : text
}

export const lowercase = (_: State, text: Text): Text => text?.toLowerCase()
export const uppercase = (_: State, text: Text): Text => text?.toUpperCase()

export function length(_: State, text: Text): number | undefined {
  if (text === undefined) return undefined
  if (!NOT_PLAIN.test(text)) return text.length
  let count = 0
  for (const _it of text) count += 1
  return count
}

const BLANKS = /[ \t\n\r]+/g

export function trim(_: State, text: Text): Text {
  if (text === undefined) return undefined
  const single = text.replace(BLANKS, ' ')
  const from = single.startsWith(' ') ? 1 : 0
  const to = single.length > from && single.endsWith(' ') ? single.length - 1 : single.length
  return single.slice(from, to)
}

export function pad(state: State, text: Text, width: number, filler?: string): Text {
  if (text === undefined) return undefined
  const whole = Math.trunc(width)
  const missing = Math.abs(whole) - length(state, text)!
  if (!(missing > 0)) return text
  checkText(state, missing * (filler?.length || 1))
  const piece = filler || ' '
  const repeated = piece.repeat(missing)
  const padding = piece.length > 1 ? substring(state, repeated, 0, missing)! : repeated
  return whole > 0 ? text + padding : padding + text
}

export function contains(state: State, text: Text, token: string | Callable): boolean | undefined {
  if (text === undefined || token === undefined) return undefined
  if (typeof token === 'string') return text.includes(token)
  return matched(state, token, text) !== undefined
}

/** Asks a matcher; `next` of a match is one too. */
function matched(state: State, matcher: Callable, text?: string): Match | undefined {
  tick(state)
  const found = call(state, matcher, text === undefined ? [undefined] : [text], matcher.home ?? null)
  if (found && !isMatchOf(found)) throw new EngineError('T1010')
  return found as Match | undefined
}

const asked = (limit: number | undefined, count: number): boolean => limit === undefined || count < limit

function checkLimit(limit: number | undefined, code: string, index: number): void {
  if (limit !== undefined && limit < 0) throw new EngineError(code, limit, index)
}

export function match(state: State, text: Text, matcher: Callable, limit?: number): List | undefined {
  if (text === undefined) return undefined
  checkLimit(limit, 'D3040', 3)
  const found: unknown[] = []
  if (limit !== undefined && limit <= 0) return asSequence(found)
  let it = matched(state, matcher, text)
  while (it !== undefined && asked(limit, found.length)) {
    found.push({ match: it.match, index: it.start, groups: it.groups })
    checkSize(state, found.length)
    it = matched(state, it.next as Callable)
  }
  return asSequence(found)
}

type Replacer = (it: Match) => unknown

export function replace(
  state: State,
  text: Text,
  pattern: string | Callable,
  replacement: string | Callable,
  limit?: number,
): Text {
  if (text === undefined) return undefined
  if (pattern === '') throw new EngineError('D3010', pattern, 2)
  checkLimit(limit, 'D3011', 4)
  if (limit !== undefined && !(limit > 0)) return text
  if (typeof pattern === 'string') return replaceText(state, text, pattern, replacement as string, limit)
  const replacer: Replacer =
    typeof replacement === 'string'
      ? (it) => expanded(replacement, it)
      : (it) => call(state, replacement, [it], replacement?.home ?? null)
  return replaceMatches(state, text, pattern, replacer, limit)
}

function replaceText(
  state: State,
  text: string,
  pattern: string,
  replacement: unknown,
  limit: number | undefined,
): string {
  let result = ''
  let from = 0
  let at = pattern === undefined ? -1 : text.indexOf(pattern)
  for (let count = 0; at !== -1 && asked(limit, count); count++) {
    tick(state)
    // A function beside a text pattern is no replacement; JSONata shows its source there.
    result += text.slice(from, at) + (typeof replacement === 'function' ? '' : replacement)
    checkText(state, result.length)
    from = at + pattern.length
    at = text.indexOf(pattern, from)
  }
  return result + text.slice(from)
}

function replaceMatches(
  state: State,
  text: string,
  pattern: Callable,
  replacer: Replacer,
  limit: number | undefined,
): string {
  let it = matched(state, pattern, text)
  if (it === undefined) return text
  let result = ''
  let from = 0
  for (let count = 0; it !== undefined && asked(limit, count); count++) {
    const piece = replacer(it)
    if (typeof piece !== 'string') throw new EngineError('D3012', piece)
    result += text.substring(from, it.start) + piece
    checkText(state, result.length)
    from = it.start + it.match.length
    it = matched(state, it.next as Callable)
  }
  return result + text.substring(from)
}

/** `$1` and `$$` of a replacement. */
function expanded(replacement: string, { match: whole, groups }: Match): string {
  let text = ''
  let position = 0
  let at = replacement.indexOf('$')
  while (at !== -1 && position < replacement.length) {
    text += replacement.substring(position, at)
    position = at + 1
    const after = replacement.charAt(position)
    if (after === '$' || after === '0') {
      text += after === '$' ? '$' : whole
      position += 1
    } else {
      const number = groupNumber(replacement, position, groups.length)
      if (Number.isNaN(number)) text += '$'
      else {
        text += groups[number - 1] ?? ''
        position += String(number).length
      }
    }
    at = replacement.indexOf('$', position)
  }
  return text + replacement.substring(position)
}

function groupNumber(replacement: string, at: number, groups: number): number {
  const digits = groups === 0 ? 1 : Math.floor(Math.log(groups) * Math.LOG10E) + 1
  const number = Number.parseInt(replacement.substring(at, at + digits), 10)
  if (digits > 1 && number > groups) return Number.parseInt(replacement.substring(at, at + digits - 1), 10)
  return number
}

export function split(
  state: State,
  text: Text,
  separator: string | Callable,
  limit?: number,
): string[] | undefined {
  if (text === undefined) return undefined
  checkLimit(limit, 'D3020', 3)
  if (limit !== undefined && !(limit > 0)) return []
  tickFor(state, text.length)
  if (typeof separator === 'string') {
    const parts = text.split(separator, limit)
    checkSize(state, parts.length)
    return parts
  }
  const parts: string[] = []
  let from = 0
  let it = matched(state, separator, text)
  if (it === undefined) return [text]
  while (it !== undefined && asked(limit, parts.length)) {
    parts.push(text.substring(from, it.start))
    from = it.end
    it = matched(state, it.next as Callable)
  }
  if (asked(limit, parts.length)) parts.push(text.substring(from))
  return parts
}

export function join(state: State, texts: string[] | undefined, separator = ''): Text {
  if (texts === undefined) return undefined
  let size = separator.length * texts.length
  for (const it of texts) size += it.length
  checkText(state, size)
  tickFor(state, size)
  return isList(texts) ? texts.join(separator) : undefined
}
