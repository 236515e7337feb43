/**
 * SQL expressions without an engine: `transforms/` writes them, the dialects in `warehouses/` print them.
 *
 * NULL is missing. An expression never raises, on no row: what could (a cast, an overflow) stands in a branch of `case`
 * that only rows reach on which it cannot.
 */

/** How a value lies in SQL. */
export type SqlKind =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'double'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'timestamp'

/** What a source column is, whatever the engine calls it; `undefined` for types that have no form here. */
export type Stored =
  /**
   * `padded`: blanks fill it up to this many characters, and are part of the value. `fixed`: they are not.
   * `length`: characters at most. `hex`: they are hexadecimal digits and hyphens. `utf8`: lies in the character set of the warehouse, where a server has several.
   */
  | { kind: 'text'; padded?: number; fixed?: boolean; length?: number; hex?: boolean; utf8?: boolean }
  /** `max`: largest absolute value. */
  | { kind: 'integer'; max: string; lies?: Lies }
  /** Without precision: any number of digits. `special`: may hold NaN or infinity. */
  | { kind: 'decimal'; precision?: number; scale?: number; special: boolean; lies?: Lies }
  /** `single`: four bytes, to be widened. */
  | { kind: 'double'; single: boolean; special: boolean }
  | { kind: 'boolean' }
  /** `micros`: lies as the warehouse's own instants do, with six digits of the second. */
  | { kind: 'date' | 'datetime' | 'timestamp'; micros?: boolean; lies?: Lies }

/** A column that was made for us, in the warehouse's own type for such values; instants as the clock of UTC. */
export interface Lies {
  /** Conditions on the bare column are answered by an index; what hides the column from it is dear. */
  indexed: boolean
}

/** A column of a relation that the warehouse can read itself. */
export interface ColumnFacts {
  name: string
  /** Undefined: a type whose values have no form in SQL that is known to equal what the connector delivers. */
  stored: Stored | undefined
  /** The source's own spelling, for reasons. */
  sourceType: string
  nullable: boolean
  ascii: 'proven' | 'unknown'
  /** Texts may hold U+0000, which no column of ours takes. */
  nul: boolean
  /** JSON of which members can be read exactly: no name stands twice in an object. */
  json?: true | undefined
  /** No value fails `isFinite`: proven by more than its type. */
  finite?: boolean
  /** A column beside it, never NULL, that is true where this one gives what the source holds; absent: everywhere. */
  sound?: string
}

/** What is known of an expression's values. */
export interface ExprFacts {
  kind: SqlKind
  nullable: boolean
  /** Text of ASCII characters only, proven. */
  ascii?: boolean
  /** Largest absolute value of a number, proven. */
  max?: number
  /** Smallest absolute value of a number that is not zero, proven. */
  least?: number
  /** Decimals: digits after the point at most. */
  scale?: number
  /** Text: at most so many bytes of UTF-8. */
  bytes?: number
}

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='
export type Arithmetic = '+' | '-' | '*' | '/' | '%'

/** Operations on one value. Counts are of characters (code points) unless they say bytes. */
export type UnaryOp =
  | 'not'
  | 'isNull'
  | 'isNotNull'
  /** True where the item is missing. */
  | 'isNotFalse'
  | 'length'
  | 'bytes'
  | 'isAscii'
  /** Only for ASCII text: each engine's own folding of other letters differs. */
  | 'lower'
  | 'upper'
  /** Runs of blank, tab, line feed and return become one blank; none at the ends. */
  | 'squeeze'
  /** 64 hexadecimal digits of the SHA-256 of the UTF-8 bytes. */
  | 'sha256'
  /** Canonical text of an integer, decimal, boolean, date, datetime or timestamp. */
  | 'text'
  | 'toDouble'
  | 'negate'
  | 'abs'
  | 'floor'
  | 'ceil'
  /** Half-even, of a double. */
  | 'round'
  | 'sqrt'
  /** Milliseconds since 1970, cut off, of an instant; and the wall clock of UTC that they are, of the years 1000 to 9999. */
  | 'toMillis'
  | 'ofMillis'
  /** Neither NaN nor infinite; of dates and times: of the years 1000 to 9999; of decimals: of at most 400 digits. */
  | 'isFinite'

