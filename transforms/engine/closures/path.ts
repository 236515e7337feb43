import { eachChild, type Node } from '../../ast.ts'
import type { RowReader } from '../options.ts'
import { Refused } from '../refused.ts'
import { EngineError } from '../runtime/error.ts'
import {
  filtered,
  filteredByTest,
  itemAt,
  lookup,
  nameIn,
  nameOfItems,
  namesIn,
  nthMatch,
  stepOverItems,
  stepOverOne,
} from '../runtime/path.ts'
import { flattened, isList, type List, sequenceOf, unwrapped, unwrappedKeeping } from '../runtime/sequence.ts'
import { ordered, type SortTerm } from '../runtime/sort.ts'
import type { State } from '../runtime/state.ts'
import { type Fields, isSafeName, ownField } from '../runtime/value.ts'
import { groupInput, objectOf } from './constructors.ts'
import { asTest, type Compile, cannotFail, givesBoolean } from './operators.ts'
import { type Frame, isFree, type Place, type Run } from './unit.ts'

/** A path: what its first step gives, the steps after it, then `[]` and `{…}`. */
export function path(node: Node, place: Place, compile: Compile): Run {
  const steps = node.steps!
  const tuple = steps.find(isTuple)
  if (tuple) throw new Refused('a tuple stream', tuple)
  const keeps = node.keepSingletonArray === true || node.keepArray === true
  const plain = !keeps && !node.group ? plainPath(steps, place, compile) : undefined
  if (plain) return plain
  const sequence = stepped(steps, place, compile)
  const finish = keeps ? (value: unknown) => kept(value, node) : unwrapped
  if (!node.group) return (input, frame) => finish(sequence(input, frame))
  const group = objectOf(
    node.group.lhs,
    (node.group as Node['group'] & { position?: number }).position,
    inside(place),
    compile,
  )
  if (!node.keepSingletonArray) return (input, frame) => group(groupInput(sequence(input, frame)), frame)
  return (input, frame) => group(groupInput(asOne(sequence(input, frame))), frame)
}

/** With `[]` in the path, a list written as `[…]` that the path ended at is one item. */
const asOne = (value: unknown): unknown =>
  isList(value) && value.cons === true && value.sequence !== true ? sequenceOf(value) : value

/** Below a step the context is an item. */
export const inside = (place: Place): Place => (place.row ? { ...place, row: false } : place)

export const isTuple = (step: Node): boolean =>
  step.tuple === true ||
  step.focus !== undefined ||
  step.index !== undefined ||
  step.stages?.some((it) => it.type === 'index') === true

export function kept(value: unknown, node: Node): unknown {
  if (value === undefined) return undefined
  if (!isList(value)) return keeping(sequenceOf(value))
  if (value.cons && !value.sequence && node.keepSingletonArray) return keeping(sequenceOf(value))
  if (value.sequence !== true) return value
  if (value.length === 0) return undefined
  return value.length === 1 ? keeping(sequenceOf(value[0])) : keeping(value)
}

function keeping(list: List): List {
  list.keepSingleton = true
  return list
}

export const isName = (step: Node): boolean =>
  step.type === 'name' && !step.stages && !step.predicate && !step.keepArray && !step.group

/** `a.b.c`, `$x.a.b`, `$$.a`: no list is made where there is none. */
function plainPath(steps: Node[], place: Place, compile: Compile): Run | undefined {
  const [head, ...rest] = steps
  if (!rest.every(isName)) return undefined
  const { state } = place.unit
  const reader = readerOf(head!, place)
  if (reader && rest.length > 0) return fieldOf(reader, rest.map(nameOf), place)
  if (isName(head!)) {
    if (place.row) return fieldOf(place.unit.root!, steps.map(nameOf), place)
    return namePath(steps.map(nameOf), place)
  }
  if (head!.type !== 'variable' || head!.stages || head!.predicate || head!.group || rest.length === 0)
    return undefined
  const start = compile(head!, place)
  const names = rest.map(nameOf)
  return (input, frame) => {
    const value = start(input, frame)
    return isList(value) && value.cons
      ? namesIn(state, sequenceOf(value), names, 0)
      : namesIn(state, value, names, 0)
  }
}

