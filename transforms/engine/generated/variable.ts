import type { Node } from '../../ast.ts'
import { slotsOf, UNSET } from '../closures/unit.ts'
import { above, variable } from '../closures/variable.ts'
import { finished, type Spot } from './emit.ts'
import { ANY, type Atom, type Writer } from './source.ts'

/** A variable that a block or a parameter binds; any other is read by its closure. */
export function variableOf(node: Node, spot: Spot, writer: Writer): Atom | undefined {
  const name = String(node.value)
  const [slot, ...further] = name === '' ? [] : [...slotsOf(name, spot.place.scope)]
  if (slot === undefined) {
    const read = `${writer.ref(variable(node, spot.place))}(${spot.input.code}, ${spot.frame})`
    return finished(node, writer.value(read, ANY), writer)
  }
  if (slot.sure || further.length === 0) {
    const frame = slot.up === 0 ? spot.frame : `${writer.ref(above)}(${spot.frame}, ${slot.up})`
    const value = writer.value(`${frame}[${slot.at}]`, ANY)
    if (slot.sure) return finished(node, value, writer)
    const outer = writer.ref(variable({ type: 'variable', value: name }, spot.place))
    const unset = writer.ref(UNSET)
    // The closure looks again, finds it unset and goes on outside.
    const bound = `${value.code} === ${unset} ? ${outer}(${spot.input.code}, ${spot.frame}) : ${value.code}`
    return finished(node, writer.value(bound, ANY), writer)
  }
  return undefined
}
