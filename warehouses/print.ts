import type {
  Arithmetic,
  BinaryOp,
  CastType,
  Expr,
  JsonGiven,
  Pattern,
  PatternPart,
  Printed,
  SqlKind,
  Stored,
  UnaryOp,
} from '../core/expr.ts'

/** How one engine says each operation: a table of answers. Parts arrive as SQL in brackets. */
export interface Forms {
  column(name: string, stored: Stored): string
  /** @param path  literals; absent where no column has JSON that can be read */
  json?(column: string, path: string[], give: JsonGiven): string
  literal: {
    /** @returns undefined where no literal can hold it */
    text(value: string): string | undefined
    integer(value: string): string
    decimal(value: string): string
    double(value: number): string
    nothing(kind: SqlKind): string
  }
  unary: Record<
    Exclude<UnaryOp, 'not' | 'isNull' | 'isNotNull' | 'isNotFalse'>,
    (sql: string, item: Expr) => string
  >
  /** A cheaper way to say that a test does not fail, where there is one. */
  isNotFalse?(item: Expr, print: (it: Expr) => string): string | undefined
  binary: Record<BinaryOp, (left: string, right: string) => string>
  arithmetic(left: string, operator: Arithmetic, right: string): string
  concat(parts: string[]): string
  /** Makes a text compare by its bytes, whatever the defaults. */
  bytewise(sql: string): string
  substring(sql: string, from: number, length: number | undefined): string
  right(sql: string, count: number): string
  replace(sql: string, part: string, by: string): string
  replacePattern(sql: string, pattern: string, by: string): string
  matches(sql: string, pattern: string): string
  /** @returns undefined where no text of this engine can hold U+0000 */
  noNul(texts: string[]): string | undefined
  /** How a pattern says the ends of a text. */
  ends: [start: string, end: string]
  pad(sql: string, side: 'left' | 'right', width: number, by: string): string
  fitsScale(sql: string, scale: number): string
  roundDecimal(sql: string, scale: number): string
  shift(sql: string, places: number, item: Expr): string
  unshift(sql: string, places: number): string
  cast(sql: string, to: CastType, item: Expr): string
  /** Does a setting of the session change what the expression gives? Its parts are asked by themselves. */
  dependsOnSession(expr: Expr): boolean
}

class Unprintable extends Error {}

/** Prints expressions in one engine's SQL. */
export function printer(forms: Forms): (expr: Expr) => Printed {
  return (expr) => {
    const found = { independent: true }
    try {
      const sql = print(expr, forms, found)
      return { sql, sessionIndependent: found.independent }
    } catch (cause) {
      if (!(cause instanceof Unprintable)) throw cause
      return { not: cause.message }
    }
  }
}

