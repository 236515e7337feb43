import type { Arithmetic, Comparison, Expr, Pattern, Stored } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import { alike, family } from './alike.ts'
import {
  and,
  arithmetic,
  bytes,
  compare,
  concat,
  double,
  inList,
  integer,
  isAscii,
  isLiteral,
  isPresent,
  not,
  nothing,
  or,
  SAFE,
  signed,
  surely,
  text,
  toDouble,
  truth,
  unary,
  unlessMissing,
  where,
  within,
} from './build.ts'
import { readPattern } from './pattern.ts'
import { type SayContext, sayLogic } from './say.ts'
import {
  asText,
  cannot,
  carriesCheck,
  computed,
  isLiteralNumber,
  nameOf,
  numberTerm,
  operand,
  orEmpty,
  readAs,
  steady,
  type Term,
  zeroOf,
} from './term.ts'

export type Say = (node: Node, context: SayContext) => Term

export function sayBinary(node: Node, context: SayContext, say: Say): Term {
  const operator = String(node.value)
  if (operator === 'in') return sayIn(node, context, say)
  const left = say(node.lhs as Node, context)
  const right = say(node.rhs!, context)
  if (operator === 'and' || operator === 'or') return sayLogic(node, left, right)
  const sides = [operand(likeOther(left, right)), operand(likeOther(right, left))] as const
  if (operator === '=' || operator === '!=') return equality(node, ...sides)
  if (operator === '&')
    return computed(concat(...sides.map(textPart)), 'text', node, [...sides], sides.flatMap(textChecks))
  if (operator in ORDER) return comparison(node, context, ...sides)
  return sayArithmetic(node, operator as Arithmetic, ...sides)
}

/** A member of JSON is compared as what stands on the other side. */
function likeOther(term: Term, other: Term): Term {
  const is = other.json ? 'text' : family(other)
  return is === 'number' || is === 'boolean' ? readAs(term, is) : term
}

const ORDER = { '<': true, '<=': true, '>': true, '>=': true }

function equality(node: Node, left: Term, right: Term): Term {
  const equal = node.value === '='
  const { condition, checks } = equals(left, right, equal ? '=' : '<>')
  return computed(condition, 'boolean', node, [left, right], checks)
}

/** True or false; false where something is missing. */
function equals(left: Term, right: Term, operator: '=' | '<>'): { condition: Expr; checks: Expr[] } {
  const sides = [steady(left), steady(right)]
  if (sides.some((it) => it.is === 'nothing')) return { condition: truth(false), checks: [] }
  if (family(left) !== family(right)) return unlike(sides, operator)
  const { exprs, checks } = alike(sides, left.node)
  return { condition: surely(compare(exprs[0]!, operator, exprs[1]!)), checks }
}

/** Values of different types are never equal; but a number that travels as text is a text. */
function unlike(sides: Term[], operator: '=' | '<>'): { condition: Expr; checks: Expr[] } {
  const condition = operator === '=' ? truth(false) : and(...sides.map((it) => isPresent(it.expr)))
  const hasText = sides.some((it) => it.is === 'text')
  const checks = hasText ? sides.flatMap((it) => (it.is === 'carried' ? carriesCheck(it.expr) : [])) : []
  return { condition, checks }
}

function comparison(node: Node, context: SayContext, left: Term, right: Term): Term {
  const sides = [steady(left), steady(right)]
  const boolean = sides.find((it) => it.is === 'boolean')
  if (boolean) return cannot('true and false are not ordered: JavaScript fails here', boolean.node)
  if (sides.some((it) => it.is === 'nothing')) return computed(nothing('boolean'), 'boolean', node, sides)
  if (family(left) !== family(right))
    return cannot(`${nameOf(left)} is compared with ${nameOf(right)}, which fails in JavaScript`, node)
  const { exprs, checks } = alike(sides, node)
  const [a, b] = exprs as [Expr, Expr]
  const carried = sides.filter((it) => it.is === 'carried' && !isLiteralNumber(it.expr))
  // Engines order by code point, JavaScript by UTF-16 unit: beside ASCII both are one order.
  const order = a.kind === 'text' ? textOrder(a, b, context) : []
  const own = [...checks, ...carried.flatMap((it) => carriesCheck(it.expr)), ...order]
  return computed(compare(a, node.value as Comparison, b), 'boolean', node, sides, own)
}

