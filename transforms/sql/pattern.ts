import type { Expr, Pattern, PatternPart } from '../../core/expr.ts'

/** Characters that mean themselves behind a backslash. */
const PUNCTUATION = /[!-/:-@[-`{-~]/
const DIGITS: [number, number] = [48, 57]
const MAX_COUNT = 200

/**
 * Reads a regular expression that means the same in JavaScript and in every engine: `^`, `$`, ASCII characters and
 * classes of them with `+ * ? {n,m}`; alternatives of those.
 * @returns why not, in words
 */
export function readPattern(source: string, flags: string): Pattern | string {
  if (flags.replace(/[gu]/g, '') !== '') return `the flag "${flags}" differs between engines`
  const whole = anchored(source)
  const group = /^\((?:\?:)?(.*)\)$/s.exec(whole.body)?.[1]
  const inGroup = group === undefined ? undefined : alternatives(group)
  // `^(a|b)$` is anchored as a whole, `^a|b$` each by itself.
  if (inGroup) return readAlternatives(inGroup.map((body) => ({ ...whole, body })))
  const apart = alternatives(source)
  return apart ? readAlternatives(apart.map(anchored)) : 'a group has no form here'
}

interface Anchored {
  fromStart: boolean
  toEnd: boolean
  body: string
}

function anchored(source: string): Anchored {
  const fromStart = source.startsWith('^')
  const toEnd = source.endsWith('$') && !/(?:^|[^\\])(?:\\\\)*\\\$$/.test(source)
  return { fromStart, toEnd, body: source.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined) }
}

function readAlternatives(all: Anchored[]): Pattern | string {
  const [{ fromStart, toEnd }] = all as [Anchored]
  if (all.some((it) => it.fromStart !== fromStart || it.toEnd !== toEnd))
    return 'its alternatives are anchored in different ways'
  const anyOf: PatternPart[][] = []
  for (const { body } of all) {
    const parts = readParts(body)
    if (typeof parts === 'string') return parts
    if (parts.length === 0) return 'it matches the empty text'
    anyOf.push(parts)
  }
  return { fromStart, toEnd, anyOf }
}

/** What stands between the `|` outside of classes; undefined where there is a group. */
function alternatives(source: string): string[] | undefined {
  const found = ['']
  let inClass = false
  for (let at = 0; at < source.length; at++) {
    const character = source[at]!
    const token = character === '\\' ? source.slice(at, ++at + 1) : character
    if (!inClass && (token === '(' || token === ')')) return undefined
    if (token === '[') inClass = true
    if (token === ']') inClass = false
    if (token === '|' && !inClass) found.push('')
    else found[found.length - 1] += token
  }
  return found
}

/**
 * Is the whole text one of these? NULL where it is missing.
 * @param sources  patterns of ours, without `^` and `$`
 */
export function matchesAny(item: Expr, sources: string[]): Expr {
  const anyOf = sources.flatMap((it) => {
    const pattern = readPattern(it, '')
    if (typeof pattern === 'string') throw new Error(pattern)
    return pattern.anyOf
  })
  return {
    op: 'matches',
    item,
    pattern: { fromStart: true, toEnd: true, anyOf },
    kind: 'boolean',
    nullable: item.nullable,
  }
}

/** JavaScript counts a character beyond U+FFFF twice: where what is not in a class is counted, engines differ. */
export function countsTwice({ anyOf }: Pattern): boolean {
  const counted = anyOf.flat().filter((it) => it.negated && !(it.least === 0 && it.most === undefined))
  return counted.length > 1 || counted.some((it) => it.least > 1 || it.most !== undefined)
}

function readParts(body: string): PatternPart[] | string {
  const parts: PatternPart[] = []
  let at = 0
  while (at < body.length) {
    const atom = readAtom(body, at)
    if (typeof atom === 'string') return atom
    const times = readTimes(body, atom.end)
    if (typeof times === 'string') return times
    parts.push({ ranges: atom.ranges, negated: atom.negated, least: times.least, most: times.most })
    at = times.end
  }
  return parts
}

interface Atom {
  ranges: [number, number][]
  negated: boolean
  end: number
}

function readAtom(body: string, at: number): Atom | string {
  if (body[at] === '[') return readClass(body, at + 1)
  const one = readCharacter(body, at)
  if (typeof one === 'string') return one
  if (body[at] !== '\\' && '.()|*+?{}^$[]'.includes(body[at]!)) return `"${body[at]}" has no form here`
  return { ranges: [one.range], negated: false, end: one.end }
}

function readClass(body: string, from: number): Atom | string {
  const negated = body[from] === '^'
  let at = negated ? from + 1 : from
  const ranges: [number, number][] = []
  while (at < body.length && body[at] !== ']') {
    const low = readCharacter(body, at)
    if (typeof low === 'string') return low
    at = low.end
    if (body[at] === '-' && body[at + 1] !== ']' && at + 1 < body.length) {
      const high = readCharacter(body, at + 1)
      if (typeof high === 'string') return high
      if (low.range[0] !== low.range[1] || high.range[0] < low.range[0]) return 'a range is out of order'
      ranges.push([low.range[0], high.range[1]])
      at = high.end
    } else ranges.push(low.range)
  }
  if (body[at] !== ']' || ranges.length === 0) return 'a class is empty'
  return { ranges, negated, end: at + 1 }
}

function readCharacter(body: string, at: number): { range: [number, number]; end: number } | string {
  const escaped = body[at] === '\\'
  const character = body[escaped ? at + 1 : at] ?? ''
  if (escaped && character === 'd') return { range: DIGITS, end: at + 2 }
  if (escaped && !PUNCTUATION.test(character)) return `"\\${character}" differs between engines`
  const code = character.charCodeAt(0)
  if (!(code >= 32 && code < 127)) return 'only printable ASCII characters mean the same everywhere'
  return { range: [code, code], end: at + (escaped ? 2 : 1) }
}

function readTimes(body: string, at: number): { least: number; most?: number; end: number } | string {
  const plain = { '+': { least: 1 }, '*': { least: 0 }, '?': { least: 0, most: 1 } }[body[at] ?? '']
  const counted = /^\{(\d+)(,(\d*))?\}/.exec(body.slice(at))
  const end = plain ? at + 1 : counted ? at + counted[0].length : at
  if (plain || counted) {
    // Lazy and possessive forms.
    if ('+?*{'.includes(body[end] ?? ' ')) return 'a repetition of a repetition differs between engines'
    if (plain) return { ...plain, end }
    const least = Number(counted![1])
    const most = counted![2] === undefined ? least : counted![3] === '' ? undefined : Number(counted![3])
    if (least > MAX_COUNT || (most ?? 0) > MAX_COUNT || (most ?? least) < least) return 'it repeats too often'
    return { least, most, end }
  }
  return { least: 1, most: 1, end: at }
}
