import type { Node } from '../ast.ts'
import { invoke } from './call.ts'
import { evaluate } from './evaluate.ts'
import { bind, type Frame, newFrame } from './frame.ts'
import { union } from './path.ts'
import { FUNCTION, typeOf, UNKNOWN } from './type.ts'
import { anything, constant, data, item, join, NOTHING, type Value } from './value.ts'
import { MAX_CALLS, type Walk } from './walk.ts'

const functionOf = (calls: Value['calls']): Value => ({ ...constant(typeOf(FUNCTION)), calls })

export function lambda(node: Node, context: Value, frame: Frame, walk: Walk): Value {
  // A tail call is wrapped by the parser into a function that is called at once.
  if (node.thunk) return tailCall(node.body!, context, frame, walk)
  const names = (node.arguments ?? []).map((it) => String(it.value))
  const run = (given: Value[]): Value => {
    walk.pending.delete(node)
    if (walk.depth >= MAX_CALLS) return anything()
    const inner = newFrame(frame)
    for (const [at, name] of names.entries()) bind(inner, name, given[at] ?? NOTHING)
    walk.depth += 1
    const value = evaluate(node.body!, context, inner, walk)
    walk.depth -= 1
    return value
  }
  walk.pending.set(node, () => run(names.map(() => constant(UNKNOWN))))
  return functionOf([run])
}

/** JSONata 2.2.2 forgets a grouping behind a tail call, so its result can come with it or without. */
function tailCall(call: Node, context: Value, frame: Frame, walk: Walk): Value {
  const value = evaluate(call, context, frame, walk)
  return call.group ? join(value, evaluate({ ...call, group: undefined }, context, frame, walk)) : value
}

/** `$f(?, 2)` */
export function partial(node: Node, context: Value, frame: Frame, walk: Walk): Value {
  const { procedure } = node
  const callee = evaluate(procedure!, context, frame, walk)
  const fixed = node.arguments!.map((it) =>
    it.type === 'operator' ? undefined : evaluate(it, context, frame, walk),
  )
  return functionOf([
    (given) => {
      const rest = [...given]
      return invoke(
        callee,
        fixed.map((it) => it ?? rest.shift() ?? NOTHING),
      )
    },
  ])
}

/** `| pattern | update, delete |`: a function whose result is a changed copy, so everything in it may be anything. */
export function transform(node: Node, context: Value, frame: Frame, walk: Walk): Value {
  const run = (given: Value[]): Value => {
    walk.pending.delete(node)
    const whole = given[0] ?? NOTHING
    const found = item(evaluate(node.pattern!, whole, frame, walk))
    const parts = [node.update, node.delete].flatMap((it) => (it ? [evaluate(it, found, frame, walk)] : []))
    const dep = union(data(whole), data(found), context.src, ...parts.map(data))
    return { ...NOTHING, dep, type: UNKNOWN, open: true }
  }
  walk.pending.set(node, () => run([constant(UNKNOWN)]))
  return functionOf([run])
}