/** JavaScript refuses to order a text that is one of the row's own long numbers: it cannot tell the two apart. */
function textOrder(a: Expr, b: Expr, { columns }: SayContext): Expr[] {
  const order = unlessMissing(or(isAscii(a), isAscii(b)))
  const hasLong = [...columns.values()].some(({ stored }) => stored === undefined || mayBeLong(stored))
  return hasLong ? [order, ...[a, b].filter((it) => it.op !== 'literal').map(isNoLongNumber)] : [order]
}

const mayBeLong = (stored: Stored): boolean =>
  (stored.kind === 'integer' && Number(stored.max) > SAFE) ||
  (stored.kind === 'decimal' && !((stored.precision ?? Number.POSITIVE_INFINITY) <= 15)) ||
  (stored.kind === 'double' && stored.special)

const SHORT = 15
const DIGITS = readPattern('^[-0-9.]+$', '') as Pattern

function isNoLongNumber(item: Expr): Expr {
  const digits: Expr = { op: 'matches', item, pattern: DIGITS, kind: 'boolean', nullable: item.nullable }
  const named = inList(item, ['NaN', 'Infinity', '-Infinity'].map(text))
  const short = compare(bytes(item), '<=', integer(SHORT))
  return unlessMissing(and(or(short, not(digits)), not(named)))
}

function sayIn(node: Node, context: SayContext, say: Say): Term {
  const left = steady(operand(say(node.lhs as Node, context)))
  const rhs = node.rhs!
  const items = rhs.type === 'unary' && rhs.value === '[' ? rhs.expressions! : [rhs]
  const list = items.map((it) => steady(operand(say(it, context))))
  const same = list.filter((it) => family(it) === family(left))
  const literal = same.every((it) => it.expr.op === 'literal' && it.expr.kind === left.expr.kind)
  if (
    literal &&
    left.is !== 'nothing' &&
    left.expr.kind !== 'decimal' &&
    same.length > 0 &&
    same.length === list.length
  ) {
    const condition = surely(
      inList(
        left.expr,
        same.map((it) => it.expr),
      ),
    )
    return computed(condition, 'boolean', node, [left, ...list])
  }
  const each = list.map((it) => equals(left, it, '='))
  const checks = each.flatMap((it) => it.checks)
  return computed(or(...each.map((it) => it.condition)), 'boolean', node, [left, ...list], checks)
}

/** The text of a value as `&` and `$string` write it; '' where it is missing. */
const textPart = (term: Term): Expr => orEmpty(stringOf(term))

export function stringOf(term: Term): Expr {
  if (term.is === 'nothing') return nothing('text')
  if (term.expr.kind === 'double')
    return cannot('the text of a computed or floating number differs between engines', term.node)
  return asText(term.expr)
}

const LARGEST_PLAIN = 1e21
const SMALLEST_PLAIN = 1e-6

/** JavaScript writes large and small numbers with an exponent. */
export function textChecks({ is, expr }: Term): Expr[] {
  if (is === 'text' || is === 'boolean' || is === 'nothing' || expr.kind !== 'decimal') return []
  const notLarge = expr.max !== undefined && expr.max < LARGEST_PLAIN
  const notSmall = expr.least !== undefined && expr.least >= SMALLEST_PLAIN
  if (expr.op === 'literal' || (notLarge && notSmall)) return []
  const size = unary('abs', expr, 'decimal')
  const million = {
    ...integer(1),
    op: 'literal' as const,
    value: '0.000001',
    kind: 'decimal' as const,
    scale: 6,
  }
  const limit = { ...integer('100000000000000000000'), kind: 'decimal' as const }
  return [
    ...(notLarge ? [] : [unlessMissing(compare(size, '<', limit))]),
    ...(notSmall ? [] : [unlessMissing(or(compare(expr, '=', zeroOf(expr)), compare(size, '>=', million)))]),
  ]
}

