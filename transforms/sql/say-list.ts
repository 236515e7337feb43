import { type ColumnFacts, canRaise, type Expr, eachPart } from '../../core/expr.ts'
import type { Aggregate } from '../../core/reach.ts'
import { isPlainStep, type Node } from '../ast.ts'
import {
  and,
  cast,
  coalesce,
  compare,
  integer,
  isLiteral,
  SAFE,
  unlessMissing,
  where,
  within,
} from './build.ts'
import { columnTerm } from './column-term.ts'
import type { SayContext } from './say.ts'
import type { Say } from './say-operator.ts'
import { cannot, computed, operand, type Term } from './term.ts'
import { NOWHERE } from './verdict.ts'

/** Rows that a look-up with `many` finds, as SQL says what is computed of all of them. */
export class LookupList {
  /** By their names; as columns of the looked-up relation. */
  readonly columns: ReadonlyMap<string, ColumnFacts>
  /** What the mapping asked for, to be joined beside the source's columns. */
  readonly aggregates: Aggregate[] = []
  private readonly name: string

  constructor(name: string, columns: ReadonlyMap<string, ColumnFacts>) {
    this.name = name
    this.columns = columns
  }

  /** The column that holds the aggregate; its name is the same for the same one. NULL where nothing was found. */
  ask(how: Aggregate['how'], of?: Expr): string {
    const known = this.aggregates.find((it) => it.how === how && JSON.stringify(it.of) === JSON.stringify(of))
    if (known) return known.as
    const as = `${this.name}.#${this.aggregates.length}`
    this.aggregates.push({ as, how, ...(of && { of }) })
    return as
  }
}

export type LookupLists = ReadonlyMap<string, LookupList>

/** `items`, `items.quantity` or `items.(quantity * price)`: what is computed of each row, nothing for the row itself. */
interface Listed {
  list: LookupList
  each?: Node
}

/** The list that an argument is; undefined where it is none. */
function listedIn(node: Node | undefined, { lists, item }: SayContext): Listed | undefined {
  if (!node || item || !lists) return undefined
  const steps = node.type === 'path' ? node.steps! : [node]
  const [head, each, ...more] = steps
  const list = head?.type === 'name' ? lists.get(String(head.value)) : undefined
  if (!list) return undefined
  if (node.group || node.keepSingletonArray || !steps.every(isPlainStep) || more.length > 0)
    return cannot('of looked-up rows only all of them, with one value of each, have a form in SQL', node)
  if (!each) return { list }
  return { list, each: each.type === 'name' ? { ...each, type: 'path', steps: [each] } : each }
}

/** A call over a list that is looked up; undefined where it is none. */
export function sayListCall(node: Node, context: SayContext, say: Say): Term | undefined {
  const { procedure, arguments: args = [] } = node
  const name = procedure?.type === 'variable' ? String(procedure.value) : ''
  if (args.length !== 1 || context.variables.has(name)) return undefined
  const listed = listedIn(args[0], context)
  if (!listed) return undefined
  if (name === 'count') return counted(node, listed, context, say)
  if (name === 'exists') {
    const count = counted(node, listed, context, say)
    return computed(compare(count.expr, '>', integer(0)), 'boolean', node, [count])
  }
  if (name === 'sum') return summed(node, listed, context, say)
  return cannot(`of a list of looked-up rows $count, $exists and $sum have a form in SQL, not $${name}`, node)
}

function counted(node: Node, { list, each }: Listed, context: SayContext, say: Say): Term {
  const of = each && ofEach(each, list, context, say)
  const as = of ? list.ask('count', of.expr) : list.ask('rows')
  const count = column(as, { kind: 'integer', max: String(SAFE) })
  return computed(
    { ...coalesce(count, integer(0)), max: SAFE, least: 1, scale: 0 },
    'number',
    node,
    [],
    failures(list, of),
  )
}

