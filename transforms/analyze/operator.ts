import type { Node } from '../ast.ts'
import { evaluate } from './evaluate.ts'
import type { Frame } from './frame.ts'
import { checkCompared, checkContained } from './lint-compare.ts'
import { checkNumber, checkOrder } from './lint-type.ts'
import { BOOLEAN, listOf, NUMBER, TEXT, type Type, typeOf } from './type.ts'
import { computed, type Value } from './value.ts'
import type { Walk } from './walk.ts'

const ARITHMETIC = ['+', '-', '*', '/', '%']
const ORDERS = ['<', '<=', '>', '>=']

export function binary(node: Node, context: Value, frame: Frame, walk: Walk): Value {
  const operator = String(node.value)
  const left = evaluate(node.lhs as Node, context, frame, walk)
  const right = evaluate(node.rhs!, context, frame, walk)
  return computed([left, right], operation(operator, node, left, right, walk))
}

function operation(operator: string, node: Node, left: Value, right: Value, walk: Walk): Type {
  const gaps = { missing: left.type.missing || right.type.missing, gap: left.type.gap || right.type.gap }
  if (ARITHMETIC.includes(operator)) {
    checkNumber(node.lhs as Node, left, operator, walk)
    checkNumber(node.rhs!, right, operator, walk)
    return typeOf(NUMBER, gaps)
  }
  if (ORDERS.includes(operator)) {
    checkOrder(node, left, right, walk)
    return typeOf(BOOLEAN, gaps)
  }
  if (operator === '=' || operator === '!=') checkCompared(node, left, right, walk)
  if (operator === 'in') checkContained(node, left, right, walk)
  if (operator === '..') return listOf(typeOf(NUMBER), gaps)
  return typeOf(operator === '&' ? TEXT : BOOLEAN)
}

export function negated(node: Node, context: Value, frame: Frame, walk: Walk): Value {
  const value = evaluate(node.expression!, context, frame, walk)
  checkNumber(node.expression!, value, '-', walk)
  return computed([value], typeOf(NUMBER, { missing: value.type.missing, gap: value.type.gap }))
}