/** Larger ones could leave the range of a double when multiplied, smaller ones become zero. */
const LARGE = 1e150
const SMALL = 1e-150
const LARGEST = 1e299

function sayArithmetic(node: Node, operator: Arithmetic, first: Term, second: Term): Term {
  const keepsBits = operator === '*' || operator === '/'
  const [left, right] = [first, second].map((it) =>
    numberTerm(keepsBits ? it : steady(it), `"${operator}"`),
  ) as [Term, Term]
  const inIntegers = wholeArithmetic(operator, left.expr, right.expr)
  if (inIntegers) return computed(inIntegers, 'number', node, [left, right], divisor(operator, right.expr))
  if (operator === '%') return cannot('"%" is the same everywhere only for whole numbers', node)
  const [a, b] = [toDouble(left.expr), toDouble(right.expr)]
  const { checks, facts } = safely(operator, a, b)
  const result = arithmetic(a, operator, b, 'double', facts)
  const safe = checks.length === 0 ? result : where(and(...checks), result)
  return computed({ ...safe, ...facts }, 'number', node, [left, right], checks)
}

/** Whole numbers stay whole while a double carries every result. */
function wholeArithmetic(operator: Arithmetic, a: Expr, b: Expr): Expr | undefined {
  if (a.kind !== 'integer' || b.kind !== 'integer') return undefined
  const [large, small] = [a.max ?? Number.POSITIVE_INFINITY, b.max ?? Number.POSITIVE_INFINITY]
  const max = operator === '*' ? large * small : operator === '%' ? small : large + small
  if (operator === '/' || !(max <= SAFE)) return undefined
  // -0 is 0 in every column; but a divisor of 0 gives NaN.
  const result = arithmetic(a, operator, b, 'integer', { max, least: 1, scale: 0 })
  return operator === '%' ? where(and(...divisor('%', b)), result) : result
}

const divisor = (operator: Arithmetic, b: Expr): Expr[] =>
  operator === '%' && !(b.op === 'literal' && b.value !== '0')
    ? [unlessMissing(compare(b, '<>', zeroOf(b)))]
    : []

/** The conditions under which no engine leaves the range of a double, where JavaScript would go on with Infinity. */
function safely(
  operator: Arithmetic,
  a: Expr,
  b: Expr,
): { checks: Expr[]; facts: { max?: number; least?: number } } {
  const checks: Expr[] = []
  const within1 = (it: Expr, limit: number): number => {
    if (it.max !== undefined && it.max <= limit) return it.max
    checks.push(unlessMissing(within(it, double(limit))))
    return limit
  }
  const beyond = (it: Expr): number => {
    if (it.least !== undefined && it.least >= SMALL) return it.least
    const size = unary('abs', it, 'double')
    checks.push(unlessMissing(or(compare(it, '=', double(0)), compare(size, '>=', double(SMALL)))))
    return SMALL
  }
  if (operator === '+' || operator === '-') {
    const max = within1(a, LARGEST) + within1(b, LARGEST)
    return { checks, facts: { max } }
  }
  const [large, other, least, smallest] = [within1(a, LARGE), within1(b, LARGE), beyond(a), beyond(b)]
  if (operator === '*') return { checks, facts: { max: large * other, least: least * smallest } }
  if (!isLiteralNumber(b) || isLiteral(b, 0)) checks.push(unlessMissing(compare(b, '<>', double(0))))
  return { checks, facts: { max: large / smallest, least: least / other } }
}

export function sayNegation(node: Node, context: SayContext, say: Say): Term {
  const term = numberTerm(say(node.expression!, context), '"-"')
  const item = signed(term.expr)
  const { kind, max, least, scale } = item
  return computed(unary('negate', item, kind, { max, least, scale }), 'number', node, [term])
}
