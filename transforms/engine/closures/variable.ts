import type { Node } from '../../ast.ts'
import { Refused } from '../refused.ts'
import type { List } from '../runtime/sequence.ts'
import { ownField } from '../runtime/value.ts'
import { builtinFunction, type Frame, type Place, type Run, slotsOf, UNSET, type Unit } from './unit.ts'

/** The value of a variable; a sequence in it is not unwrapped yet. */
export function variable(node: Node, place: Place): Run {
  const name = String(node.value)
  if (name === '') return context(place)
  return bound([...slotsOf(name, place.scope)], outside(name, node, place.unit))
}

function context({ row, unit }: Place): Run {
  if (row) return () => unit.root!.whole()
  return (input) => {
    if (typeof input !== 'object' || !Array.isArray(input)) return input
    return (input as List).outerWrapper ? input[0] : input
  }
}

function bound(slots: { up: number; at: number; sure: boolean }[], otherwise: Run): Run {
  const [slot, ...further] = slots
  if (slot === undefined) return otherwise
  const { at, up } = slot
  if (slot.sure) {
    if (up === 0) return (_, frame) => frame[at]
    if (up === 1) return (_, frame) => (frame[0] as Frame)[at]
    return (_, frame) => above(frame, up)[at]
  }
  const next = bound(further, otherwise)
  return (input, frame) => {
    const value = above(frame, up)[at]
    return value === UNSET ? next(input, frame) : value
  }
}

export function above(frame: Frame, up: number): Frame {
  let it = frame
  for (let left = up; left > 0; left--) it = it[0] as Frame
  return it
}

/** What a name means that no block binds. */
function outside(name: string, node: Node, unit: Unit): Run {
  const { state } = unit
  const reader = name === '$' ? unit.root : unit.readers.get(name)
  if (reader !== undefined) return () => reader.whole()
  if (name === '$') return () => state.root
  if (unit.bindings.has(name)) return () => ownField(state.bindings ?? {}, name)
  const host = unit.functions.get(name)
  if (host !== undefined) return () => host
  if (name === 'eval') throw new Refused('$eval evaluates a text', node)
  const builtin = builtinFunction(unit, name)
  return () => builtin
}

/** Does a name mean anything here? JSONata then says "did you mean $name". */
export const isKnownName = (name: string, place: Place): Run =>
  variable({ type: 'variable', value: name }, place)
