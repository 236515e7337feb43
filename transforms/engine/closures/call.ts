import type { Node } from '../../ast.ts'
import { BUILTINS } from '../../builtins.ts'
import type { Builtin } from '../runtime/builtins/index.ts'
import { call, composed, handedOver, TAIL } from '../runtime/call.ts'
import { EngineError, placed } from '../runtime/error.ts'
import { finds, replaced } from '../runtime/regex/matcher.ts'
import { unwrapped, unwrappedKeeping } from '../runtime/sequence.ts'
import { checkedArguments } from '../runtime/signature.ts'
import { ROW, tickArguments } from '../runtime/state.ts'
import { truthy } from '../runtime/value.ts'
import type { Compile } from './operators.ts'
import { NOT_QUICK, quickOne, quickThree, quickTwo } from './quick.ts'
import { regexOf } from './regex.ts'
import { builtinOf, type Frame, type Place, type Run } from './unit.ts'
import { isKnownName } from './variable.ts'

/** A call. `first`: what stands before `~>`, its first argument. */
export function functionCall(node: Node, place: Place, compile: Compile, first?: Run): Run {
  const given = [...(first ? [first] : []), ...node.arguments!.map((it) => compile(it, place))]
  const builtin = builtinOf(node.procedure, place)
  // What stands before `~>` is handed on as it is.
  if (builtin && first === undefined) return builtinCall(builtin, given, node, place)
  return anyCall(node, given, place, compile, first !== undefined)
}

const nameOf = ({ procedure }: Node): string | undefined => {
  const it = procedure!.type === 'path' ? procedure!.steps![0]! : procedure!
  return typeof it.value === 'string' ? it.value : undefined
}

function anyCall(node: Node, given: Run[], place: Place, compile: Compile, applied: boolean): Run {
  const { state } = place.unit
  const procedure = compile(node.procedure!, place)
  const { check, invoke } = invocationOf(node, place, applied ? asItIs : finishOf(node))
  return (input, frame) => {
    const target = procedure(input, frame)
    if (target === undefined) check(input, frame)
    const values: unknown[] = []
    for (let at = 0; at < given.length; at++) {
      const value = given[at]!(input, frame)
      values.push(applied && at === 0 ? value : handedOver(state, value))
    }
    return invoke(target, values, input)
  }
}

/** What a call does with a function and its arguments; `check` says it where `name()` was to be `$name()`. */
export function invocationOf(node: Node, place: Place, keep: (value: unknown) => unknown) {
  const { state } = place.unit
  const name = nameOf(node)
  const known = node.procedure!.type === 'path' && name !== undefined ? isKnownName(name, place) : undefined
  return {
    check: (input: unknown, frame: Frame): void => {
      if (known && isThere(known(input, frame))) throw placed(new EngineError('T1005'), node.position, name)
    },
    invoke: (target: unknown, values: unknown[], input: unknown): unknown => {
      try {
        return keep(call(state, target, values, place.row ? ROW : input))
      } catch (cause) {
        throw placed(cause, node.position, name)
      }
    },
  }
}

const asItIs = (value: unknown): unknown => value

/** What becomes of a sequence that a node gives: predicates and groups of the node see it as it is. */
export const finishOf = (node: Node): ((value: unknown) => unknown) =>
  node.predicate || node.group ? asItIs : node.keepArray ? unwrappedKeeping : unwrapped

const isThere = (value: unknown): boolean => typeof value === 'function' || truthy(value)

/** A built-in that nothing shadows: found now, and for plain arguments without a check of its signature. */
function builtinCall(builtin: Builtin, given: Run[], node: Node, place: Place): Run {
  const careful = carefulCall(builtin, node, place)
  const literal = withPattern(builtin.name, node, given, place, careful)
  if (literal) return literal
  return quickly(builtin.name, given, place, careful) ?? generally(given, careful)
}

/** A built-in with arguments of which nothing is known: its signature is asked. */
export function carefulCall(builtin: Builtin, node: Node, place: Place): Careful {
  const { state } = place.unit
  const keep = finishOf(node)
  const run = builtin.run as (...given: unknown[]) => unknown
  return (values, input) => {
    try {
      for (let at = 0; at < values.length; at++) values[at] = handedOver(state, values[at])
      const checked = checkedArguments(state, builtin.signature, values, place.row ? ROW : input)
      tickArguments(state, checked)
      return keep(run(state, ...checked))
    } catch (cause) {
      throw placed(cause, node.position, builtin.name)
    }
  }
}

export type Careful = (values: unknown[], input: unknown) => unknown

/** `$contains(text, /…/)` and `$replace(text, /…/, "…")`, where the pattern and the new text stand in the call. */
function withPattern(
  name: string,
  { arguments: written }: Node,
  [text, ...rest]: Run[],
  place: Place,
  careful: Careful,
): Run | undefined {
  const quick = patternCall(name, written!, place)
  if (quick === undefined) return undefined
  return (input, frame) => {
    const value = text!(input, frame)
    if (typeof value !== 'string') return careful([value, ...rest.map((it) => it(input, frame))], input)
    return quick(value)
  }
}

