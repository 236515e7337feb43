import type { Node } from '../../ast.ts'
import type { RowReader } from '../options.ts'
import { type Builtin, builtinValue } from '../runtime/builtins/index.ts'
import type { Callable } from '../runtime/call.ts'
import type { Regex } from '../runtime/regex/matcher.ts'
import type { State } from '../runtime/state.ts'
import type { Signature } from '../runtime/stock.ts'

/** Variables of one block or call: `[parent, value, …]`. */
export type Frame = unknown[]
export type Run = (input: unknown, frame: Frame) => unknown
export type Test = (input: unknown, frame: Frame) => boolean

/** In a slot whose variable is not bound yet: the name then means what it means outside. */
export const UNSET = Symbol('unset')

/** What all closures of one expression share. */
export interface Unit {
  state: State
  root: RowReader | undefined
  readers: ReadonlyMap<string, RowReader>
  functions: ReadonlyMap<string, Callable>
  bindings: ReadonlySet<string>
  regex(pattern: RegExp): Regex
  /** Lists copied into another node by the parser lose these; by the position of their token. */
  patterns: ReadonlyMap<number, RegExp>
  signatures: ReadonlyMap<number, Signature>
  builtins: ReadonlyMap<string, Builtin>
  /** One value for each built-in that is named. */
  builtinValues: Map<string, Callable>
}

/** Where a node stands: its variables, and whether its context is the row that a reader gives. */
export interface Place {
  unit: Unit
  scope: Scope
  row: boolean
}

interface Slot {
  at: number
  /** Always bound: a parameter. */
  sure: boolean
}

/** The variables that a block or a lambda can bind. */
export class Scope {
  readonly parent: Scope | undefined
  readonly slots = new Map<string, Slot>()

  constructor(parent: Scope | undefined, parameters: readonly string[], bound: Iterable<string>) {
    this.parent = parent
    for (const it of parameters) if (!this.slots.has(it)) this.add(it, true)
    for (const it of bound) if (!this.slots.has(it)) this.add(it, false)
  }

  private add(name: string, sure: boolean): void {
    this.slots.set(name, { at: this.slots.size + 1, sure })
  }

  /** A new frame for this scope. */
  frame(parent: Frame | undefined): Frame {
    const frame: Frame = [parent]
    for (let at = 0; at < this.slots.size; at++) frame.push(UNSET)
    return frame
  }
}

/** Where a name can be bound: frames to go up, and the slot there; nearest first. */
export function* slotsOf(name: string, from: Scope): Generator<{ up: number; at: number; sure: boolean }> {
  let up = 0
  for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
    const slot = scope.slots.get(name)
    if (slot) yield { up, ...slot }
    if (slot?.sure) return
    up += 1
  }
}

/** The built-in that a called node names, where nothing else can be meant. */
export function builtinOf(node: Node | undefined, place: Place): Builtin | undefined {
  if (node?.type !== 'variable' || node.predicate || node.group) return undefined
  const name = String(node.value)
  return isFree(name, place) ? place.unit.builtins.get(name) : undefined
}

export function isFree(name: string, { scope, unit }: Place): boolean {
  if (unit.bindings.has(name) || unit.readers.has(name) || unit.functions.has(name)) return false
  return slotsOf(name, scope).next().done === true
}

export function builtinFunction(unit: Unit, name: string): Callable | undefined {
  const builtin = unit.builtins.get(name)
  if (builtin === undefined) return undefined
  const known = unit.builtinValues.get(name) ?? builtinValue(unit.state, builtin)
  unit.builtinValues.set(name, known)
  return known
}
