import type { Expr } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import {
  bytes,
  coalesce,
  compare,
  integer,
  isLiteral,
  isPresent,
  nothing,
  or,
  SAFE,
  surely,
  toDouble,
  unary,
  unlessMissing,
  within,
} from './build.ts'

/** What a value is in JavaScript. `carried`: a number, or its exact text where a double does not carry it; `json`: an object or a list, here its canonical text. */
export type JsKind = 'text' | 'number' | 'carried' | 'boolean' | 'json' | 'nothing'

export type JsonReading = 'text' | 'number' | 'boolean' | 'presence'

/** What an expression of a mapping is in SQL. */
export interface Term {
  /** NULL where the value is missing. Its kind may be a date or time where `is` is text: the canonical one. */
  expr: Expr
  is: JsKind
  /** On a row where all are true, JavaScript raises no error and has the value of `expr`. Never NULL. */
  checks: Expr[]
  /** May be JavaScript's null, written in the expression, which operators take for something else than missing. */
  nulls: boolean
  /** The last bits of a double may differ: of it only products, quotients and roots are made, which keep them the last. */
  close: boolean
  /** The instant that a text was made of, so that a column need not read it again. */
  instant?: Expr
  /** A member of JSON, whose type the use of it tells: itself is the text. */
  json?(reading: JsonReading): Term
  node: Node
}

/** Why an expression has no form in SQL. */
export class Unsayable extends Error {
  readonly node: Node | undefined

  constructor(reason: string, node?: Node) {
    super(reason)
    this.node = node
  }
}

export const cannot = (reason: string, node: Node): never => {
  throw new Unsayable(reason, node)
}

/** What is computed from some terms. */
export function computed(expr: Expr, is: JsKind, node: Node, from: Term[], checks: Expr[] = []): Term {
  return {
    expr,
    is,
    node,
    checks: [...from.flatMap((it) => it.checks), ...checks.filter((it) => !isLiteral(it, true))],
    nulls: false,
    close: from.some((it) => it.close),
  }
}

/** An operand: anything but JavaScript's null. */
export function operand(term: Term): Term {
  if (term.is === 'json') cannot('objects and lists only stand in JSON columns', term.node)
  if (term.nulls) cannot('null as an operand is not the same as a missing value', term.node)
  return term
}

/** A member of JSON as what its use takes; any other term as it is. */
export const readAs = (term: Term, reading: JsonReading): Term => term.json?.(reading) ?? term

/** A value on which something is decided, or of which more than the last bits could come to differ. */
export function steady(term: Term): Term {
  if (term.close) cannot('the last bits of this number may differ, and here more would than those', term.node)
  return term
}

const NAMES: Record<JsKind, string> = {
  text: 'a text',
  number: 'a number',
  carried: 'a number',
  boolean: 'true or false',
  json: 'an object or a list',
  nothing: 'always missing',
}

export const nameOf = (term: Term): string => NAMES[term.is]

/** The term as text; anything else fails in JavaScript on every row that has a value. */
export function textTerm(given: Term, what: string): Term {
  const term = operand(given)
  if (term.is === 'nothing') return { ...term, expr: nothing('text'), is: 'text' }
  if (term.is !== 'text') cannot(`${what} takes a text, and this is ${nameOf(term)}`, term.node)
  return { ...term, expr: asText(term.expr) }
}

/** Canonical text of a value that is text in JavaScript. */
export const asText = (expr: Expr): Expr =>
  expr.kind === 'text' ? expr : unary('text', expr, 'text', { ascii: true, bytes: textBytes(expr) })

const BYTES: Partial<Record<Expr['kind'], number>> = {
  integer: 20,
  boolean: 5,
  date: 10,
  datetime: 26,
  timestamp: 27,
}

const textBytes = ({ kind, max, scale }: Expr): number | undefined =>
  kind === 'decimal' && max !== undefined && scale !== undefined
    ? Math.ceil(Math.log10(Math.max(max, 1))) + scale + 4
    : BYTES[kind]

/** The term as a number that JavaScript carries. */
export function numberTerm(given: Term, what: string): Term {
  const term = operand(readAs(given, 'number'))
  if (term.is === 'nothing') return { ...term, expr: nothing('double'), is: 'number' }
  if (term.is === 'carried')
    return { ...term, is: 'number', checks: [...term.checks, ...carriesCheck(term.expr)] }
  if (term.is !== 'number') cannot(`${what} takes a number, and this is ${nameOf(term)}`, term.node)
  return term
}

/** Is the integer or decimal one that JavaScript gets as a number? */
export function carriesCheck(expr: Expr): Expr[] {
  if (expr.kind === 'integer') {
    return expr.max !== undefined && expr.max <= SAFE ? [] : [unlessMissing(within(expr, integer(SAFE)))]
  }
  if (expr.scale !== undefined && expr.max !== undefined && expr.max * 10 ** expr.scale <= 1e15) return []
  return [unlessMissing(compare(bytes(unary('text', expr, 'text')), '<=', integer(15)))]
}

/** JSONata's truth: true or false, false where missing. */
export function isTrue(term: Term): Expr {
  const { expr } = steady(term)
  if (term.is === 'json') return cannot('the truth of an object or a list has no form in SQL', term.node)
  if (term.is === 'nothing') return surely(nothing('boolean'))
  if (term.is === 'boolean') return surely(expr)
  if (term.is === 'text')
    return expr.kind === 'text' ? surely(compare(bytes(expr), '>', integer(0))) : isPresent(expr)
  return surely(compare(expr, '<>', zeroOf(expr)))
}

export const zeroOf = (expr: Expr): Expr =>
  expr.kind === 'double' ? toDouble(integer(0)) : { ...integer(0), kind: expr.kind }

/** Checks that only count on rows where `condition` is true. */
export const onlyWhere = (condition: Expr, checks: Expr[], negate: (it: Expr) => Expr): Expr[] =>
  checks.map((it) => or(negate(condition), it))

export const orEmpty = (expr: Expr): Expr =>
  coalesce(expr, { op: 'literal', value: '', kind: 'text', nullable: false, ascii: true })

export const isLiteralNumber = (expr: Expr): boolean => expr.op === 'literal' && expr.kind !== 'text'
