import type { Pattern, PatternPart } from '../../core/expr.ts'

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
  const fromStart = source.startsWith('^')
  const toEnd = source.endsWith('$') && !source.endsWith('\\$')
  const body = source.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined)
  const parts = readParts(body)
  if (typeof parts === 'string') return parts
  if (parts.length === 0) return 'it matches the empty text'
  return { fromStart, toEnd, anyOf: [parts] }
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