/** Operations on two values of one kind. */
export type BinaryOp =
  | 'contains'
  | 'before'
  | 'after'
  | 'power'
  /** A wall clock so many whole seconds before another; less than a day, and within the years 1000 to 9999. */
  | 'earlier'

/** One class of ASCII characters with its repetition, as `[0-9+]+`. */
export interface PatternPart {
  /** Inclusive ranges of code points, all below 128. */
  ranges: [number, number][]
  negated: boolean
  least: number
  /** Undefined: any number. */
  most?: number
}

/** A regular expression that means the same everywhere. */
export interface Pattern {
  fromStart: boolean
  toEnd: boolean
  /** Alternatives, each a sequence. */
  anyOf: PatternPart[][]
}

type ExprShape =
  | { op: 'column'; name: string; stored: Stored }
  /** A member of a JSON column by its path; NULL where it is missing, and for a text, number or boolean where it is none. */
  | { op: 'json'; column: string; path: JsonPath; give: JsonGiven }
  /** Integers and decimals as canonical text; null is NULL of the kind. */
  | { op: 'literal'; value: string | number | boolean | null }
  | { op: 'and' | 'or' | 'concat' | 'coalesce'; items: Expr[] }
  /** None of these texts holds U+0000; those that are missing hold none. Never NULL. */
  | { op: 'noNul'; items: Expr[] }
  | { op: 'case'; branches: { when: Expr; give: Expr }[]; otherwise: Expr }
  | { op: 'compare'; operator: Comparison; left: Expr; right: Expr }
  | { op: 'in'; item: Expr; list: Expr[] }
  | { op: 'unary'; name: UnaryOp; item: Expr }
  | { op: 'binary'; name: BinaryOp; left: Expr; right: Expr }
  | { op: 'arithmetic'; operator: Arithmetic; left: Expr; right: Expr }
  /** `from` counts from 1. */
  | { op: 'substring'; item: Expr; from: number; length?: number }
  | { op: 'right'; item: Expr; count: number }
  | { op: 'replace'; item: Expr; part: Expr; by: Expr }
  | { op: 'replacePattern'; item: Expr; part: PatternPart; by: string }
  | { op: 'matches'; item: Expr; pattern: Pattern }
  | { op: 'pad'; item: Expr; width: number; side: 'left' | 'right'; by: string }
  /** Half-even, of a decimal with more digits behind the point than `scale`. */
  | { op: 'roundDecimal'; item: Expr; scale: number }
  /** Has an integer or decimal no more digits than these behind the point? */
  | { op: 'fitsScale'; item: Expr; scale: number }
  /**
   * The double whose decimal digits are those of a double (its shortest) or a decimal, with the point moved to the right.
   * Raises for a double that is not 0 and below 1e-4 or from 1e15.
   */
  | { op: 'shift'; item: Expr; places: number }
  /** Decimal of a whole double below 1e15, with the point moved to the left. */
  | { op: 'unshift'; item: Expr; places: number }
  /** May raise where the item is no such value. */
  | { op: 'cast'; item: Expr; to: CastType }

export type CastType =
  | { kind: 'integer' | 'double' | 'date' | 'timestamp' | 'datetime' }
  | { kind: 'decimal'; precision: number; scale: number }

/** Names of members, and places in lists, from 0. */
export type JsonPath = (string | number)[]

/** `count`: items of a list that are not null; NULL where it is none. `type`: `object`, `array`, `string`, `number`, `boolean` or `null`. */
export type JsonGiven = 'type' | 'text' | 'number' | 'boolean' | 'count'

export type Expr = Readonly<ExprFacts & ExprShape>

