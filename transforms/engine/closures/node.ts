import type { Node } from '../../ast.ts'
import { Refused } from '../refused.ts'
import { descendants, wildcard } from '../runtime/path.ts'
import { asSequence, isList, unwrapped, unwrappedKeeping } from '../runtime/sequence.ts'
import { application, finishOf, functionCall, tailCall } from './call.ts'
import { arrayOf, groupInput, objectOf } from './constructors.ts'
import { boundIn, lambda } from './lambda.ts'
import { asTest, binary, negation } from './operators.ts'
import { inside, path, staged } from './path.ts'
import { regex } from './regex.ts'
import { type Place, type Run, Scope, slotsOf } from './unit.ts'
import { above, variable } from './variable.ts'

/** A node as a closure, which gives what the interpreter's `evaluate` gives. */
export function compile(node: Node, place: Place): Run {
  const run = compileBare(node, place)
  if (!node.predicate && (!node.group || node.type === 'path')) return run
  return withPredicates(run, node, place)
}

/** The same but for the node's predicates and its group. */
export function compileBare(node: Node, place: Place): Run {
  if (node.tuple || node.focus || node.index) throw new Refused('a tuple stream', node)
  const make = byType[node.type]
  if (make === undefined) throw new Refused(UNCOVERED[node.type] ?? `a node of type ${node.type}`, node)
  return make(node, place)
}

const UNCOVERED: Record<string, string> = {
  parent: 'the parent operator %',
  transform: 'a transform |…|…|',
  partial: 'a partial application',
}

function withPredicates(run: Run, node: Node, place: Place): Run {
  const filtered = staged(run, node.predicate, inside(place), compile)
  const finish = node.keepArray ? keptList : unwrapped
  if (!node.group || node.type === 'path') return (input, frame) => finish(filtered(input, frame))
  const { lhs, position } = node.group as { lhs: [Node, Node][]; position?: number }
  const group = objectOf(lhs, position, inside(place), compile)
  return (input, frame) => group(groupInput(filtered(input, frame)), frame)
}

function keptList(value: unknown): unknown {
  if (value === undefined || isList(value)) return unwrappedKeeping(value)
  return unwrappedKeeping(asSequence([value]))
}

type Make = (node: Node, place: Place) => Run

const literal: Make =
  ({ value }) =>
  () =>
    value

const byType: Record<string, Make> = {
  string: literal,
  number: literal,
  value: literal,
  name: (node, place) => path({ type: 'path', steps: [node] }, place, compile),
  path: (node, place) => path(node, place, compile),
  binary: (node, place) => binary(node, place, compile),
  unary,
  wildcard: (node, place) =>
    finished(
      node,
      fromContext(place, (state, input) => wildcard(state, input)),
    ),
  descendant: (node, place) =>
    finished(
      node,
      fromContext(place, (state, input) => descendants(state, input)),
    ),
  condition,
  block,
  bind,
  regex,
  function: (node, place) => functionCall(node, place, compile),
  variable: (node, place) => finished(node, variable(node, place)),
  lambda: (node, place) => (node.thunk ? tailCall(node.body!, place, compile) : lambda(node, place, compile)),
  apply: (node, place) => application(node, place, compile),
}

const finished = (node: Node, run: Run): Run => {
  const finish = finishOf(node)
  return (input, frame) => finish(run(input, frame))
}

function fromContext(
  { unit, row }: Place,
  take: (state: Place['unit']['state'], input: unknown) => unknown,
): Run {
  const { state, root } = unit
  return row ? () => take(state, root!.whole()) : (input) => take(state, input)
}

function unary(node: Node, place: Place): Run {
  if (node.value === '[') return arrayOf(node, place, compile)
  if (node.value === '-') return negation(node, place, compile)
  return objectOf(node.lhs as [Node, Node][], node.position, place, compile)
}

function condition(node: Node, place: Place): Run {
  const test = asTest(node.condition!, place, compile)
  const then = compile(node.then!, place)
  const otherwise = node.else ? compile(node.else, place) : () => undefined
  const finish = finishOf(node)
  return (input, frame) => finish(test(input, frame) ? then(input, frame) : otherwise(input, frame))
}

function block(node: Node, place: Place): Run {
  const names = boundIn(node.expressions!)
  const scope = names.size > 0 ? new Scope(place.scope, [], names) : place.scope
  const runs = node.expressions!.map((it) => compile(it, { ...place, scope }))
  const [only] = runs
  // A sequence of one sequence unwraps once at each level.
  const finish = finishOf(node)
  if (names.size === 0 && runs.length === 1) return (input, frame) => finish(only!(input, frame))
  const size = runs.length
  return (input, frame) => {
    const own = names.size > 0 ? scope.frame(frame) : frame
    let value: unknown
    for (let at = 0; at < size; at++) value = runs[at]!(input, own)
    return finish(value)
  }
}

function bind(node: Node, place: Place): Run {
  const finish = finishOf(node)
  const value = compile(node.rhs!, place)
  const { up, at } = slotsOf(String((node.lhs as Node).value), place.scope).next().value!
  return (input, frame) => {
    const bound = value(input, frame)
    above(frame, up)[at] = bound
    return finish(bound)
  }
}