function print(expr: Expr, forms: Forms, found: { independent: boolean }): string {
  const of = (it: Expr): string => print(it, forms, found)
  const all = (items: readonly Expr[]): string[] => items.map(of)
  if (forms.dependsOnSession(expr)) found.independent = false
  switch (expr.op) {
    case 'column':
      return forms.column(expr.name, expr.stored)
    case 'json':
      return printJson(expr, forms)
    case 'literal':
      return printLiteral(expr, forms)
    case 'and':
    case 'or':
      return `(${all(expr.items).join(` ${expr.op} `)})`
    case 'noNul':
      return forms.noNul(all(expr.items)) ?? unprintable(NO_NUL)
    case 'coalesce':
      return `coalesce(${all(expr.items).join(', ')})`
    case 'concat':
      return forms.concat(all(expr.items))
    case 'case': {
      const branches = expr.branches.map(({ when, give }) => `when ${of(when)} then ${of(give)}`)
      return `(case ${branches.join(' ')} else ${of(expr.otherwise)} end)`
    }
    case 'compare':
      return `(${comparable(expr.left, of, forms)} ${expr.operator} ${of(expr.right)})`
    case 'in':
      return `(${comparable(expr.item, of, forms)} in (${all(expr.list).join(', ')}))`
    case 'unary':
      if (expr.name === 'isNotFalse')
        return forms.isNotFalse?.(expr.item, of) ?? `(${of(expr.item)} is not false)`
      return printUnary(expr.name, of(expr.item), expr.item, forms)
    case 'binary':
      return forms.binary[expr.name](of(expr.left), of(expr.right))
    case 'arithmetic':
      return forms.arithmetic(of(expr.left), expr.operator, of(expr.right))
    case 'substring':
      return forms.substring(of(expr.item), expr.from, expr.length)
    case 'right':
      return forms.right(of(expr.item), expr.count)
    case 'replace':
      return forms.replace(of(expr.item), of(expr.part), of(expr.by))
    case 'replacePattern':
      return forms.replacePattern(
        of(expr.item),
        literalOf(patternPart(expr.part), forms),
        literalOf(expr.by, forms),
      )
    case 'matches':
      return forms.matches(of(expr.item), literalOf(patternText(expr.pattern, forms.ends), forms))
    case 'pad':
      return forms.pad(of(expr.item), expr.side, expr.width, literalOf(expr.by, forms))
    case 'fitsScale':
      return forms.fitsScale(of(expr.item), expr.scale)
    case 'roundDecimal':
      return forms.roundDecimal(of(expr.item), expr.scale)
    case 'shift':
      return forms.shift(of(expr.item), expr.places, expr.item)
    case 'unshift':
      return forms.unshift(of(expr.item), expr.places)
    case 'cast':
      return forms.cast(of(expr.item), expr.to, expr.item)
  }
}

function printJson({ column, path, give }: Expr & { op: 'json' }, forms: Forms): string {
  const names = path.map((it) => (typeof it === 'number' ? String(it) : literalOf(it, forms)))
  if (!forms.json) throw new Unprintable('this engine reads JSON in a way of its own')
  return forms.json(column, names, give)
}

const comparable = (item: Expr, of: (it: Expr) => string, forms: Forms): string =>
  item.kind === 'text' ? forms.bytewise(of(item)) : of(item)

function printUnary(name: Exclude<UnaryOp, 'isNotFalse'>, sql: string, item: Expr, forms: Forms): string {
  if (name === 'not') return `(not ${sql})`
  if (name === 'isNull') return `(${sql} is null)`
  if (name === 'isNotNull') return `(${sql} is not null)`
  return forms.unary[name](sql, item)
}

function literalOf(value: string, { literal }: Forms): string {
  const sql = literal.text(value)
  return sql ?? unprintable(NO_NUL)
}

const NO_NUL = 'the text holds a character that this engine cannot hold'

const unprintable = (because: string): never => {
  throw new Unprintable(because)
}

function printLiteral({ value, kind }: Expr & { op: 'literal' }, forms: Forms): string {
  if (value === null) return forms.literal.nothing(kind)
  if (typeof value === 'boolean') return String(value)
  if (kind === 'integer') return forms.literal.integer(String(value))
  if (kind === 'decimal') return forms.literal.decimal(String(value))
  return typeof value === 'number' ? forms.literal.double(value) : literalOf(value, forms)
}

function patternText({ fromStart, toEnd, anyOf }: Pattern, [start, end]: [string, string]): string {
  const bodies = anyOf.map((parts) => parts.map(patternPart).join(''))
  const body = bodies.length === 1 ? bodies[0]! : `(${bodies.join('|')})`
  return (fromStart ? start : '') + body + (toEnd ? end : '')
}

/** Always a class: outside of one, blanks and others have meanings that settings change. */
function patternPart({ ranges, negated, least, most }: PatternPart): string {
  const inside = ranges.map(([low, high]) =>
    low === high ? character(low) : `${character(low)}-${character(high)}`,
  )
  return `[${negated ? '^' : ''}${inside.join('')}]${times(least, most)}`
}

const character = (code: number): string => {
  const text = String.fromCharCode(code)
  return /[A-Za-z0-9 ]/.test(text) ? text : `\\${text}`
}

function times(least: number, most: number | undefined): string {
  if (most === undefined) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`
  if (least === 1 && most === 1) return ''
  return least === most ? `{${least}}` : `{${least},${most}}`
}
