import { type Callable, callable } from '../call.ts'
import { type State, tickArguments } from '../state.ts'
import { type Signature, stockFunctions } from '../stock.ts'
import * as list from './list.ts'
import * as number from './number.ts'
import * as other from './other.ts'
import * as text from './text.ts'

type Implementation = (state: State, ...given: never[]) => unknown

export interface Builtin {
  name: string
  run: Implementation
  signature: Signature
  arity: number
}

const implementations: Record<string, Implementation> = { ...text, ...number, ...list, ...other }

/** The functions of JSONata 2.2.2 but `$eval`, as synchronous code; their signatures are the stock ones. */
export const builtins: ReadonlyMap<string, Builtin> = new Map(
  [...stockFunctions].map(([name, { implementation, signature }]) => [
    name,
    { name, run: implementations[name]!, signature: signature!, arity: implementation.length },
  ]),
)

/** A built-in as a value. */
export const builtinValue = (state: State, { run, signature, arity }: Builtin): Callable =>
  callable(
    arity,
    (given) => {
      tickArguments(state, given)
      return run(state, ...(given as never[]))
    },
    signature,
  )
