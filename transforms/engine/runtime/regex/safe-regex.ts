import { RE2JS } from 're2js'
import { type Growth, growthOf, takesCharacters } from './cost.ts'
import { type Part, PatternRefused, readPattern } from './pattern.ts'
import { re2Of } from './translate.ts'

/** Steps of backtracking that are not worth a second engine. */
const HARMLESS_STEPS = 2_000_000

/**
 * A regular expression whose time is bounded, with the protocol that JSONata asks of its `RegexEngine`.
 *
 * JavaScript's own engine is used where the pattern and the length of the text prove that it cannot take long; else
 * RE2, which runs in linear time. They differ in two things only: RE2 takes a character beyond U+FFFF as one, and
 * folds all of Unicode for `i`.
 * @throws {PatternRefused} it refers back to a group or looks around: no engine bounds that
 */
export class SafeRegex {
  readonly source: string
  lastIndex = 0
  readonly #native: RegExp
  readonly #parts: Part[][]
  readonly #growth: Growth | undefined
  readonly #isNeverEmpty: boolean
  #linear: ReturnType<typeof RE2JS.compile> | undefined

  constructor(pattern: RegExp | { source: string; flags: string }) {
    this.source = pattern.source
    this.#native = new RegExp(pattern.source, pattern.flags)
    this.#parts = readPattern(pattern.source, pattern.flags.includes('m'))
    this.#growth = growthOf(this.#parts)
    this.#isNeverEmpty = takesCharacters(this.#parts)
    // Said now, not at the first long text.
    if (this.#growth === undefined) this.#linear = this.#compiled()
  }

  /** As `RegExp.prototype.exec` with the flag `g`. */
  exec(text: unknown): RegExpExecArray | null {
    const input = typeof text === 'string' ? text : String(text)
    if (this.#isHarmless(input.length)) {
      this.#native.lastIndex = this.lastIndex
      const found = this.#native.exec(input)
      this.lastIndex = this.#native.lastIndex
      return found
    }
    const found = this.#search(input)
    this.lastIndex = found === null ? 0 : found.index + found[0].length
    return found
  }

  #isHarmless(length: number, more = 0): boolean {
    const growth = this.#growth
    return growth !== undefined && growth.factor * length ** (growth.degree + more) <= HARMLESS_STEPS
  }

  /**
   * Every match replaced at once, by a text without `$`.
   * @returns undefined where matches have to be looked for one by one: the text is long, or a match may be empty
   */
  replaced(text: string, into: string): string | undefined {
    if (!this.#isNeverEmpty || !this.#native.global || !this.#isHarmless(text.length, 1)) return undefined
    return text.replace(this.#native, into)
  }

  #search(input: string): RegExpExecArray | null {
    if (!(this.lastIndex <= input.length)) return null
    this.#linear ??= this.#compiled()
    const matcher = this.#linear.matcher(input)
    if (!matcher.find(Math.trunc(this.lastIndex) || 0)) return null
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, at) => matcher.group(at) ?? undefined)
    return Object.assign(groups, { index: matcher.start(), input }) as unknown as RegExpExecArray
  }

  #compiled(): ReturnType<typeof RE2JS.compile> {
    try {
      const flags = this.#native.flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0
      return RE2JS.compile(re2Of(this.#parts), flags)
    } catch (cause) {
      throw new PatternRefused(`is too large: ${(cause as Error).message}`)
    }
  }
}
