/** A part of a regular expression, as far as its cost and its translation need it. */
export type Part =
  | { kind: 'set'; re2: string }
  | { kind: 'anchor'; re2: string; start: boolean }
  | { kind: 'group'; open: string; body: Part[][] }
  | { kind: 'repeat'; of: Part; least: number; most: number; lazy: boolean }

/** Why a pattern is not taken. */
export class PatternRefused {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

const BLANK =
  '\\t\\n\\x0b\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const NOT_BLANK =
  '\\x00-\\x08\\x0e-\\x1f!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}'
/** Inside brackets. */
const CLASSES: Record<string, string> = {
  d: '0-9',
  D: '\\x00-/:-\\x{10ffff}',
  w: '0-9A-Za-z_',
  W: '\\x00-/:-@\\[-^`{-\\x{10ffff}',
  s: BLANK,
  S: NOT_BLANK,
}
const CONTROLS: Record<string, string> = { t: '\t', n: '\n', v: '\v', f: '\f', r: '\r', '0': '\0' }
const ANY = '[^\\n\\r\\x{2028}\\x{2029}]'

/** Reads a JavaScript pattern without the `u` flag. @throws {PatternRefused} */
export function readPattern(source: string, multiline: boolean): Part[][] {
  let at = 0

  const alternatives = (): Part[][] => {
    const all: Part[][] = [[]]
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at += 1
        all.push([])
      } else all.at(-1)!.push(quantified(atom()))
    }
    return all
  }

  const atom = (): Part => {
    const character = source[at++]!
    if (character === '(') return group()
    if (character === '[') return { kind: 'set', re2: bracket() }
    if (character === '.') return { kind: 'set', re2: ANY }
    if (character === '^') return { kind: 'anchor', re2: multiline ? '(?m:^)' : '\\A', start: !multiline }
    if (character === '$') return { kind: 'anchor', re2: multiline ? '(?m:$)' : '\\z', start: false }
    if (character === '\\') return escapedPart()
    return { kind: 'set', re2: literal(character) }
  }

  const group = (): Part => {
    const open = /^\?(:|<(?![=!])[A-Za-z_]\w*>|<?[=!])?/.exec(source.slice(at))
    if (open && (open[1] === undefined || /[=!]$/.test(open[1])))
      throw new PatternRefused('looks ahead or behind')
    at += open?.[0].length ?? 0
    const body = alternatives()
    at += 1
    return { kind: 'group', open: open?.[1] === ':' ? '(?:' : '(', body }
  }

  const escapedPart = (): Part => {
    const character = source[at++] ?? ''
    if (character === 'b' || character === 'B') return { kind: 'anchor', re2: `\\${character}`, start: false }
    if (/[1-9k]/.test(character)) throw new PatternRefused('refers back to a group')
    const named = CLASSES[character]
    return { kind: 'set', re2: named === undefined ? literal(escaped(character)) : `[${named}]` }
  }

  /** The character that an escape stands for. */
  const escaped = (character: string): string => {
    const digits = character === 'x' ? 2 : character === 'u' ? 4 : 0
    const hex = source.slice(at, at + digits)
    if (digits > 0 && /^[\da-f]+$/i.test(hex) && hex.length === digits) {
      at += digits
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    if (character === 'c' && /[A-Za-z]/.test(source[at] ?? ''))
      return String.fromCharCode(source.charCodeAt(at++) % 32)
    if (character === '0' && /\d/.test(source[at] ?? '')) throw new PatternRefused('has an octal escape')
    return CONTROLS[character] ?? character
  }

  const bracket = (): string => {
    const not = source[at] === '^'
    if (not) at += 1
    let set = ''
    let members = 0
    while (at < source.length && source[at] !== ']') {
      set += member()
      members += 1
    }
    at += 1
    if (members === 0) return not ? '[\\x00-\\x{10ffff}]' : '[^\\x00-\\x{10ffff}]'
    return `[${not ? '^' : ''}${set}]`
  }

  const member = (): string => {
    const from = one()
    if (source[at] !== '-' || source[at + 1] === ']' || at + 1 >= source.length) return from.text
    const dash = at
    at += 1
    const to = one()
    if (!from.isClass && !to.isClass) return `${from.text}-${to.text}`
    // A class is no end of a range: the dash stands for itself.
    return dash >= 0 ? `${from.text}\\-${to.text}` : ''
  }

  const one = (): { text: string; isClass: boolean } => {
    const character = source[at++]!
    if (character !== '\\') return { text: literal(character), isClass: false }
    const next = source[at++] ?? ''
    const named = CLASSES[next]
    if (named !== undefined) return { text: named, isClass: true }
    if (/[1-9]/.test(next)) throw new PatternRefused('has an octal escape')
    return { text: literal(next === 'b' ? '\b' : escaped(next)), isClass: false }
  }

  const quantified = (part: Part): Part => {
    const mark = /^(?:[*+?]|\{(\d+)(,(\d*))?\})(\??)/.exec(source.slice(at))
    if (mark === null) return part
    at += mark[0].length
    const [least, most] = bounds(mark)
    return { kind: 'repeat', of: part, least, most, lazy: mark[4] === '?' }
  }

  const result = alternatives()
  if (at < source.length) throw new PatternRefused('is not understood')
  return result
}

function bounds([mark, least, comma, most]: RegExpExecArray): [number, number] {
  if (mark.startsWith('*')) return [0, Number.POSITIVE_INFINITY]
  if (mark.startsWith('+')) return [1, Number.POSITIVE_INFINITY]
  if (mark.startsWith('?')) return [0, 1]
  if (comma === undefined) return [Number(least), Number(least)]
  return [Number(least), most === '' || most === undefined ? Number.POSITIVE_INFINITY : Number(most)]
}

const literal = (character: string): string =>
  /[A-Za-z0-9_ ]/.test(character) ? character : `\\x{${character.charCodeAt(0).toString(16)}}`
