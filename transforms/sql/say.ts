import type { ColumnFacts, Expr } from '../../core/expr.ts'
import type { MappingInput } from '../../core/mapping.ts'
import { canonicalDecimal } from '../../core/number.ts'
import type { SourceText } from '../../core/place.ts'
import { dottedPath, isPlainStep, type Node, numberDigits } from '../ast.ts'
import { alike } from './alike.ts'
import { and, choose, decimal, double, integer, not, nothing, or, text, truth } from './build.ts'
import { columnTerm } from './column-term.ts'
import { jsonMember } from './json-member.ts'
import { sayFunction } from './say-function.ts'
import { sayList, sayObject } from './say-json.ts'
import { type LookupLists, sayListCall } from './say-list.ts'
import { sayBinary, sayNegation } from './say-operator.ts'
import { sayJsonPath } from './say-path.ts'
import { cannot, computed, isTrue, onlyWhere, operand, readAs, type Term } from './term.ts'

/** What an expression is said from. */
export interface SayContext {
  source: SourceText
  mapping: MappingInput
  columns: ReadonlyMap<string, ColumnFacts>
  /** Fraction digits of `$decimal` here. */
  scale: number
  /** Of times that carry none. */
  zone?: string | undefined
  /** The row's key, escaped and joined. */
  key?: Expr
  variables: ReadonlyMap<string, Term>
  /** Below `each`: what names mean; the source row is `$row`. */
  item?: ReadonlyMap<string, Term>
  /** Columns of looked-up rows, by the look-up's name and their own. */
  lookups?: Lookups
  /** Look-ups that find many rows, by name. */
  lists?: LookupLists
}

export type Lookups = ReadonlyMap<string, ReadonlyMap<string, ColumnFacts>>

/** @throws {Unsayable} */
export function say(node: Node, context: SayContext): Term {
  if (node.predicate || node.group || node.stages) return cannot('predicates and groups give lists', node)
  return (SAYERS[node.type] ?? unknown)(node, context)
}

const unknown = (node: Node): Term => cannot(REASONS[node.type] ?? `"${node.type}" has no form in SQL`, node)

const REASONS: Record<string, string> = {
  lambda: 'a function of your own has no form in SQL',
  partial: 'a partly applied function has no form in SQL',
  transform: 'a transform has no form in SQL',
  regex: 'a regular expression stands only inside $contains, $replace',
  wildcard: '"*" may be any field',
  descendant: '"**" may be any field',
  parent: '"%" has no form in SQL',
  sort: 'a list is not sorted in SQL',
}

const UNARY: Record<string, (node: Node, context: SayContext, sayer: typeof say) => Term> = {
  '-': sayNegation,
  '{': sayObject,
  '[': sayList,
}

const SAYERS: Record<string, (node: Node, context: SayContext) => Term> = {
  string: (node) => literal(text(String(node.value)), 'text', node),
  number: (node, { source }) => literal(numberLiteral(node, source.text), 'number', node),
  value: sayValue,
  path: sayPath,
  name: (node, context) => sayField(String(node.value), node, context),
  variable: sayVariable,
  condition: sayCondition,
  block: sayBlock,
  binary: (node, context) => sayBinary(node, context, say),
  unary: (node, context) => UNARY[String(node.value)]?.(node, context, say) ?? unknown(node),
  function: (node, context) => sayListCall(node, context, say) ?? sayFunction(node, context, say),
  apply: sayApply,
}

const literal = (expr: Expr, is: Term['is'], node: Node): Term => computed(expr, is, node, [])

/** Whole numbers and short decimals keep an exact type. */
function numberLiteral(node: Node, source: string): Expr {
  const value = Number(node.value)
  if (Number.isSafeInteger(value)) return integer(value === 0 ? 0 : value)
  const digits = canonicalDecimal(numberDigits(node, source))
  const short = digits !== undefined && digits.length <= 16 && Number(digits) === Math.abs(value)
  return short ? decimal(value < 0 ? `-${digits}` : digits) : double(value)
}

function sayValue(node: Node): Term {
  if (node.value === null) return { ...literal(nothing('text'), 'nothing', node), nulls: true }
  if (typeof node.value === 'boolean') return literal(truth(node.value), 'boolean', node)
  return cannot('this literal has no form in SQL', node)
}

