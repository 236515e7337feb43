import type { Expr } from '../../core/expr.ts'
import type { SourceText } from '../../core/place.ts'
import { escapePart } from '../../core/row-id.ts'
import type { Node } from '../ast.ts'
import { isParsed, parseText } from '../parse.ts'
import { not, truth } from './build.ts'
import { type SayContext, say } from './say.ts'
import { cannot, isTrue, onlyWhere, type Term, Unsayable } from './term.ts'

/** One object of a list that `each` writes out. */
export interface SaidItem {
  /** True where the list has it. */
  isThere: Expr
  fields: ReadonlyMap<string, Term>
  /** Of the whole list: JavaScript makes all of it before it looks at one. */
  checks: Expr[]
}

/** `each: [{ … }, condition ? { … }]`: a list whose items stand in the expression becomes one branch for each. */
export function sayItems(each: SourceText, context: SayContext): SaidItem[] {
  const parsed = parseText(each)
  if (!isParsed(parsed)) throw new Unsayable('it is no JSONata')
  const list = parsed.ast
  if (list.type !== 'unary' || list.value !== '[')
    return cannot('"each" has a form in SQL only where its list is written out: [{ … }, { … }]', list)
  const items = list.expressions!.map((it) => sayItem(it, context))
  const checks = items.flatMap((it) => it.checks)
  return items.map((it) => ({ ...it, checks }))
}

function sayItem(node: Node, context: SayContext): SaidItem {
  if (node.type === 'condition' && !node.else) {
    const condition = say(node.condition!, context)
    const holds = isTrue(condition)
    const { fields, checks } = sayItem(node.then!, context)
    return { isThere: holds, fields, checks: [...condition.checks, ...onlyWhere(holds, checks, not)] }
  }
  if (node.type !== 'unary' || node.value !== '{')
    return cannot('an item of this list is no object that is written out', node)
  const pairs = node.lhs as unknown as [Node, Node][]
  const fields = new Map<string, Term>()
  const checks: Expr[] = []
  for (const [name, value] of pairs) {
    if (name.type !== 'string' || fields.has(String(name.value)))
      return cannot('the name of a field is written out here, once, in quotes', name)
    const term = say(value, context)
    checks.push(...term.checks)
    fields.set(String(name.value), itemField(term, value))
  }
  return { isThere: truth(true), fields, checks }
}

/**
 * Its checks are those of the list.
 * Numbers with fractions are source values or computed ones to a column, and items do not tell which.
 */
function itemField(term: Term, node: Node): Term {
  const kind = term.expr.kind
  if (term.nulls || term.is === 'json' || kind === 'decimal' || kind === 'double')
    return cannot('a field of an item is a text, a whole number, true or false, or a date here', node)
  return { ...term, checks: [] }
}

/** The items' keys are written out and differ: no row can have two of one key. */
export function itemSuffixes(items: SaidItem[], key: SourceText | undefined): string[] {
  const parsed = key && parseText(key)
  const ast = parsed && isParsed(parsed) ? parsed.ast : undefined
  const name = ast && nameOf(ast)
  if (name === undefined) throw new Unsayable('the key of the items is the name of one of their fields here')
  const suffixes = items.map(({ fields }) => {
    const expr = fields.get(name)?.expr
    if (expr?.op !== 'literal' || typeof expr.value !== 'string' || expr.kind !== 'text')
      throw new Unsayable(`the key "${name}" of every item is a text in quotes here`)
    return `#${escapePart(expr.value)}`
  })
  if (new Set(suffixes).size < suffixes.length) throw new Unsayable('two items have one key')
  return suffixes
}

function nameOf(node: Node): string | undefined {
  if (node.type === 'name') return String(node.value)
  const [only, ...more] = node.type === 'path' ? node.steps! : []
  return only?.type === 'name' && more.length === 0 ? String(only.value) : undefined
}
