import type { Expr } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import { cast, nothing, toDouble } from './build.ts'
import { asText, cannot, carriesCheck, isLiteralNumber, type JsKind, nameOf, type Term } from './term.ts'

/** Digits that the smallest decimal of our engines holds. */
const MAX_DIGITS = 38

/** Some terms as values of one SQL type, so that they can be compared or stand in one column. */
export interface Alike {
  exprs: Expr[]
  is: JsKind
  checks: Expr[]
}

/** @throws {Unsayable} texts beside numbers and such */
export function alike(terms: Term[], node: Node): Alike {
  const [first, ...rest] = terms.filter((it) => it.is !== 'nothing')
  if (first === undefined) return { exprs: terms.map(() => nothing('text')), is: 'nothing', checks: [] }
  const kind = family(first)
  const odd = rest.find((it) => family(it) !== kind)
  if (odd) return cannot(`it is sometimes ${nameOf(first)} and sometimes ${nameOf(odd)}`, node)
  if (kind === 'number') return numbersAlike(terms)
  if (kind === 'json') return { exprs: textsAlike(terms), is: 'json', checks: [] }
  return { exprs: kind === 'text' ? textsAlike(terms) : exprsOf(terms), is: first.is, checks: [] }
}

export const family = (term: Term): 'text' | 'number' | 'boolean' | 'json' | 'nothing' =>
  term.is === 'carried' ? 'number' : term.is

const exprsOf = (terms: Term[]): Expr[] =>
  terms.map((it) => (it.is === 'nothing' ? nothing('boolean') : it.expr))

/** Dates stay dates only among themselves. */
function textsAlike(terms: Term[]): Expr[] {
  const kinds = new Set(terms.filter((it) => it.is !== 'nothing').map((it) => it.expr.kind))
  const [only] = kinds
  if (kinds.size === 1) return terms.map((it) => (it.is === 'nothing' ? nothing(only!) : it.expr))
  return terms.map((it) => (it.is === 'nothing' ? nothing('text') : asText(it.expr)))
}

/** In their own exact type where one type holds all of them, else as doubles, where JavaScript has numbers too. */
function numbersAlike(terms: Term[]): Alike {
  const present = terms.filter((it) => it.is !== 'nothing')
  const kinds = new Set(present.map((it) => it.expr.kind))
  const is = present.some((it) => it.is === 'carried') ? 'carried' : 'number'
  if (
    (kinds.size === 1 && !kinds.has('decimal')) ||
    (!kinds.has('double') && fitOneDecimal(present.map((it) => it.expr)))
  ) {
    const kind = kinds.size === 1 ? present[0]!.expr.kind : 'decimal'
    const exprs = kind === 'decimal' ? oneDecimal(present.map((it) => it.expr)) : present.map((it) => it.expr)
    return {
      exprs: terms.map((it) => (it.is === 'nothing' ? nothing(kind) : exprs.shift()!)),
      is,
      checks: [],
    }
  }
  const checks = present.flatMap((it) =>
    it.is === 'carried' && !isLiteralNumber(it.expr) ? carriesCheck(it.expr) : [],
  )
  const exprs = terms.map((it) => (it.is === 'nothing' ? nothing('double') : toDouble(it.expr)))
  return { exprs, is: 'number', checks }
}

/** What is computed gets one stated type: DuckDB cuts decimals where two wide ones of different scale meet. */
function oneDecimal(exprs: Expr[]): Expr[] {
  if (exprs.every((it) => it.op === 'column' || it.op === 'literal')) return [...exprs]
  const scale = Math.max(...exprs.map((it) => it.scale!))
  const wide = { kind: 'decimal', precision: MAX_DIGITS, scale } as const
  return exprs.map((it) => cast(it, wide, { max: it.max, least: it.least, scale }))
}

function fitOneDecimal(exprs: Expr[]): boolean {
  const scale = Math.max(...exprs.map((it) => it.scale ?? Number.POSITIVE_INFINITY))
  const max = Math.max(...exprs.map((it) => it.max ?? Number.POSITIVE_INFINITY))
  return Math.ceil(Math.log10(Math.max(max, 1))) + 1 + scale <= MAX_DIGITS
}
