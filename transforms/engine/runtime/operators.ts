import { EngineError } from './error.ts'
import { asSequence, isList } from './sequence.ts'
import { checkText, type State, tickFor } from './state.ts'
import { deepEqual, isNumeric, textOf } from './value.ts'

export type Arithmetic = '+' | '-' | '*' | '/' | '%'
export type Comparison = '<' | '<=' | '>' | '>='

/** Whatever the operands are; the quick way for two finite numbers stands in the compiled code. */
export function arithmetic(operator: Arithmetic, left: unknown, right: unknown): number | undefined {
  if (left !== undefined && !isNumeric(left)) throw new EngineError('T2001', left)
  if (right !== undefined && !isNumeric(right)) throw new EngineError('T2002', right)
  if (left === undefined || right === undefined) return undefined
  if (operator === '+') return left + right
  if (operator === '-') return left - right
  if (operator === '*') return left * right
  return operator === '/' ? left / right : left % right
}

export function negated(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (!isNumeric(value)) throw new EngineError('D1002', value)
  return -value
}

const isComparable = (value: unknown): boolean =>
  value === undefined || typeof value === 'string' || typeof value === 'number'

export function comparison(operator: Comparison, left: unknown, right: unknown): boolean | undefined {
  if (!isComparable(left) || !isComparable(right))
    throw new EngineError('T2010', isComparable(left) && left !== undefined ? right : left)
  if (left === undefined || right === undefined) return undefined
  if (typeof left !== typeof right) throw new EngineError('T2009', left)
  const [a, b] = [left as number, right as number]
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  return operator === '>' ? a > b : a >= b
}

export function equal(state: State, left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false
  return left === right || deepEqual(state, left, right)
}

export function unequal(state: State, left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false
  return left !== right && !deepEqual(state, left, right)
}

export function joined(state: State, left: unknown, right: unknown): string {
  const a = left === undefined ? '' : textOf(state, left)
  const b = right === undefined ? '' : textOf(state, right)
  checkText(state, a.length + b.length)
  return a + b
}

export function isIn(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false
  if (!isList(right)) return left === right
  for (let at = 0; at < right.length; at++) if (right[at] === left) return true
  return false
}

export function range(state: State, left: unknown, right: unknown): unknown {
  if (left !== undefined && !Number.isInteger(left)) throw new EngineError('T2003', left)
  if (right !== undefined && !Number.isInteger(right)) throw new EngineError('T2004', right)
  if (left === undefined || right === undefined) return undefined
  const [from, to] = [left as number, right as number]
  if (from > to) return undefined
  const size = to - from + 1
  if (size > 1e7) throw new EngineError('D2014', size)
  if (size > state.limits.sequence) throw new EngineError('D2015', size)
  tickFor(state, size * 8)
  const items: number[] = new Array(size)
  for (let at = 0; at < size; at++) items[at] = from + at
  return asSequence(items)
}
