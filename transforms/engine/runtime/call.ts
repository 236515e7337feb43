import { EngineError } from './error.ts'
import { unwrapped } from './sequence.ts'
import { checkedArguments } from './signature.ts'
import { contextValue, type State, tick } from './state.ts'
import type { Signature } from './stock.ts'

/**
 * A function as a value of an expression. It is a JavaScript function, so that nothing takes it for an object of the
 * data; it is called through `call` only.
 */
export interface Callable {
  (): unknown
  /** How many arguments it takes: a higher-order function gives no more. */
  arity: number
  invoke(given: unknown[], context: unknown): unknown
  signature: Signature | undefined
  /** What its context is where it is handed on as it is, without a wrapper. */
  home: unknown
}

/** Given by a lambda instead of a value: go on with `state.tailFunction`. */
export const TAIL = Symbol('tail call')

export function callable(
  arity: number,
  invoke: Callable['invoke'],
  signature?: Signature,
  home: unknown = null,
): Callable {
  const it = (() => undefined) as unknown as Callable
  it.arity = arity
  it.invoke = invoke
  it.signature = signature
  it.home = home
  return it
}

/** Calls anything that is called. @throws {EngineError} T1006 it is no function */
export function call(state: State, target: unknown, given: unknown[], context: unknown): unknown {
  tick(state)
  if (++state.depth > state.limits.calls) throw new EngineError('D1011', state.limits.calls)
  let result = invoke(state, target, given, context)
  while (result === TAIL) {
    tick(state)
    result = invoke(state, state.tailFunction, state.tailArguments, context)
  }
  state.depth -= 1
  return result
}

function invoke(state: State, target: unknown, given: unknown[], context: unknown): unknown {
  if (typeof target !== 'function') throw new EngineError('T1006')
  const it = target as Callable
  if (it.invoke === undefined) return target.apply(contextValue(state, context), given)
  if (it.signature === undefined) return it.invoke(given, context)
  return it.invoke(checkedArguments(state, it.signature, given, context), context)
}

export const arityOf = (it: Callable): number => it.arity ?? it.length

/** A function that is given to another one is called without a context there. */
export const handedOver = (state: State, value: unknown): unknown =>
  typeof value === 'function'
    ? callable(arityOf(value as Callable), (given) => call(state, value, given, null))
    : value

/** What a function gives to one that it calls: no more arguments than that one takes. */
export function callWithin(state: State, it: Callable, a: unknown, b: unknown, c: unknown): unknown {
  const arity = arityOf(it)
  const given = arity >= 3 ? [a, b, c] : arity >= 2 ? [a, b] : [a]
  return call(state, it, given, it.home ?? null)
}

/** `f ~> g` */
export const composed = (state: State, first: unknown, second: unknown): Callable =>
  callable(1, ([value]) => {
    const between = unwrapped(call(state, first, [handedOver(state, value)], null))
    state.tailFunction = second
    state.tailArguments = [between]
    return TAIL
  })