function sayPath(node: Node, context: SayContext): Term {
  const member = jsonMember(node, context)
  if (member && member.path.length > 0) return sayJsonPath(member, node)
  const path = dottedPath(node)
  if (path === undefined) {
    const [only, ...more] = node.steps!
    if (more.length === 0 && only && isPlainStep(only) && !node.keepSingletonArray) return say(only, context)
    return cannot('a path through lists or objects has no form in SQL', node)
  }
  const { head, names } = path
  if (head.type === 'name' && names.length === 0) return sayField(String(head.value), node, context)
  const lookup = head.type === 'name' && !context.item ? context.lookups?.get(String(head.value)) : undefined
  if (lookup) return sayLookup(lookup, String(head.value), names, node)
  if (head.type === 'name' && context.lists?.has(String(head.value)))
    return sayWholeList(String(head.value), node)
  const whole = head.type === 'variable' && names.length === 1 ? String(head.value) : undefined
  if (whole === 'row') return sayField(names[0]!, node, { ...context, item: undefined })
  if (whole === '' || (whole === '$' && !context.item)) return sayField(names[0]!, node, context)
  if (head.type === 'variable' && names.length === 0) return say(head, context)
  return cannot(
    'a path inside JSON has a form in SQL only where no name can stand twice in an object, as in jsonb',
    node,
  )
}

function sayLookup(
  columns: ReadonlyMap<string, ColumnFacts>,
  name: string,
  names: string[],
  node: Node,
): Term {
  const column = names.length === 1 ? columns.get(names[0]!) : undefined
  return column
    ? columnTerm(column, node)
    : cannot(`of "${name}" only its columns have a form in SQL, as ${name}.column`, node)
}

const sayWholeList = (name: string, node: Node): never =>
  cannot(`"${name}" is a list of rows: in SQL it is counted or summed, by $count, $exists and $sum`, node)

function sayField(name: string, node: Node, { columns, item, lookups, lists }: SayContext): Term {
  if (item) return { ...(item.get(name) ?? literal(nothing('text'), 'nothing', node)), node }
  if (!item && lookups?.has(name)) return cannot(`the whole row of "${name}" has no form in SQL`, node)
  if (lists?.has(name)) return sayWholeList(name, node)
  const column = columns.get(name)
  if (column === undefined) return cannot(`there is no field "${name}"`, node)
  return columnTerm(column, node)
}

function sayVariable(node: Node, { variables }: SayContext): Term {
  const bound = variables.get(String(node.value))
  return bound ? { ...bound, node } : cannot('the whole row has no form in SQL', node)
}

/** A condition that is missing is false; without an else the value is missing. */
function sayCondition(node: Node, context: SayContext): Term {
  const condition = readAs(say(node.condition!, context), 'boolean')
  const then = say(node.then!, context)
  const otherwise = node.else ? say(node.else, context) : literal(nothing('text'), 'nothing', node)
  const holds = isTrue(condition)
  const { exprs, is, checks } = alike([then, otherwise], node)
  const own = [
    ...condition.checks,
    ...onlyWhere(holds, then.checks, not),
    ...onlyWhere(not(holds), otherwise.checks, not),
    ...checks,
  ]
  const [a, b] = exprs as [Expr, Expr]
  const term = computed(choose([{ when: holds, give: a }], b), is, node, [], own)
  const nulls = then.nulls || otherwise.nulls
  return { ...term, nulls, close: condition.close || then.close || otherwise.close }
}

/** `( $x := …; … )`: what a variable holds is put where it is used. */
function sayBlock(node: Node, context: SayContext): Term {
  const variables = new Map(context.variables)
  const steps = [...node.expressions!]
  const last = steps.pop()
  if (last === undefined) return literal(nothing('text'), 'nothing', node)
  const before: Term[] = []
  for (const step of steps) {
    if (step.type !== 'bind') return cannot('a block of several values has no form in SQL', step)
    const held = operand(say(step.rhs!, { ...context, variables }))
    before.push(held)
    variables.set(String((step.lhs as Node).value), { ...held, checks: [] })
  }
  if (last.type === 'bind') return cannot('a block that ends in ":=" has no form in SQL', last)
  const value = say(last, { ...context, variables })
  return {
    ...value,
    checks: [...before.flatMap((it) => it.checks), ...value.checks],
  }
}

/** `a ~> $f(b)` is `$f(a, b)`. */
function sayApply(node: Node, context: SayContext): Term {
  const target = node.rhs!
  const first = node.lhs as Node
  if (target.type === 'function') return say({ ...target, arguments: [first, ...target.arguments!] }, context)
  if (target.type !== 'variable') return cannot('"~>" needs the name of a function here', node)
  const call = {
    type: 'function',
    value: '(',
    position: node.position,
    procedure: target,
    arguments: [first],
  }
  return say(call, context)
}

/** `and`, `or` over what is true: checks of the second count only where it is evaluated. */
export function sayLogic(node: Node, ...sides: [Term, Term]): Term {
  const [left, right] = sides.map((it) => readAs(it, 'boolean')) as [Term, Term]
  const [a, b] = [isTrue(left), isTrue(right)]
  const isAnd = node.value === 'and'
  const evaluated = isAnd ? a : not(a)
  const checks = [...left.checks, ...onlyWhere(evaluated, right.checks, not)]
  const term = computed(isAnd ? and(a, b) : or(a, b), 'boolean', node, [], checks)
  return { ...term, close: left.close || right.close }
}
