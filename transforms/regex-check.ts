/**
 * A conservative look for patterns whose matching can take time exponential in the text: a repetition inside a
 * repetition with nothing fixed between two turns, as `(a+)+` or `(\w+\s?)*`, or a repeated choice whose branches match
 * alike, as `(a|aa)*`.
 *
 * @param source of a regular expression that JavaScript accepted
 * @returns the part that repeats, or undefined
 */
export function blowsUp(source: string): string | undefined {
  const { found } = new Scanner(source)
  return found
}

/** What a part of a pattern matches, as far as it matters here. */
interface Part {
  /** Characters it can be made of: each a class of `CLASSES`, or a character. */
  chars: Set<string>
  /** May match nothing. */
  empty: boolean
  /** Repeats without an upper limit. */
  loops: boolean
}

const MANY = /^(?:\*|\+|\{\d+,\}|\{\d+,\d{2,}\})/
const FEW = /^(?:\?|\{\d+(?:,\d+)?\})/

class Scanner {
  found: string | undefined
  private at = 0
  private readonly source: string

  constructor(source: string) {
    this.source = source
    this.choice()
  }

  private choice(): Part[][] {
    const branches = [this.sequence()]
    while (this.source[this.at] === '|') {
      this.at += 1
      branches.push(this.sequence())
    }
    return branches
  }

  private sequence(): Part[] {
    const parts: Part[] = []
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at]!)) parts.push(this.piece())
    return parts
  }

  private piece(): Part {
    const begin = this.at
    const { part, branches } = this.atom()
    const rest = this.source.slice(this.at)
    const many = MANY.exec(rest)?.[0]
    const few = many === undefined ? FEW.exec(rest)?.[0] : undefined
    this.at += (many ?? few ?? '').length
    if ((many ?? few) !== undefined && this.source[this.at] === '?') this.at += 1
    if (many !== undefined && branches && isAmbiguous(branches))
      this.found ??= this.source.slice(begin, this.at)
    const optional = many === '*' || few === '?' || (many ?? few)?.startsWith('{0') === true
    return { ...part, empty: part.empty || optional, loops: part.loops || many !== undefined }
  }

  private atom(): { part: Part; branches?: Part[][] } {
    const char = this.source[this.at]!
    if (char === '(') return this.group()
    if (char === '[') return { part: simple(this.set()) }
    this.at += 1
    if (char === '^' || char === '$') return { part: { chars: new Set(), empty: true, loops: false } }
    if (char === '.') return { part: simple(['any']) }
    if (char !== '\\') return { part: simple([char]) }
    const escaped = this.source[this.at] ?? ''
    this.at += 1
    if (escaped === 'b' || escaped === 'B') return { part: { chars: new Set(), empty: true, loops: false } }
    return { part: simple([classOf(escaped)]) }
  }

  private group(): { part: Part; branches: Part[][] } {
    this.at += 1
    const lead = /^\?(?:[:=!]|<[=!]|<\w+>)/.exec(this.source.slice(this.at))?.[0] ?? ''
    this.at += lead.length
    const branches = this.choice()
    this.at += 1
    if (/[=!]$/.test(lead)) return { part: { chars: new Set(), empty: true, loops: false }, branches: [] }
    const parts = branches.flat()
    const part = {
      chars: new Set(parts.flatMap((it) => [...it.chars])),
      empty: branches.some((it) => it.every((one) => one.empty)),
      loops: parts.some((it) => it.loops),
    }
    return { part, branches }
  }

  /** `[…]`: its members as single characters, classes, or `any` where it is negated or has ranges beyond those. */
  private set(): string[] {
    const end = /^\[(?:\\.|[^\]\\])*\]/.exec(this.source.slice(this.at))?.[0] ?? this.source.slice(this.at)
    this.at += end.length
    const inside = end.slice(1, -1)
    if (inside.startsWith('^')) return [`not ${inside.slice(1)}`]
    const members: string[] = []
    for (const [, escaped, from, to, one] of inside.matchAll(/\\(.)|(.)-([^\]])|(.)/gs)) {
      if (escaped !== undefined) members.push(classOf(escaped))
      else if (one !== undefined) members.push(one)
      else members.push(/\d/.test(from!) && /\d/.test(to!) ? '\\d' : /[a-z]/i.test(from!) ? '\\w' : 'any')
    }
    return members
  }
}

const simple = (chars: string[]): Part => ({ chars: new Set(chars), empty: false, loops: false })

/** Classes have names of two letters, so that no character is taken for one. */
const classOf = (escaped: string): string => (/[dwsDWS]/.test(escaped) ? `\\${escaped}` : escaped)

function isAmbiguous(branches: Part[][]): boolean {
  const loops = branches.some((parts) => parts.some((it, at) => it.loops && meetsItself(parts, at)))
  const overlap = branches.some((one, at) => branches.slice(at + 1).some((other) => matchAlike(one, other)))
  return loops || overlap
}

/** Can the end of a loop be followed, past parts that may be nothing, by its own beginning in the next turn? */
function meetsItself(parts: Part[], at: number): boolean {
  const around = [...parts.slice(at + 1), ...parts.slice(0, at)]
  const between = around.filter((it) => !it.empty)
  return between.every((it) => overlaps(it.chars, parts[at]!.chars))
}

/** Branches of which one can match what the other does: `a|aa`, `\w|\d`, and not `foo|fob`. */
const matchAlike = (a: Part[], b: Part[]): boolean =>
  a.length > 0 && b.length > 0 && a.every((x) => b.every((y) => overlaps(x.chars, y.chars)))

const overlaps = (a: Set<string>, b: Set<string>): boolean =>
  [...a].some((x) => [...b].some((y) => meet(x, y) || meet(y, x)))

const CLASSES: Record<string, RegExp> = {
  '\\d': /\d/,
  '\\w': /\w/,
  '\\s': /\s/,
  '\\D': /\D/,
  '\\W': /\W/,
  '\\S': /\S/,
}

function meet(x: string, y: string): boolean {
  if (x === y || x === 'any') return true
  if (x.startsWith('not ')) return !covered(y, x.slice(4))
  const known = CLASSES[x]
  if (!known) return false
  if (y.length === 1) return known.test(y)
  return SHARED.some(([a, b]) => (a === x && b === y) || (a === y && b === x))
}

const covered = (y: string, members: string): boolean => members.includes(y)

const SHARED: [string, string][] = [
  ['\\d', '\\w'],
  ['\\d', '\\S'],
  ['\\w', '\\S'],
  ['\\s', '\\W'],
  ['\\s', '\\D'],
  ['\\W', '\\D'],
  ['\\W', '\\S'],
  ['\\D', '\\S'],
  ['\\D', '\\w'],
]