export const nameOf = (step: Node): string => String(step.value)

/** The reader behind `$`, `$$` or `$row`, where it is the row. */
export function readerOf(step: Node, place: Place): RowReader | undefined {
  if (step.type !== 'variable' || step.stages || step.predicate || step.group || step.keepArray)
    return undefined
  const name = String(step.value)
  if (name === '') return place.row ? place.unit.root : undefined
  const { scope, unit } = place
  if (!isFree(name, { unit: { ...unit, readers: new Map() }, scope, row: false })) return undefined
  return name === '$' ? unit.root : unit.readers.get(name)
}

function fieldOf(reader: RowReader, names: string[], { unit }: Place): Run {
  const read = reader.field(names[0]!)
  if (names.length === 1) return () => flattened(read())
  return () => namesIn(unit.state, read(), names, 1)
}

function namePath(names: string[], { unit }: Place): Run {
  const { state } = unit
  const [name] = names
  if (names.length > 1) {
    if (!names.every(isSafeName)) return (input) => namesIn(state, input, names, 0)
    return (input) => walked(state, input, names)
  }
  if (!isSafeName(name!)) return (input) => nameIn(state, input, name!)
  return (input) => {
    if (typeof input !== 'object' || input === null) return undefined
    if (isList(input)) return nameIn(state, input, name!)
    const value = (input as Fields)[name!]
    return typeof value === 'object' ? flattened(value) : value
  }
}

function walked(state: State, from: unknown, names: readonly string[]): unknown {
  let value = from
  for (let at = 0; at < names.length; at++) {
    if (typeof value !== 'object' || value === null) return undefined
    if (isList(value)) return namesIn(state, value, names, at)
    value = (value as Fields)[names[at]!]
  }
  return typeof value === 'object' ? flattened(value) : value
}

/** What one step does to a value, and whether it sorts all of them. */
interface Step {
  run: Run
  /** A plain name. */
  name?: string
  sort?: Run
}

/**
 * All steps. What comes out is the sequence of the path: a list with its flags, or a value for a sequence of one, or
 * undefined for none.
 */
function stepped(steps: Node[], place: Place, compile: Compile): Run {
  const { state } = place.unit
  const first = firstStep(steps, place, compile)
  const rest = steps.slice(1).map((it) => stepOf(it, inside(place), compile))
  const count = rest.length
  return (input, frame) => {
    let value = first(input, frame)
    for (let at = 0; at < count; at++) {
      if (value === undefined) return undefined
      // An empty `[]` at the head stays what it is; any other list here stands for none.
      if (isList(value) && value.length === 0) return value.cons ? value : undefined
      const step = rest[at]!
      const last = at === count - 1
      if (step.sort) value = step.sort(value, frame)
      else if (!isList(value)) value = stepOverOne(step.run(value, frame), last)
      else if (step.name !== undefined) value = nameOfItems(state, value, step.name, last)
      else value = stepOverItems(state, value, step.run, frame, last)
    }
    return value
  }
}

function firstStep(steps: Node[], place: Place, compile: Compile): Run {
  const [node] = steps
  const last = steps.length === 1
  const { state } = place.unit
  if ((node as { consarray?: boolean }).consarray) return constructed(node!, place, compile)
  // A row is one item; so is whatever a variable starts from.
  if (place.row || node!.type === 'variable') {
    const step = stepOf(node!, place, compile)
    return (input, frame) => stepOverOne(step.run(input, frame), last)
  }
  const step = stepOf(node!, place, compile)
  if (step.name !== undefined && steps.length > 1 && isSafeName(step.name)) {
    const { name } = step
    return (input) => {
      if (typeof input !== 'object' || input === null) return undefined
      return isList(input)
        ? nameOfItems(state, input, name, false)
        : stepOverOne((input as Fields)[name], false)
    }
  }
  return (input, frame) =>
    isList(input)
      ? stepOverItems(state, input, step.run, frame, last)
      : stepOverOne(step.run(input, frame), last)
}

