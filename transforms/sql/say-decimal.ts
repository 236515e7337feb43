import type { Arithmetic, Expr } from '../../core/expr.ts'
import { canonicalDecimal } from '../../core/number.ts'
import { type Node, numberDigits } from '../ast.ts'
import { arithmetic, cast, decimal } from './build.ts'
import type { SayContext } from './say.ts'
import { sayExactSum } from './say-list.ts'
import type { Say } from './say-operator.ts'
import { cannot, computed, operand, type Term } from './term.ts'

/** Digits that the decimals of every engine hold, with room for what is computed on the way. */
const MAX_DIGITS = 36
const WIDEST = 38

/** `$decimal(…)`: + - * in exact decimals, rounded half-even once. A missing operand gives missing. */
export function sayDecimal(node: Node, context: SayContext, say: Say): Term {
  const exact = value(node, context, say)
  const { scale } = context
  const { expr } = exact
  if (expr.scale! <= scale) return { ...exact, is: 'carried', node }
  const rounded: Expr = { ...facts(expr, scale), op: 'roundDecimal', item: expr, scale }
  return { ...computed(rounded, 'carried', node, [exact]) }
}

const facts = ({ nullable, max }: Expr, scale: number) =>
  ({ kind: 'decimal', nullable, max: max! + 1, least: 10 ** -scale, scale }) as const

function value(node: Node, context: SayContext, say: Say): Term {
  const [only, ...more] = node.type === 'block' ? node.expressions! : []
  if (only && more.length === 0 && only.type !== 'bind') return value(only, context, say)
  if (node.type === 'number') return computed(literal(node, context), 'carried', node, [])
  if (node.type === 'unary' && node.value === '-') return negated(value(node.expression!, context, say), node)
  if (node.type === 'binary' && ['+', '-', '*'].includes(String(node.value))) {
    const sides = [value(node.lhs as Node, context, say), value(node.rhs!, context, say)] as const
    return operation(node, ...sides)
  }
  const sum = sayExactSum(node, context, (each, inner) => value(each, inner, say))
  if (sum) return sum
  if (node.type !== 'path')
    return cannot('inside $decimal only + - * over fields and numbers have a form in SQL', node)
  return field(operand(say(node, context)))
}

function literal(node: Node, { source }: SayContext): Expr {
  const digits = canonicalDecimal(numberDigits(node, source.text))
  if (digits === undefined) return cannot('this number has no decimal form', node)
  return decimal(Number(node.value) < 0 ? `-${digits}` : digits)
}

/** In the widest type of its scale: what an engine gives a product of narrow ones may overflow. */
function field(term: Term): Term {
  const { expr } = term
  if (expr.kind !== 'decimal' && expr.kind !== 'integer')
    return cannot('inside $decimal a field must be a whole number or a decimal', term.node)
  const { max, least, scale } = fits(term).expr
  const wide = { kind: 'decimal', precision: WIDEST, scale: scale! } as const
  return { ...term, expr: cast(expr, wide, { max, least, scale }) }
}

/** Not by a sign: DuckDB gives that a narrower type. */
function negated(term: Term, node: Node): Term {
  const { max, least, scale } = term.expr
  const expr = arithmetic(decimal('0'), '-', term.expr, 'decimal', { max, least, scale })
  return computed(expr, 'carried', node, [term])
}

function operation(node: Node, left: Term, right: Term): Term {
  const [a, b] = [left.expr, right.expr]
  const times = node.value === '*'
  const known = {
    max: times ? a.max! * b.max! : a.max! + b.max!,
    scale: times ? a.scale! + b.scale! : Math.max(a.scale!, b.scale!),
  }
  const result = arithmetic(a, node.value as Arithmetic, b, 'decimal', {
    ...known,
    least: 10 ** -known.scale,
  })
  return fits(computed(result, 'carried', node, [left, right]))
}

/** Every engine holds all digits of every possible value. */
function fits(term: Term): Term {
  const { max, scale } = term.expr
  const digits =
    max === undefined || scale === undefined ? Number.POSITIVE_INFINITY : Math.log10(Math.max(max, 1)) + scale
  if (digits > MAX_DIGITS || (scale ?? 0) > 18)
    return cannot(
      'the digits of the result could be more than every engine holds; declare a precision',
      term.node,
    )
  return term
}
