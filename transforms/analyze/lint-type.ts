import type { Node } from '../ast.ts'
import { SIGNATURES } from './signatures.ts'
import { ANY_KIND, BOOLEAN, isPlural, itemType, kindsText, LIST, NUMBER, TEXT, type Type } from './type.ts'
import type { Value } from './value.ts'
import type { Walk } from './walk.ts'

/** Nothing of this type is of one of these kinds. */
const neverOf = (type: Type, kinds: number): boolean => type.kinds !== 0 && !(type.kinds & kinds)

const REJECTED = 'Every row that has a value here would be rejected.'

function misfit(node: Node, type: Type, wanted: number, who: string, walk: Walk): void {
  const is = type.sure ? 'is' : 'is, as far as known,'
  const add = type.sure ? walk.report.error : walk.report.warn
  const remedy =
    wanted & NUMBER && type.kinds & TEXT
      ? 'Make a number of it: $number(…).'
      : wanted & TEXT && type.kinds & (NUMBER | BOOLEAN)
        ? 'Make a text of it: $string(…).'
        : undefined
  add(
    'E225',
    node,
    `${who} takes ${kindsText(wanted)}, and this ${is} ${kindsText(type.kinds)}.`,
    remedy,
    REJECTED,
  )
}

/** A path through a list stands where one value is taken. */
export function severalWhereOne(node: Node, who: string, walk: Walk): void {
  walk.report.warn(
    'E228',
    node,
    `This goes through a list, so it can be several values, and ${who} takes one.`,
    'Take one of them, as (…)[0], or put them together: $join(…), $sum(…).',
    'Rows with one item pass, and those with several are rejected.',
  )
}

function checkKind(node: Node, { type }: Value, wanted: number, who: string, walk: Walk): void {
  if (walk.exact > 0) return
  if (neverOf(type, wanted)) misfit(node, type, wanted, who, walk)
  else if (isPlural(type) && !(wanted & LIST)) severalWhereOne(node, who, walk)
}

export const checkNumber = (node: Node, value: Value, operator: string, walk: Walk): void =>
  checkKind(node, value, NUMBER, `"${operator}"`, walk)

export const checkOrdered = (node: Node, value: Value, walk: Walk): void =>
  checkKind(node, value, NUMBER | TEXT, 'Sorting', walk)

export const checkKey = (node: Node, value: Value, walk: Walk): void =>
  checkKind(node, value, TEXT, 'The key of an object', walk)

export function checkOrder(node: Node, left: Value, right: Value, walk: Walk): void {
  const sides: [Node, Value][] = [
    [node.lhs as Node, left],
    [node.rhs!, right],
  ]
  if (walk.exact > 0) return
  for (const [side, value] of sides) checkKind(side, value, NUMBER | TEXT, `"${node.value}"`, walk)
  const kinds = sides.map(([, { type }]) => type.kinds & (NUMBER | TEXT))
  if (sides.some(([, { type }]) => type.kinds & LIST) || kinds.includes(0) || kinds[0]! & kinds[1]!) return
  const text = kinds[0] === TEXT ? sides[0]! : sides[1]!
  const number = kinds[0] === TEXT ? sides[1]! : sides[0]!
  const isLiteral = text[1].type.literals !== undefined
  const [wrong, value] = isLiteral ? number : text
  misfit(wrong, value.type, isLiteral ? TEXT : NUMBER, `This "${node.value}"`, walk)
}

/** Arguments of a built-in function against its signature. */
export function checkCall(
  it: { node: Node; name: string; given: Value[]; takesContext: boolean; byReference: boolean },
  walk: Walk,
): void {
  const { node, name, given, takesContext, byReference } = it
  const { parameters } = SIGNATURES.get(name)!
  if (!byReference) checkCount(it, walk)
  if (walk.exact > 0) return
  for (const [at, value] of given.entries()) {
    const parameter = parameters[at]
    if (!parameter) return
    const own = byReference ? undefined : node.arguments![at - (takesContext ? 1 : 0)]
    const place = own ?? node
    if (parameter.items !== undefined) checkItems(place, value, parameter.items, name, walk)
    else if (parameter.kinds !== ANY_KIND && !(parameter.kinds & LIST))
      checkKind(place, value, parameter.kinds, `$${name}`, walk)
  }
}

function checkItems(node: Node, { type }: Value, wanted: number, name: string, walk: Walk): void {
  const one = itemType(type)
  if (neverOf(one, wanted) && !(one.kinds & LIST))
    misfit(node, { ...one, sure: one.sure && type.sure }, wanted, `$${name}`, walk)
}

function checkCount(it: { node: Node; name: string; given: Value[] }, walk: Walk): void {
  const { parameters } = SIGNATURES.get(it.name)!
  const least = parameters.filter((parameter) => !parameter.optional).length
  const most = parameters.some((parameter) => parameter.repeated)
    ? Number.POSITIVE_INFINITY
    : parameters.length
  const count = it.given.length
  if (count >= least && count <= most) return
  const takes = least === most ? String(least) : most < 9 ? `${least} to ${most}` : `at least ${least}`
  walk.report.error(
    'E205',
    it.node,
    `$${it.name} takes ${takes} ${takes === '1' ? 'argument' : 'arguments'}, not ${count}.`,
    `See: https://docs.jsonata.org`,
  )
}