/** `[…].x`: its context is the list of the one input. */
function constructed(node: Node, place: Place, compile: Compile): Run {
  // JSONata goes on over the characters of a text, and over nothing of a number.
  if (node.predicate || node.group) throw new Refused('a predicate on a list at the head of a path', node)
  // To `*` the interpreter shows the marks of its own list there, a function among them.
  if (hasWildcard(node)) throw new Refused('"*" inside a list at the head of a path', node)
  const run = compile(node, inside(place))
  const { unit, row } = place
  return (input, frame) => {
    const context = row ? unit.root!.whole() : input
    const value = run(isList(context) ? context : sequenceOf(context), frame)
    // What a block gives may be no list after all: JSONata then goes over its characters, or over nothing.
    if (value !== undefined && !isList(value)) throw new EngineError('P1004')
    return value
  }
}

/** Of what is evaluated where the node is. */
function hasWildcard(node: Node): boolean {
  let found = node.type === 'wildcard' || node.type === 'descendant'
  eachChild(node, (child, sameContext) => {
    found ||= sameContext && hasWildcard(child)
  })
  return found
}

function stepOf(node: Node, place: Place, compile: Compile): Step {
  if (node.type === 'sort') return sortStep(node, place, compile)
  if (isName(node)) return nameStep(nameOf(node), place)
  const { stages, ...bare } = node
  const run = node.type === 'name' ? nameOnce(node, place) : compile(bare as Node, place)
  return { run: staged(run, stages, inside(place), compile) }
}

function nameStep(name: string, { row, unit }: Place): Step {
  const { state } = unit
  if (row) return { run: unit.root!.field(name) }
  return {
    name,
    run: (input) => {
      if (typeof input !== 'object' || input === null) return undefined
      return isList(input) ? unwrapped(lookup(state, input, name)) : ownField(input as Fields, name)
    },
  }
}

/** A name with predicates, or with `[]`: of a list of lists that matters before the predicate. */
function nameOnce(node: Node, place: Place): Run {
  const name = nameOf(node)
  const { unit, row } = place
  const finish = node.keepArray ? unwrappedKeeping : unwrapped
  const field = row ? unit.root!.field(name) : undefined
  if (field) return () => finish(field())
  return (input) => finish(lookup(unit.state, input, name))
}

/** Predicates behind one another; two that mean "the first that" are one search. */
export function staged(run: Run, stages: Node['stages'], place: Place, compile: Compile): Run {
  let staged = run
  for (let at = 0; at < (stages?.length ?? 0); at++) {
    const predicate = stages![at]!.expr!
    const next = stages![at + 1]?.expr
    if (
      next?.type === 'number' &&
      Number(next.value) >= 0 &&
      givesBoolean(predicate) &&
      cannotFail(predicate)
    ) {
      staged = searched(staged, predicate, Math.floor(Number(next.value)), place, compile)
      at += 1
    } else staged = filter(staged, predicate, place, compile)
  }
  return staged
}

function searched(run: Run, predicate: Node, index: number, place: Place, compile: Compile): Run {
  const { state } = place.unit
  const test = asTest(predicate, place, compile)
  return (input, frame) => nthMatch(state, run(input, frame), test, index, frame)
}

function filter(run: Run, predicate: Node, place: Place, compile: Compile): Run {
  const { state } = place.unit
  if (predicate.type === 'number') {
    const index = Math.floor(Number(predicate.value))
    return (input, frame) => itemAt(run(input, frame), index)
  }
  if (givesBoolean(predicate)) {
    const test = asTest(predicate, place, compile)
    return (input, frame) => filteredByTest(state, run(input, frame), test, frame)
  }
  const choose = compile(predicate, place)
  return (input, frame) => filtered<Frame>(state, run(input, frame), choose, frame)
}

function sortStep(node: Node, place: Place, compile: Compile): Step {
  const { state } = place.unit
  const within = inside(place)
  const terms = (node.terms as { expression: Node; descending?: boolean }[]).map(
    (it): SortTerm<Frame> => ({
      run: compile(it.expression, within),
      descending: it.descending === true,
    }),
  )
  const sort: Run = (input, frame) => ordered(state, input, terms, frame, node.position)
  const sorted = staged(sort, node.stages, within, compile)
  return { run: sorted, sort: sorted }
}
