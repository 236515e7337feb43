import type { Node } from '../ast.ts'
import { BUILTINS, isBuiltin } from '../builtins.ts'
import { isOwn } from '../functions.ts'
import { evaluate } from './evaluate.ts'
import { type Frame, lookup } from './frame.ts'
import { HIGHER } from './higher.ts'
import { checkBareCall, checkOwnCall, checkVariable } from './lint-call.ts'
import { checkNot } from './lint-compare.ts'
import { checkCall } from './lint-type.ts'
import { SIGNATURES } from './signatures.ts'
import { FUNCTION, listOf, NUMBER, TEXT, type Type, typeOf, UNKNOWN } from './type.ts'
import {
  anything,
  computed,
  constant,
  control,
  controlled,
  data,
  joinAll,
  NOTHING,
  type Value,
} from './value.ts'
import type { Walk } from './walk.ts'

/** The name of what is called: `$name(…)`, or `name(…)` where the `$` was forgotten. */
function calledName(call: Node): string | undefined {
  const { procedure } = call
  if (procedure?.type === 'variable') return String(procedure.value)
  const [step, ...more] = procedure?.type === 'path' ? procedure.steps! : []
  return step?.type === 'name' && more.length === 0 ? String(step.value) : undefined
}

/**
 * @param piped what stands left of `~>`: it comes before the arguments
 * @param ready arguments that are known already, where a function is called by another
 */
export function call(
  node: Node,
  context: Value,
  frame: Frame,
  walk: Walk,
  piped?: Value,
  ready?: Value[],
): Value {
  const name = calledName(node)
  const isVariable = node.procedure!.type === 'variable'
  const bound = isVariable ? lookup(frame, name!, walk.used) : undefined
  const isExact = isVariable && !bound && name === 'decimal'
  if (isExact) walk.exact += 1
  const given = ready ?? (node.arguments ?? []).map((it) => evaluate(it, context, frame, walk))
  if (isExact) walk.exact -= 1
  if (piped) given.unshift(piped)
  if (bound) return invoke(bound, given)
  if (name !== undefined && !isVariable && !walk.names.has(name)) {
    checkBareCall(node, name, walk)
    return computed(given, UNKNOWN)
  }
  if (!isVariable) return invoke(evaluate(node.procedure!, context, frame, walk), given)
  checkVariable(node.procedure!, walk)
  if (isOwn(name!)) return own(node, name!, given, walk, ready !== undefined)
  if (isBuiltin(name!)) return builtin(node, name!, given, context, walk, ready !== undefined)
  return anything()
}

/** What a function value gives for these arguments. */
export function invoke(callee: Value, given: Value[]): Value {
  if (!callee.calls) return callee.type.kinds & FUNCTION ? anything() : computed([callee, ...given], UNKNOWN)
  const results = callee.calls.map((it) => it(given))
  return controlled(joinAll(results), control(callee), data(callee))
}

function own(node: Node, name: string, given: Value[], walk: Walk, byReference: boolean): Value {
  if (!byReference) checkOwnCall(node, name, given.length, walk)
  if (name === 'self') return { ...constant(typeOf(TEXT)), dep: walk.key }
  const missing = { missing: given.some((it) => it.type.missing), gap: given.some((it) => it.type.gap) }
  if (name === 'ref') return computed(given.slice(0, 2), typeOf(TEXT, missing))
  return computed(given, typeOf(NUMBER | TEXT, { ...missing, sure: false }))
}

function builtin(
  node: Node,
  name: string,
  given: Value[],
  context: Value,
  walk: Walk,
  byReference: boolean,
): Value {
  const takesContext = given.length < BUILTINS[name]!
  const all = takesContext ? [context, ...given] : given
  const { parameters, gives } = SIGNATURES.get(name)!
  // A function that another calls is given what it has parameters for.
  const fitting = byReference ? all.slice(0, parameters.length) : all
  checkCall({ node, name, given: fitting, takesContext, byReference }, walk)
  if (name === 'not' && given[0] && !takesContext && !byReference) checkNot(node, given[0], walk)
  const higher = HIGHER[name]
  if (higher) return higher(fitting)
  return computed(fitting.length > 0 ? fitting : [NOTHING], resultType(name, gives, fitting))
}

const NEVER_MISSING = ['exists', 'count', 'random', 'now', 'millis']

function resultType(name: string, kinds: number, given: Value[]): Type {
  if (NEVER_MISSING.includes(name)) return typeOf(kinds)
  if (name === 'split') return listOf(typeOf(TEXT), { missing: given.some((it) => it.type.missing) })
  return typeOf(kinds, {
    missing: given.some((it) => it.type.missing),
    gap: given.some((it) => it.type.gap),
    sure: name !== 'max' && name !== 'min',
  })
}