/** What such a call does to a text. */
export function patternCall(
  name: string,
  [, pattern, replacement, more]: Node[],
  place: Place,
): ((text: string) => string | boolean) | undefined {
  if (pattern?.type !== 'regex' || pattern.predicate || pattern.group || more) return undefined
  const { state } = place.unit
  const isPlain = replacement?.type === 'string' && !replacement.predicate && !replacement.group
  if (name === 'contains' ? replacement : name !== 'replace' || !isPlain) return undefined
  const into = String(replacement?.value)
  if (into.includes('$')) return undefined
  const regex = regexOf(pattern, place)
  if (!replacement) return (text) => finds(state, regex, text)
  return (text) => replaced(state, regex, text, into, pattern.position)
}

function generally(given: Run[], careful: Careful): Run {
  return (input, frame) => {
    const values: unknown[] = []
    for (let at = 0; at < given.length; at++) values.push(given[at]!(input, frame))
    return careful(values, input)
  }
}

function quickly(name: string, given: Run[], place: Place, careful: Careful): Run | undefined {
  const { state } = place.unit
  const [first, second, third] = given as [Run, Run, Run]
  if (given.length === 1 && quickOne.has(name)) {
    const quick = quickOne.get(name)!
    return (input, frame) => {
      const a = first(input, frame)
      const value = quick(state, a)
      return value === NOT_QUICK ? careful([a], input) : value
    }
  }
  if (given.length === 2 && quickTwo.has(name)) {
    const quick = quickTwo.get(name)!
    return (input, frame) => {
      const a = first(input, frame)
      const b = second(input, frame)
      const value = quick(state, a, b)
      return value === NOT_QUICK ? careful([a, b], input) : value
    }
  }
  if (given.length === 3 && quickThree.has(name)) {
    const quick = quickThree.get(name)!
    return (input, frame) => {
      const a = first(input, frame)
      const b = second(input, frame)
      const c = third(input, frame)
      const value = quick(state, a, b, c)
      return value === NOT_QUICK ? careful([a, b, c], input) : value
    }
  }
  return undefined
}

/** The last call of a lambda: made by the loop of its caller, so that recursion needs no stack. */
export function tailCall(node: Node, place: Place, compile: Compile): Run {
  const { state } = place.unit
  const builtin = endingBuiltin(node, place)
  const given = node.arguments!.map((it) => compile(it, place))
  if (builtin) return tailBuiltin(builtin, given, node, place)
  const procedure = compile(node.procedure!, place)
  return (input, frame) => {
    const target = procedure(input, frame)
    const values: unknown[] = []
    for (let at = 0; at < given.length; at++) values.push(given[at]!(input, frame))
    state.tailFunction = target
    state.tailArguments = values
    return TAIL
  }
}

/** A built-in as the last call, where it takes nothing from its context. */
export function endingBuiltin(node: Node, place: Place): Builtin | undefined {
  const builtin = builtinOf(node.procedure, place)
  const { length } = node.arguments!
  return builtin && length > 0 && length >= (BUILTINS[builtin.name] ?? 9) ? builtin : undefined
}

function tailBuiltin(builtin: Builtin, given: Run[], node: Node, place: Place): Run {
  const last = lastCall(builtin, node, place)
  return (input, frame) => {
    const values: unknown[] = []
    for (let at = 0; at < given.length; at++) values.push(given[at]!(input, frame))
    return last(values)
  }
}

/** It is not called back by anything, and what it gives is not unwrapped. */
export function lastCall(builtin: Builtin, node: Node, place: Place): (values: unknown[]) => unknown {
  const { state } = place.unit
  const run = builtin.run as (...given: unknown[]) => unknown
  return (values) => {
    tickArguments(state, values)
    try {
      return run(state, ...checkedArguments(state, builtin.signature, values, null))
    } catch (cause) {
      throw placed(cause, node.position, builtin.name)
    }
  }
}

/** `a ~> f` */
export function application(node: Node, place: Place, compile: Compile): Run {
  const { state } = place.unit
  const left = compile(node.lhs as Node, place)
  const right = node.rhs!
  const keep = finishOf(node)
  if (right.type === 'function') {
    const applied = functionCall(right, place, compile, left)
    return (input, frame) => keep(applied(input, frame))
  }
  const target = compile(right, place)
  return (input, frame) => {
    const value = left(input, frame)
    const it = target(input, frame)
    if (typeof it !== 'function') throw placed(new EngineError('T2006', it), node.position, undefined)
    if (typeof value === 'function') return composed(state, value, it)
    return keep(call(state, it, [value], null))
  }
}
