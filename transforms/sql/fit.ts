import type { Expr } from '../../core/expr.ts'
import { MAX_ID } from '../../core/row-id.ts'
import type { ColumnType, UnifiedColumn } from '../../core/unified.ts'
import type { Scalar } from '../coerce.ts'
import {
  and,
  bytes,
  cast,
  choose,
  compare,
  decimal,
  double,
  inList,
  integer,
  isLiteral,
  length,
  nothing,
  or,
  SAFE,
  text,
  truth,
  unary,
  unlessMissing,
  where,
  within,
} from './build.ts'
import { fitDate, fitTimestamp } from './fit-time.ts'
import { bits64 } from './key.ts'
import { matchesAny } from './pattern.ts'
import {
  asText,
  cannot,
  carriesCheck,
  computed,
  isLiteralNumber,
  nameOf,
  readAs,
  steady,
  type Term,
} from './term.ts'

/** Fits a term into a column as `transforms/coerce*.ts` do: what is rejected there fails a check here. */
export function fitTerm(term: Term, column: UnifiedColumn, zone: string | undefined): Term {
  if (term.is === 'nothing') return { ...term, expr: nothing(sqlKind(column.type)), nulls: false }
  const fitted = byType(term, column, zone)
  if (column.values === undefined) return fitted
  const allowed = inList(fitted.expr, column.values.map(text))
  return computed(fitted.expr, 'text', term.node, [fitted], [unlessMissing(allowed)])
}

/** How the values of a column lie in SQL. */
export const sqlKind = (type: ColumnType): Expr['kind'] =>
  type.kind === 'id' || type.kind === 'json' ? 'text' : type.kind

const READINGS: Partial<Record<ColumnType['kind'], 'number' | 'boolean'>> = {
  integer: 'number',
  decimal: 'number',
  double: 'number',
  boolean: 'boolean',
}

function byType(given: Term, { type }: UnifiedColumn, zone: string | undefined): Term {
  const term = readAs(given, READINGS[type.kind] ?? 'text')
  if (term.is === 'json')
    return type.kind === 'json' ? term : cannot('objects and lists only fit JSON columns', term.node)
  switch (type.kind) {
    case 'id':
      return fitId(term)
    case 'text':
      return fitText(term, type.length)
    case 'integer':
      return fitInteger(term)
    case 'decimal':
      return fitDecimal(term, type.precision, type.scale)
    case 'double':
      return fitDouble(term)
    case 'boolean':
      return fitBoolean(term)
    case 'date':
      return fitDate(term)
    case 'timestamp':
      return fitTimestamp(term, zone)
    case 'json':
      return cannot('only an object or a list that is written out has a form in SQL here', term.node)
  }
}

const fitted = (term: Term, expr: Expr, ...checks: Expr[]): Term =>
  computed(expr, term.is, term.node, [term], checks)

/** `expr` only where all checks hold, since it may raise where they do not. */
const onlyIf = (term: Term, checks: Expr[], expr: Expr): Term => {
  const live = checks.filter((it) => !isLiteral(it, true))
  return fitted(term, live.length === 0 ? expr : where(and(...live), expr), ...live)
}

function plainText(term: Term): Expr {
  if (term.expr.kind === 'double')
    return cannot('the text of a computed or floating number differs between engines', term.node)
  return asText(term.expr)
}

function fitText(term: Term, longest: number | undefined): Term {
  const expr = plainText(term)
  if (longest === undefined || (expr.bytes ?? Number.POSITIVE_INFINITY) <= longest) return fitted(term, expr)
  return fitted(term, expr, unlessMissing(compare(length(expr), '<=', integer(longest))))
}

function fitId(term: Term): Term {
  const expr = plainText(term)
  if (isMade(term) || (expr.bytes ?? Number.POSITIVE_INFINITY) <= MAX_ID) return fitted(term, expr)
  const short = compare(bytes(expr), '<=', integer(MAX_ID))
  return fitted(
    term,
    expr,
    unlessMissing(or(short, compare(length(expr), '<=', integer(Math.floor(MAX_ID / 2))))),
  )
}

/** An id that `$ref` or `$self` made is never too long. */
const isMade = ({ node }: Term): boolean =>
  node.type === 'function' && ['ref', 'self'].includes(String(node.procedure?.value))

/** The text is one of these patterns; missing passes. */
const matches = (item: Expr, ...sources: string[]): Expr => unlessMissing(matchesAny(item, sources))

function fitInteger(term: Term): Term {
  const { expr } = term
  if (expr.kind === 'integer') return fitted(term, expr, ...bits64(expr))
  if (expr.kind === 'text')
    return onlyIf(term, [matches(expr, '[+-]?\\d{1,18}')], cast(expr, { kind: 'integer' }))
  if (expr.kind === 'decimal' || expr.kind === 'double') {
    steady(term)
    const limit = expr.kind === 'double' ? double(SAFE) : decimal('999999999999999999')
    const isWhole = compare(unary('floor', expr, expr.kind), '=', expr)
    const checks = [unlessMissing(within(expr, limit)), unlessMissing(isWhole)]
    return onlyIf(term, checks, cast(expr, { kind: 'integer' }))
  }
  return cannot(`${nameOf(term)} is no whole number`, term.node)
}

