import type { Node } from '../../ast.ts'
import { placed } from '../runtime/error.ts'
import {
  type Arithmetic,
  arithmetic,
  type Comparison,
  comparison,
  equal,
  isIn,
  joined,
  negated,
  range,
  unequal,
} from '../runtime/operators.ts'
import { unwrapped } from '../runtime/sequence.ts'
import type { State } from '../runtime/state.ts'
import { truthy } from '../runtime/value.ts'
import type { Place, Run, Test } from './unit.ts'

export type Compile = (node: Node, place: Place) => Run

export function binary(node: Node, place: Place, compile: Compile): Run {
  const operator = String(node.value)
  const { state } = place.unit
  if (operator === 'and' || operator === 'or') return testOf(node, place, compile)!
  const left = compile(node.lhs as Node, place)
  const right = compile(node.rhs!, place)
  const careful = carefulBinary(node, state)
  if (operator === '&') return concatenation(left, right, state, careful)
  if (ARITHMETIC.includes(operator)) return calculation(operator as Arithmetic, left, right, careful)
  if (COMPARISON.includes(operator)) return order(operator as Comparison, left, right, careful)
  if (operator === '=') return (input, frame) => equal(state, left(input, frame), right(input, frame))
  if (operator === '!=') return (input, frame) => unequal(state, left(input, frame), right(input, frame))
  if (operator === 'in') return (input, frame) => isIn(left(input, frame), right(input, frame))
  return (input, frame) => careful(left(input, frame), right(input, frame))
}

export const ARITHMETIC = ['+', '-', '*', '/', '%']
export const COMPARISON = ['<', '<=', '>', '>=']

export type Careful = (a: unknown, b: unknown) => unknown

/** The operator for any operands; a failure is placed at its node. */
export function carefulBinary(node: Node, state: State): Careful {
  const operator = String(node.value)
  const operate: Careful = ARITHMETIC.includes(operator)
    ? (a, b) => arithmetic(operator as Arithmetic, a, b)
    : COMPARISON.includes(operator)
      ? (a, b) => comparison(operator as Comparison, a, b)
      : operator === '&'
        ? (a, b) => joined(state, a, b)
        : (a, b) => unwrapped(range(state, a, b))
  return (a, b) => {
    try {
      return operate(a, b)
    } catch (cause) {
      throw placed(cause, node.position, operator)
    }
  }
}

function concatenation(left: Run, right: Run, state: State, careful: Careful): Run {
  const { text: limit } = state.limits
  return (input, frame) => {
    const a = left(input, frame)
    const b = right(input, frame)
    if (typeof a === 'string' && typeof b === 'string' && a.length + b.length <= limit) return a + b
    return careful(a, b)
  }
}

// `x - x === 0` holds for finite numbers only.
const areFinite = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number' && a - a === 0 && b - b === 0

function calculation(operator: Arithmetic, left: Run, right: Run, careful: Careful): Run {
  const operate = quick[operator]
  return (input, frame) => {
    const a = left(input, frame)
    const b = right(input, frame)
    return areFinite(a, b) ? operate(a as number, b as number) : careful(a, b)
  }
}

const quick: Record<Arithmetic, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}

function order(operator: Comparison, left: Run, right: Run, careful: Careful): Run {
  const compare = ordered[operator]
  return (input, frame) => {
    const a = left(input, frame)
    const b = right(input, frame)
    if (typeof a === 'number' && typeof b === 'number') return compare(a, b)
    return careful(a, b)
  }
}

const ordered: Record<Comparison, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

export function negation(node: Node, place: Place, compile: Compile): Run {
  const operand = compile(node.expression!, place)
  return (input, frame) => {
    const value = operand(input, frame)
    if (typeof value === 'number' && value - value === 0) return -value
    try {
      return negated(value)
    } catch (cause) {
      throw placed(cause, node.position, '-')
    }
  }
}

const isPlain = (node: Node): boolean => !node.predicate && !node.group && !node.stages

/** Does it give true, false or nothing, and never a number or a list? */
export const givesBoolean = (node: Node): boolean =>
  node.type === 'binary' &&
  isPlain(node) &&
  ['=', '!=', '<', '<=', '>', '>=', 'and', 'or', 'in'].includes(String(node.value))

/** The expression as a condition: what it gives, by JSONata's truth. */
export function asTest(node: Node, place: Place, compile: Compile): Test {
  const test = testOf(node, place, compile)
  if (test) return test
  const run = compile(node, place)
  if (givesBoolean(node)) return (input, frame) => run(input, frame) === true
  return (input, frame) => {
    const value = run(input, frame)
    return typeof value === 'boolean' ? value : truthy(value)
  }
}

function testOf(node: Node, place: Place, compile: Compile): Test | undefined {
  if (node.type !== 'binary' || !isPlain(node)) return undefined
  const operator = String(node.value)
  if (operator !== 'and' && operator !== 'or') return undefined
  const left = asTest(node.lhs as Node, place, compile)
  const right = asTest(node.rhs!, place, compile)
  return operator === 'and'
    ? (input, frame) => left(input, frame) && right(input, frame)
    : (input, frame) => left(input, frame) || right(input, frame)
}

/** Can its evaluation not fail, whatever the data are? Only then may one be left out. */
export function cannotFail(node: Node): boolean {
  if (!isPlain(node)) return false
  if (node.type === 'string' || node.type === 'number' || node.type === 'value') return true
  if (node.type === 'variable') return node.value === '' || node.value === '$'
  if (node.type === 'path') return node.steps!.every((it) => isPlain(it) && !it.tuple && it.type === 'name')
  if (node.type !== 'binary' || !['=', '!=', 'in'].includes(String(node.value))) return false
  return cannotFail(node.lhs as Node) && cannotFail(node.rhs!)
}
