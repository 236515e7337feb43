import { checkSize, type State, tickFor } from './state.ts'

/**
 * A list. Flags tell what it is, as in JSONata 2.2.2: a `sequence` is the result of a path or a function and unwraps
 * when it holds one value; a `cons` comes from `[…]` at the end of a path and is not flattened; anything else is an
 * array of the data.
 */
export interface List extends Array<unknown> {
  sequence?: true
  /** A sequence that stays a list with one value: `a[]`. */
  keepSingleton?: true
  cons?: true
  /** Around an input that is itself an array. */
  outerWrapper?: true
}

export const isList = (value: unknown): value is List => Array.isArray(value)
export const isSequence = (value: unknown): value is List => isList(value) && value.sequence === true

export function asSequence(items: unknown[]): List {
  ;(items as List).sequence = true
  return items as List
}

export const sequenceOf = (...items: unknown[]): List => asSequence(items)

/** What an expression gives for a result: a sequence of none is missing, of one is that one. */
export function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || !isSequence(value)) return value
  if (value.length === 0) return undefined
  return value.length === 1 && value.keepSingleton !== true ? value[0] : value
}

/** The same, where `[]` follows the expression. */
export function unwrappedKeeping(value: unknown): unknown {
  if (typeof value !== 'object' || !isSequence(value)) return value
  if (value.length === 0) return undefined
  if (value.length === 1) value.keepSingleton = true
  return value
}

/** Of a sequence that is copied into another: `keepSingleton` does not survive that. */
export function flattened(value: unknown): unknown {
  if (typeof value !== 'object' || !isSequence(value)) return value
  return value.length > 1 ? value : value[0]
}

/** `$append`: a new array without flags. */
export function append(state: State, left: unknown, right: unknown): unknown {
  if (left === undefined) return right
  if (right === undefined) return left
  const first = isList(left) ? left : [left]
  const size = first.length + (isList(right) ? right.length : 1)
  checkSize(state, size)
  if (size > 500) tickFor(state, size * 8)
  return first.concat(isList(right) ? right : [right])
}
