import { isCallOf, type Node } from '../ast.ts'
import { isBuiltin } from '../builtins.ts'
import { isOwn } from '../functions.ts'
import { call, invoke } from './call.ts'
import { bind, type Frame, lookup, newFrame } from './frame.ts'
import { lambda, partial, transform } from './lambda.ts'
import { checkLiteral, checkRegex, checkVariable } from './lint-call.ts'
import { checkKey } from './lint-type.ts'
import { binary, negated } from './operator.ts'
import { union } from './path.ts'
import { filtered, grouped, parentOf, walkPath } from './steps.ts'
import { FUNCTION, type Literal, literalType, NULL, OBJECT, TEXT, typeOf, UNKNOWN } from './type.ts'
import {
  allBelow,
  anything,
  asList,
  computed,
  constant,
  control,
  controlled,
  data,
  existence,
  join,
  joinAll,
  NOTHING,
  objectOf,
  someField,
  type Value,
} from './value.ts'
import type { Walk } from './walk.ts'

type Rule = (node: Node, context: Value, frame: Frame, walk: Walk) => Value

/** What a node can give where `context` is the value at hand. Every node of a tree is walked at least once. */
export const evaluate: Rule = (node, context, frame, walk) => {
  walk.budget -= 1
  if (walk.budget <= 0) return anything()
  let value = (RULES[node.type] ?? anything)(node, context, frame, walk)
  for (const it of node.predicate ?? []) value = filtered(value, it.expr, frame, walk)
  if (node.group && node.type !== 'path') value = grouped(value, node.group, frame, walk)
  return node.keepArray && node.type !== 'path' ? asList(value) : value
}

const literal: Rule = (node) => constant(literalType(node.value as Literal))

const RULES: Record<string, Rule> = {
  string: literal,
  number: (node, _context, _frame, walk) => {
    if (walk.exact === 0) checkLiteral(node, walk)
    return constant(literalType(node.value as number))
  },
  value: (node) => constant(node.value === null ? typeOf(NULL) : literalType(node.value as boolean)),
  regex: (node, _context, _frame, walk) => {
    checkRegex(node, walk)
    return { ...constant(typeOf(FUNCTION)), calls: [(given) => computed(given, typeOf(OBJECT))] }
  },
  path: walkPath,
  variable: (node, context, frame, walk) => variable(node, context, frame, walk),
  wildcard: (_node, context) => someField(context),
  descendant: (_node, context) => allBelow(context),
  parent: (_node, context) => parentOf(context),
  binary,
  unary: (node, context, frame, walk) => {
    if (node.value === '[') return list(node, context, frame, walk)
    return node.value === '{' ? object(node, context, frame, walk) : negated(node, context, frame, walk)
  },
  condition: (node, context, frame, walk) => condition(node, context, frame, walk),
  block: (node, context, frame, walk) => block(node, context, frame, walk),
  bind: (node, context, frame, walk) => {
    const value = evaluate(node.rhs!, context, frame, walk)
    bind(frame, String((node.lhs as Node).value), value, node)
    return value
  },
  function: (node, context, frame, walk) => call(node, context, frame, walk),
  partial,
  lambda,
  transform,
  apply: (node, context, frame, walk) => {
    const left = evaluate(node.lhs as Node, context, frame, walk)
    if (node.rhs!.type === 'function') return call(node.rhs!, context, frame, walk, left)
    const right = evaluate(node.rhs!, context, frame, walk)
    if (!left.calls) return invoke(right, [left])
    return { ...constant(typeOf(FUNCTION)), calls: [(given) => invoke(right, [invoke(left, given)])] }
  },
}

const variable: Rule = (node, context, frame, walk) => {
  const name = String(node.value)
  if (name === '') return context
  if (name === '$') return walk.start
  const bound = lookup(frame, name, walk.used)
  if (bound) return bound
  if (name === 'row') return walk.row
  checkVariable(node, walk)
  if (!isBuiltin(name) && !isOwn(name)) return walk.names.has(name) ? NOTHING : constant(UNKNOWN)
  const named: Node = { type: 'function', value: '(', procedure: node, position: node.position }
  return {
    ...constant(typeOf(FUNCTION)),
    calls: [(given) => call(named, context, frame, walk, undefined, given)],
  }
}

const list: Rule = (node, context, frame, walk) => {
  const items = node.expressions!.map((it) => evaluate(it, context, frame, walk))
  // An item that is missing leaves the list, and the others move up.
  const all = joinAll(items.map((it) => ({ ...it, type: { ...it.type, missing: false } })))
  return controlled(asList(all, { missing: false }), union(...items.map(existence)))
}

const object: Rule = (node, context, frame, walk) => {
  const fields = new Map<string, Value>()
  let rest: Value | undefined
  for (const [keyNode, valueNode] of node.lhs as [Node, Node][]) {
    const key = evaluate(keyNode, context, frame, walk)
    checkKey(keyNode, key, walk)
    const value = controlled(evaluate(valueNode, context, frame, walk), data(key), control(key))
    if (keyNode.type === 'string') fields.set(String(keyNode.value), value)
    else rest = join(rest ?? NOTHING, join(value, computed([key], typeOf(TEXT))))
  }
  return objectOf(fields, rest)
}

const condition: Rule = (node, context, frame, walk) => {
  const question = evaluate(node.condition!, context, frame, walk)
  const by = union(data(question), control(question))
  frame.under.push(by)
  const then = evaluate(node.then!, context, frame, walk)
  const otherwise = node.else ? evaluate(node.else, context, frame, walk) : NOTHING
  frame.under.pop()
  // Left of `?:` and `??` it is a copy of `then`: what passes the question is not missing.
  const passed = isDefault(node) ? { ...then, type: { ...then.type, missing: false, gap: false } } : then
  return controlled(join(passed, otherwise), by)
}

const block: Rule = (node, context, frame, walk) => {
  const inner = newFrame(frame)
  let value = NOTHING
  for (const [at, it] of node.expressions!.entries()) {
    value = evaluate(it, context, inner, walk)
    if (it.type === 'bind' && at < node.expressions!.length - 1)
      walk.statements.set(it, String((it.lhs as Node).value))
  }
  return value
}

/** `a ?: b` and `a ?? b`, of which the parser makes a condition over a copy of `a`. */
function isDefault({ condition, then }: Node): boolean {
  const asked = isCallOf(condition!, 'exists') ? condition!.arguments![0]! : condition!
  return asked.type === then!.type && JSON.stringify(asked) === JSON.stringify(then)
}