/** Whole numbers that a double carries, all together: then it does not matter in which order they are added. */
function summed(node: Node, { list, each }: Listed, context: SayContext, say: Say): Term {
  if (!each) return cannot('$sum takes numbers', node)
  const of = ofEach(each, list, context, say)
  if (of.expr.kind !== 'integer')
    return cannot('doubles are added in another order in SQL; write $decimal($sum(…))', each)
  const total = (how: 'sum' | 'size') =>
    column(list.ask(how, of.expr), { kind: 'decimal', precision: 38, scale: 0, special: false })
  const isCarried = within(total('size'), integer(SAFE))
  const sum = where(isCarried, cast(total('sum'), { kind: 'integer' }))
  const checks = [...failures(list, of), unlessMissing(isCarried)]
  return computed({ ...sum, max: SAFE, least: 1, scale: 0 }, 'number', node, [], checks)
}

/** Rows that one key finds at most, as far as the digits of their sum go. */
const MOST_DIGITS = 9
const MAX_DIGITS = 36

/**
 * `$sum` inside `$decimal`.
 * @param value  says one row's value in exact decimals
 * @returns undefined where it is no such call
 */
export function sayExactSum(
  node: Node,
  context: SayContext,
  value: (node: Node, context: SayContext) => Term,
): Term | undefined {
  if (node.type !== 'function' || node.procedure?.type !== 'variable' || node.procedure.value !== 'sum')
    return undefined
  const listed = listedIn(node.arguments?.[0], context)
  if (!listed?.each) return undefined
  const { list, each } = listed
  const of = onlyOf(list, value(each, itemContext(list, context)), each)
  const { max, scale } = of.expr
  if (
    max === undefined ||
    scale === undefined ||
    Math.log10(Math.max(max, 1)) + scale + MOST_DIGITS > MAX_DIGITS
  )
    return cannot('the digits of the sum could be more than every engine holds; declare a precision', node)
  const sum = column(list.ask('sum', of.expr), { kind: 'decimal', precision: 38, scale, special: false })
  const facts = { max: max * 10 ** MOST_DIGITS, least: 10 ** -scale, scale }
  return computed({ ...sum, ...facts }, 'carried', node, [], failures(list, of))
}

function ofEach(each: Node, list: LookupList, context: SayContext, say: Say): Term {
  return onlyOf(list, operand(say(each, itemContext(list, context))), each)
}

/** Names mean columns of the looked-up row, as they mean fields of an item below `each`. */
const itemContext = ({ columns }: LookupList, context: SayContext): SayContext => ({
  ...context,
  item: new RowTerms(columns),
  key: undefined,
  variables: new Map(),
})

/** A column without a form in SQL is told when it is used; left out, it would be taken for missing. */
class RowTerms extends Map<string, Term> {
  private readonly columns: LookupList['columns']

  constructor(columns: LookupList['columns']) {
    super()
    this.columns = columns
  }

  override get(name: string): Term | undefined {
    const found = this.columns.get(name)
    return found && columnTerm(found, NOWHERE)
  }
}

/** What stands beside the looked-up row is not there yet when rows are put together. */
function onlyOf(list: LookupList, term: Term, node: Node): Term {
  const own = new Set([...list.columns.values()].map((it) => it.name))
  const isOwn = (expr: Expr): boolean => {
    let found = expr.op !== 'column' || own.has(expr.name)
    eachPart(expr, (part) => {
      found &&= isOwn(part)
    })
    return found
  }
  if (![term.expr, ...term.checks].every(isOwn))
    return cannot('only columns of the looked-up row stand here', node)
  // Rows that fail a check are counted and never looked at: nothing of them may fail.
  const { max, least, scale } = term.expr
  const expr: Expr =
    term.checks.length === 0
      ? term.expr
      : ({ ...where(and(...term.checks), term.expr), max, least, scale } as Expr)
  return canRaise(expr)
    ? cannot('what could fail on a looked-up row has no form in SQL', node)
    : { ...term, expr }
}

/** No row that was found fails what must hold of each. */
function failures(list: LookupList, of: Term | undefined): Expr[] {
  const holds = and(...(of?.checks ?? []))
  if (isLiteral(holds, true)) return []
  const failed = column(list.ask('failures', holds), { kind: 'integer', max: String(SAFE) })
  return [compare(coalesce(failed, integer(0)), '=', integer(0))]
}

const column = (name: string, stored: Extract<Expr, { op: 'column' }>['stored']): Expr => ({
  op: 'column',
  name,
  stored,
  kind: stored.kind,
  nullable: true,
})
