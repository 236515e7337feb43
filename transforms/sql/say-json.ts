import type { Expr, Pattern } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import { and, choose, concat, isLiteral, isPresent, or, text, truth, unlessMissing, where } from './build.ts'
import type { SayContext } from './say.ts'
import { type Say, stringOf, textChecks } from './say-operator.ts'
import { asText, cannot, carriesCheck, computed, operand, type Term, textTerm } from './term.ts'

/** A member of an object or a list: its canonical JSON text, for rows on which its value is there. */
interface Member {
  /** Sorted by: names come in the order of their UTF-16 units. */
  name?: string
  isThere: Expr
  json: Expr
  checks: Expr[]
  from: Term
}

/** `{ "name": value, … }`: members without a value are left out, the object itself is always there. */
export function sayObject(node: Node, context: SayContext, say: Say): Term {
  const pairs = node.lhs as unknown as [Node, Node][]
  const members = pairs.map(([name, value]) => {
    if (name.type !== 'string') return cannot('the name of a member is written out here, in quotes', name)
    return { name: String(name.value), term: say(value, context) }
  })
  const names = new Set(members.map((it) => it.name))
  if (names.size < members.length) return cannot('a name that stands twice is an error', node)
  return objectOf(members, node)
}

/** @param members  of different names */
export function objectOf(members: { name: string; term: Term }[], node: Node): Term {
  const terms = members.map(({ name, term }) => ({ name, ...jsonOf(term) }))
  const sorted = terms.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const json = enclosed('{', sorted, '}')
  return computed(
    json,
    'json',
    node,
    sorted.map((it) => it.from),
    sorted.flatMap((it) => it.checks),
  )
}

/** `attributes` without a single value is missing. */
export const attributesOf = (members: { name: string; term: Term }[], node: Node): Term => {
  const whole = objectOf(members, node)
  const some = or(...members.map(({ term }) => isPresent(term.expr)))
  return { ...whole, expr: where(some, whole.expr) }
}

/** `[a, b]`: what is missing is left out. */
export function sayList(node: Node, context: SayContext, say: Say): Term {
  const items = node.expressions!.map((it) => say(it, context))
  if (items.some((it) => it.is === 'json'))
    return cannot('a list inside a list, or of objects, has no form in SQL', node)
  const terms = items.map((it) => jsonOf(it))
  return computed(
    enclosed('[', terms, ']'),
    'json',
    node,
    items,
    terms.flatMap((it) => it.checks),
  )
}

/** `$join([a, b], ", ")` of texts written out in a list. */
export function sayJoin(
  node: Node,
  { list, separator }: { list: Node; separator: string },
  context: SayContext,
  say: Say,
): Term {
  if (list.type !== 'unary' || list.value !== '[') return cannot('$join takes a list written out here', list)
  const items = list.expressions!.map((it) => textTerm(operand(say(it, context)), '$join'))
  const parts = items.map(({ expr }) => ({ isThere: isPresent(expr), value: expr }))
  return computed(joined(parts, separator), 'text', node, items)
}

function enclosed(open: string, members: Member[], close: string): Expr {
  const parts = members.map(({ name, isThere, json }) => ({
    isThere,
    value: name === undefined ? json : concat(text(`${JSON.stringify(name)}:`), json),
  }))
  return concat(text(open), joined(parts, ','), text(close))
}

/** Those that are there, with the separator between them; never NULL. */
function joined(items: { isThere: Expr; value: Expr }[], separator: string): Expr {
  if (items.every((it) => isLiteral(it.isThere, true)))
    return concat(...items.flatMap(({ value }, at) => (at === 0 ? [value] : [text(separator), value])))
  const each = items.map(({ isThere, value }) =>
    surelyText(choose([{ when: isThere, give: concat(text(separator), value) }], text(''))),
  )
  const whole = concat(...each)
  return separator === '' ? whole : behind(whole, [...separator].length)
}

const surelyText = (expr: Expr): Expr => ({ ...expr, nullable: false })

const behind = (item: Expr, count: number): Expr => ({
  op: 'substring',
  item,
  from: count + 1,
  kind: 'text',
  nullable: item.nullable,
  ...(item.ascii && { ascii: true }),
})

function jsonOf(given: Term): Omit<Member, 'name'> {
  const from = given.is === 'json' ? given : operand(given)
  const { expr, is } = from
  const isThere = isPresent(expr)
  const only = (json: Expr, checks: Expr[]): Omit<Member, 'name'> => ({ isThere, json, checks, from })
  if (is === 'json') return only(expr, [])
  if (is === 'boolean') return only(asText(expr), [])
  if (is === 'nothing') return { ...only(text(''), []), isThere: truth(false) }
  // What is no JSON would make the column's cast fail: it is made only where it is.
  const checks = is === 'text' ? controlChecks(expr) : numberChecks(from)
  const whole = is === 'text' ? checks : [...from.checks, ...checks]
  const json = is === 'text' ? quoted(expr) : stringOf(from)
  return only(whole.length === 0 ? json : where(and(...whole), json), checks)
}

const numberChecks = (from: Term): Expr[] => [
  ...(from.is === 'carried' ? carriesCheck(from.expr) : []),
  ...textChecks(from),
]

/** As JSON writes them; every other control character is left to JavaScript. */
const ESCAPES: [string, string][] = [
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]

function quoted(expr: Expr): Expr {
  if (expr.kind !== 'text') return concat(text('"'), asText(expr), text('"'))
  if (expr.op === 'literal') return text(JSON.stringify(expr.value))
  let item = expr
  for (const [part, by] of ESCAPES)
    item = {
      op: 'replace',
      item,
      part: text(part),
      by: text(by),
      kind: 'text',
      nullable: item.nullable,
      ...(item.ascii && { ascii: true }),
    }
  return concat(text('"'), item, text('"'))
}

const CONTROL: [number, number][] = [
  [1, 8],
  [11, 12],
  [14, 31],
]
const PLAIN: Pattern = {
  fromStart: true,
  toEnd: true,
  anyOf: [[{ ranges: CONTROL, negated: true, least: 0 }]],
}

function controlChecks(expr: Expr): Expr[] {
  if (expr.kind !== 'text' || expr.op === 'literal') return []
  return [
    unlessMissing({ op: 'matches', item: expr, pattern: PLAIN, kind: 'boolean', nullable: expr.nullable }),
  ]
}
