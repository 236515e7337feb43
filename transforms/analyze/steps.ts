import type { Node } from '../ast.ts'
import { evaluate } from './evaluate.ts'
import { bind, type Frame, newFrame } from './frame.ts'
import { checkField, checkGrouped } from './lint-field.ts'
import { checkKey, checkOrdered } from './lint-type.ts'
import { isWide, parent, presence, union } from './path.ts'
import { isMany, isUnknown, LIST, NUMBER, sequenceOf, TEXT, type Type, typeOf, UNKNOWN } from './type.ts'
import {
  anything,
  asList,
  computed,
  constant,
  control,
  controlled,
  data,
  existence,
  field,
  item,
  join,
  NOTHING,
  objectOf,
  type Value,
  withType,
} from './value.ts'
import type { Walk } from './walk.ts'

/** A path: each step is taken from every item of what the one before gave. */
export function walkPath(node: Node, context: Value, frame: Frame, walk: Walk): Value {
  const scope = node.steps!.some((it) => it.focus || it.tuple || it.index) ? newFrame(frame) : frame
  let value = context
  for (const [at, step] of node.steps!.entries()) {
    if (step.type === 'sort') value = stages(sorted(value, step, scope, walk), step, scope, walk)
    else if (at === 0) value = binding(head(step, value, scope, walk), value, step, scope, walk)
    else value = next(value, step, scope, walk)
  }
  if (node.keepSingletonArray) value = asList(value)
  return node.group ? grouped(value, node.group, scope, walk) : value
}

function head(step: Node, context: Value, frame: Frame, walk: Walk): Value {
  const value = take(step, step.type === 'name' ? item(context) : context, frame, walk)
  return step.focus ? value : stages(value, step, frame, walk)
}

function next(before: Value, step: Node, frame: Frame, walk: Walk): Value {
  const one = item(before)
  let value = take(step, one, frame, walk)
  if (step.type !== 'name') value = controlled(value, existence(before))
  if (!step.focus) value = stages(value, step, frame, walk)
  return binding(withType(value, lifted(before.type, value.type)), before, step, frame, walk)
}

function take(step: Node, from: Value, frame: Frame, walk: Walk): Value {
  if (step.type !== 'name') return evaluate(step, from, frame, walk)
  checkField(step, from, walk)
  return field(from, String(step.value))
}

/** The type of a step's results together, where it was taken from each item of a list. */
function lifted(before: Type, one: Type): Type {
  if (!(before.kinds & LIST) || (isUnknown(before) && isUnknown(one))) return one
  return one.kinds === 0 ? one : sequenceOf(one, !isUnknown(before) && isMany(before))
}

/** `@$name` names the items and stays where it was; `#$name` counts them. */
function binding(value: Value, before: Value, step: Node, frame: Frame, walk: Walk): Value {
  if (step.index) bind(frame, step.index, position(value))
  if (!step.focus) return value
  bind(frame, step.focus, item(value))
  const kept = controlled(stages(before, step, frame, walk), existence(value))
  return withType(kept, sequenceOf(before.type, false))
}

const position = (of: Value): Value => ({ ...constant(typeOf(NUMBER)), dep: existence(of) })

function stages(value: Value, step: Node, frame: Frame, walk: Walk): Value {
  let result = value
  for (const it of step.stages ?? []) {
    if (it.expr) result = filtered(result, it.expr, frame, walk)
    else bind(frame, String(it.value), position(result))
  }
  return result
}

/** `value[predicate]`: the items that pass, or the one at a place. */
export function filtered(value: Value, predicate: Node, frame: Frame, walk: Walk): Value {
  const passes = evaluate(predicate, item(value), frame, walk)
  const decided = controlled(value, data(passes), control(passes), existence(value))
  const { type } = value
  if (predicate.type === 'number' || passes.type.kinds === NUMBER)
    return withType(decided, { ...item(value).type, missing: true })
  const some: Type =
    type.kinds & LIST && !isUnknown(type) ? sequenceOf(type, false) : { ...type, missing: true }
  return withType(decided, some)
}

function sorted(value: Value, step: Node, frame: Frame, walk: Walk): Value {
  const terms = step.terms!.map((it) => {
    const term = evaluate(it.expression, item(value), frame, walk)
    checkOrdered(it.expression, term, walk)
    return term
  })
  return controlled(value, ...terms.flatMap((it) => [data(it), control(it)]))
}

/** `value{key: value}`: an object, even of nothing. */
export function grouped(value: Value, group: { lhs: [Node, Node][] }, frame: Frame, walk: Walk): Value {
  const fields = new Map<string, Value>()
  let rest: Value | undefined
  checkGrouped(group.lhs[0]![0], value, walk)
  for (const [keyNode, valueNode] of group.lhs) {
    const key = evaluate(keyNode, item(value), frame, walk)
    checkKey(keyNode, key, walk)
    const members = withType(value, isUnknown(value.type) ? UNKNOWN : sequenceOf(value.type, false))
    const held = evaluate(valueNode, members, frame, walk)
    const made = controlled(held, data(key), control(key), existence(value))
    if (keyNode.type === 'string') fields.set(String(keyNode.value), made)
    else rest = join(rest ?? NOTHING, join(made, computed([key], typeOf(TEXT))))
  }
  return objectOf(fields, rest)
}

/** `%`: what the value at hand was taken from. */
export function parentOf(context: Value): Value {
  const isPlace = context.src.size > 0 && context.dep.size === 0 && !context.fields && !context.rest
  if (!isPlace || isWide(context.src)) return anything()
  return {
    ...NOTHING,
    src: parent(context.src),
    ctl: union(context.ctl, presence(context.src)),
    type: UNKNOWN,
  }
}
