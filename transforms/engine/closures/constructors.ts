import type { Node } from '../../ast.ts'
import { Refused } from '../refused.ts'
import { grouped, isReserved, type Pair } from '../runtime/group.ts'
import { asSequence, isList, type List } from '../runtime/sequence.ts'
import { checkSize } from '../runtime/state.ts'
import type { Fields } from '../runtime/value.ts'
import { boundIn } from './lambda.ts'
import type { Compile } from './operators.ts'
import type { Frame, Place, Run } from './unit.ts'

/** `[…]`: lists in it are flattened once, but those that are written as `[…]`. */
export function arrayOf(node: Node, place: Place, compile: Compile): Run {
  const { state } = place.unit
  const items = node.expressions!.map((it) => ({ run: compile(it, place), whole: it.value === '[' }))
  refuseBinds(node.expressions!, node)
  const cons = (node as { consarray?: boolean }).consarray === true
  return (input, frame) => {
    const list: List = []
    for (let at = 0; at < items.length; at++) {
      const { run, whole } = items[at]!
      const value = run(input, frame)
      if (value === undefined) continue
      if (whole || !isList(value)) list.push(value)
      else for (let inner = 0; inner < value.length; inner++) list.push(value[inner])
      checkSize(state, list.length)
    }
    if (cons) Object.defineProperty(list, 'cons', { value: true })
    return list
  }
}

/** `{…}`, of the context or of what stands before it. */
export function objectOf(
  pairs: [Node, Node][],
  position: number | undefined,
  place: Place,
  compile: Compile,
): Run {
  const { state } = place.unit
  refuseBinds(
    pairs.map(([, value]) => value),
    pairs[0]?.[0] ?? { type: 'unary' },
  )
  const names = literalNames(pairs)
  const values = pairs.map(([, value]) => compile(value, place))
  const keys = pairs.map(([key]) => compile(key, place))
  const group: Pair<Frame>[] = keys.map((key, at) => ({ key, value: values[at]! }))
  const general: Run = (input, frame) => grouped(state, input, group, frame, position)
  if (names === undefined)
    return place.row ? (input, frame) => grouped(state, input, group, frame, position) : general
  const plain = plainObject(names, values)
  if (place.row) return plain
  return (input, frame) => {
    if (typeof input !== 'object' || !isList(input)) return plain(input, frame)
    return input.length > 1 ? general(input, frame) : plain(input[0], frame)
  }
}

/** JSONata evaluates the entries side by side: whether one sees a variable of another hangs on their depth. */
function refuseBinds(entries: Node[], at: Node): void {
  if (entries.length > 1 && boundIn(entries).size > 0)
    throw new Refused('a variable bound in an entry of a list or an object', at)
}

function plainObject(names: string[], values: Run[]): Run {
  const size = names.length
  return (input, frame) => {
    const object: Fields = {}
    for (let at = 0; at < size; at++) {
      const value = values[at]!(input, frame)
      if (value !== undefined) object[names[at]!] = value
    }
    return object
  }
}

/** The names of an object whose every name is a literal that needs no care. */
export function literalNames(pairs: [Node, Node][]): string[] | undefined {
  const names = pairs.map(([key]) => key)
  if (!names.every((it) => it.type === 'string' && !it.predicate && !it.group)) return undefined
  const texts = names.map((it) => String(it.value))
  const isCareless = texts.every((it) => it !== '__proto__' && !isReserved(it))
  return isCareless && new Set(texts).size === texts.length ? texts : undefined
}

/** The input of a group: what is no list is one item. */
export const groupInput = (value: unknown): unknown => (value === undefined ? asSequence([]) : value)
