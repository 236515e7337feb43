import type { Node } from '../ast.ts'
import { type Paths, union } from './path.ts'
import { controlled, join, type Value } from './value.ts'

/** Variables of a block or a call. */
export interface Frame {
  parent?: Frame
  values: Map<string, Value>
  /** Where each was bound, for those that are never read. */
  bound: Map<string, Node>
  /** What decides whether the code at hand runs at all. */
  under: Paths[]
}

export const newFrame = (parent?: Frame): Frame => ({
  parent,
  values: new Map(),
  bound: new Map(),
  under: [],
})

export function lookup(frame: Frame, name: string, used: Set<Node>): Value | undefined {
  for (let it: Frame | undefined = frame; it; it = it.parent) {
    const value = it.values.get(name)
    if (value === undefined) continue
    const node = it.bound.get(name)
    if (node) used.add(node)
    return value
  }
  return undefined
}

/** Binds in a branch may not happen: what was bound before stays possible, and the condition decides. */
export function bind(frame: Frame, name: string, value: Value, node?: Node): void {
  const before = frame.under.length > 0 ? frame.values.get(name) : undefined
  const decided = controlled(value, union(...frame.under))
  frame.values.set(name, before ? join(before, decided) : decided)
  if (node) frame.bound.set(name, node)
}