/** How well SQL says what the mapping says. */
export type Verdict =
  /** The same value on every row. */
  | { verdict: 'exact'; expr: Expr; canRaise: boolean; because: string }
  /** The same value on every row where `guard` is true, and no error of the mapping; other rows go through JavaScript. */
  | { verdict: 'guarded'; expr: Expr; guard: Expr; canRaise: boolean; because: string }
  /** Differs from JavaScript at most in the last bits of a double, before it is rounded to the column's scale. */
  | { verdict: 'close'; expr: Expr; guard: Expr; canRaise: boolean; because: string }
  | { verdict: 'not'; because: string; at?: { from: number; to: number } }

/** What a dialect makes of an expression. */
export type Printed =
  /** `sessionIndependent`: false where a setting of the session changes the value, so that it may not stand in a view. */
  { sql: string; sessionIndependent: boolean } | { not: string }

/** Calls `visit` for every direct part of an expression; `protectedBy` is true in the branches of a `case`. */
export function eachPart(expr: Expr, visit: (part: Expr, guarded: boolean) => void): void {
  const one = (it: Expr) => visit(it, false)
  if ('items' in expr) expr.items.forEach(one)
  if ('item' in expr) one(expr.item)
  if ('left' in expr) [expr.left, expr.right].forEach(one)
  if (expr.op === 'in') expr.list.forEach(one)
  if (expr.op === 'replace') [expr.part, expr.by].forEach(one)
  if (expr.op === 'case') {
    for (const { when, give } of expr.branches) {
      one(when)
      visit(give, true)
    }
    visit(expr.otherwise, true)
  }
}

/** Could the engine raise an error on some row? By construction only what stands outside every branch of a `case`. */
export function canRaise(expr: Expr): boolean {
  const known = raising.get(expr)
  if (known !== undefined) return known
  let raises = mayFail(expr)
  eachPart(expr, (part, guarded) => {
    raises ||= !guarded && canRaise(part)
  })
  raising.set(expr, raises)
  return raises
}

const raising = new WeakMap<Expr, boolean>()

/** Does the expression read the row at all? */
function readsRow(expr: Expr): boolean {
  const known = reading.get(expr)
  if (known !== undefined) return known
  let reads = expr.op === 'column' || expr.op === 'json'
  eachPart(expr, (part) => {
    reads ||= readsRow(part)
  })
  reading.set(expr, reads)
  return reads
}

const reading = new WeakMap<Expr, boolean>()

/**
 * A part that an engine could work out before it reads any row, in whatever branch it stands: where such a part fails, the
 * statement does.
 */
export function earlyPart(expr: Expr): Expr | undefined {
  if (!readsRow(expr)) return expr.op === 'literal' || isSafeConstant(expr) ? undefined : expr
  let found: Expr | undefined
  eachPart(expr, (part) => {
    found ??= earlyPart(part)
  })
  return found
}

/** A stated value in its type. */
const isSafeConstant = (expr: Expr): boolean => expr.kind !== 'boolean' && !mayFail(expr) && eachLiteral(expr)

function eachLiteral(expr: Expr): boolean {
  let all = true
  eachPart(expr, (part) => {
    all &&= part.op === 'literal'
  })
  return all
}

/** Nodes of the expression as it is printed; parts that stand in several places count in each. */
export function sizeOf(expr: Expr): number {
  const known = sizes.get(expr)
  if (known !== undefined) return known
  let size = 1
  eachPart(expr, (part) => {
    size += sizeOf(part)
  })
  sizes.set(expr, size)
  return size
}

const sizes = new WeakMap<Expr, number>()

const LIMIT = 1e300
const DECIMAL_LIMIT = 1e38

function mayFail(expr: Expr): boolean {
  if (expr.op === 'cast') return expr.item.op !== 'literal' && expr.item.kind === 'text'
  if (expr.op === 'unary') return expr.name === 'sqrt'
  if (expr.op === 'binary') return expr.name === 'power'
  if (expr.op === 'shift' || expr.op === 'unshift') return expr.item.kind === 'double'
  if (expr.op !== 'arithmetic') return false
  if (expr.operator === '/' || expr.operator === '%')
    return expr.right.op !== 'literal' || Number(expr.right.value) === 0
  return !((expr.max ?? Number.POSITIVE_INFINITY) < (expr.kind === 'decimal' ? DECIMAL_LIMIT : LIMIT))
}