function fitDecimal(term: Term, precision: number, scale: number): Term {
  const { expr } = term
  const to = { kind: 'decimal', precision, scale } as const
  const whole = precision - scale
  if (expr.kind === 'double') return roundedDouble(term, precision, scale)
  if (expr.kind === 'text') {
    const fraction = scale === 0 ? [] : [`[+-]?\\d{1,${whole}}\\.\\d{1,${scale}}`]
    return onlyIf(term, [matches(expr, `[+-]?\\d{1,${whole}}`, ...fraction)], cast(expr, to))
  }
  if (expr.kind !== 'integer' && expr.kind !== 'decimal')
    return cannot(`${nameOf(term)} is no number`, term.node)
  const fits = expr.max !== undefined && expr.max <= 10 ** whole && expr.op === 'column'
  // A whole number as the limit: beside a wide decimal DuckDB would cut the decimals of a longer one.
  const limit = { ...integer(`1${'0'.repeat(whole)}`), kind: expr.kind }
  const least = { ...integer(`-1${'0'.repeat(whole)}`), kind: expr.kind }
  const small = fits ? [] : [unlessMissing(and(compare(expr, '>', least), compare(expr, '<', limit)))]
  const places =
    (expr.scale ?? Number.POSITIVE_INFINITY) <= scale ? [] : [unlessMissing(hasPlaces(expr, scale))]
  return onlyIf(term, [...small, ...places], cast(expr, to))
}

/** No more decimals than the column holds; a few more are JavaScript's to judge. */
const hasPlaces = (item: Expr, scale: number): Expr => ({
  op: 'fitsScale',
  item,
  scale,
  kind: 'boolean',
  nullable: item.nullable,
})

const PLAIN_FROM = 1e-4
const PLAIN_TO = 1e15

/**
 * A double is rounded half-even on its shortest digits. Moving the point keeps its side of every half, unless the
 * moved one is a half: those rows are JavaScript's.
 */
function roundedDouble(term: Term, precision: number, scale: number): Term {
  const { expr } = term
  const largest = Math.min(10 ** (precision - scale), PLAIN_TO / 10 ** scale) / 10
  const size = unary('abs', expr, 'double')
  const zero = compare(size, '<', double(0.4 * 10 ** -scale))
  const plain = and(compare(size, '<', double(largest)), compare(size, '>=', double(PLAIN_FROM)))
  const moved: Expr = {
    op: 'shift',
    item: expr,
    places: scale,
    kind: 'double',
    nullable: expr.nullable,
    max: PLAIN_TO,
  }
  const floor = unary('floor', moved, 'double')
  const half: Expr = {
    op: 'arithmetic',
    operator: '-',
    left: moved,
    right: floor,
    kind: 'double',
    nullable: expr.nullable,
    max: 1,
  }
  const noHalf = choose([{ when: plain, give: compare(half, '<>', double(0.5)) }], truth(true))
  const rounded = unary('round', moved, 'double', { max: PLAIN_TO })
  const value: Expr = {
    op: 'unshift',
    item: rounded,
    places: scale,
    kind: 'decimal',
    nullable: expr.nullable,
    scale,
  }
  const result = choose([
    { when: zero, give: cast(integer(0), { kind: 'decimal', precision, scale }) },
    { when: and(plain, noHalf), give: cast(value, { kind: 'decimal', precision, scale }) },
  ])
  return fitted(
    term,
    { ...result, nullable: expr.nullable },
    unlessMissing(or(zero, plain)),
    unlessMissing(noHalf),
  )
}

function fitDouble(term: Term): Term {
  const { expr } = term
  if (expr.kind === 'text') {
    const checks = [matches(expr, '-?\\d{1,15}', '-?\\d{1,7}\\.\\d{1,8}')]
    return onlyIf(term, checks, cast(expr, { kind: 'double' }))
  }
  if (expr.kind === 'double') return fitted(term, expr)
  if (expr.kind !== 'integer' && expr.kind !== 'decimal')
    return cannot(`${nameOf(term)} is no number`, term.node)
  const checks = term.is === 'carried' && !isLiteralNumber(expr) ? carriesCheck(expr) : []
  return fitted(term, unary('toDouble', expr, 'double'), ...checks)
}

function fitBoolean(term: Term): Term {
  const { expr } = term
  if (expr.kind === 'boolean') return fitted(term, expr)
  if (expr.kind === 'text') {
    const words = (...given: string[]) => inList(expr, given.map(text))
    const [yes, no] = [words('1', 'true', 'True', 'TRUE'), words('0', 'false', 'False', 'FALSE')]
    const value = choose([
      { when: yes, give: truth(true) },
      { when: no, give: truth(false) },
    ])
    return fitted(term, value, unlessMissing(or(yes, no)))
  }
  if (expr.kind !== 'integer' && expr.kind !== 'decimal' && expr.kind !== 'double')
    return cannot(`${nameOf(term)} is neither true nor false`, term.node)
  steady(term)
  const is = (value: 0 | 1) =>
    compare(expr, '=', expr.kind === 'double' ? double(value) : { ...integer(value), kind: expr.kind })
  const value = choose([
    { when: is(1), give: truth(true) },
    { when: is(0), give: truth(false) },
  ])
  return fitted(term, value, unlessMissing(or(is(1), is(0))))
}

/** A constant of a mapping, already fitted into its column. */
export function constant(value: Scalar | null, type: ColumnType): Expr {
  if (value === null) return nothing(sqlKind(type))
  switch (type.kind) {
    case 'integer':
      return integer(String(value))
    case 'decimal':
      return cast(decimal(String(value)), type)
    case 'double':
      return double(Number(value))
    case 'boolean':
      return truth(value === true)
    case 'date':
      return cast(text(String(value)), { kind: 'date' })
    case 'timestamp':
      return cast(text(String(value)), { kind: 'timestamp' })
    default:
      return text(String(value))
  }
}
