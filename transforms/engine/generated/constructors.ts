import type { Node } from '../../ast.ts'
import { literalNames } from '../closures/constructors.ts'
import { compile } from '../closures/node.ts'
import { isList, type List } from '../runtime/sequence.ts'
import { checkSize, type State } from '../runtime/state.ts'
import { emit, type Spot } from './emit.ts'
import {
  ANY,
  type Atom,
  can,
  isOnly,
  LIST,
  MISSING,
  NULL,
  OBJECT,
  textLiteral,
  type Writer,
} from './source.ts'

/** `{…}` whose names are literals, of one item. */
export function objectOf(pairs: [Node, Node][], node: Node, spot: Spot, writer: Writer): Atom | undefined {
  const names = literalNames(pairs)
  if (names === undefined) return undefined
  if (spot.place.row || !can(spot.input, LIST)) return plainObject(names, pairs, spot, writer)
  const result = writer.variable()
  const { code } = spot.input
  const general = writer.ref(compile({ ...node, predicate: undefined, group: undefined }, spot.place))
  writer.block(`if (typeof ${code} === 'object' && ${writer.ref(isList)}(${code}))`, () =>
    writer.add(`${result} = ${general}(${code}, ${spot.frame});`),
  )
  writer.block('else', () => {
    const one: Spot = { ...spot, input: { code, kinds: spot.input.kinds & ~LIST } }
    writer.add(`${result} = ${plainObject(names, pairs, one, writer).code};`)
  })
  return { code: result, kinds: OBJECT }
}

function plainObject(names: string[], pairs: [Node, Node][], spot: Spot, writer: Writer): Atom {
  const object = writer.value('{}', OBJECT)
  pairs.forEach(([, value], at) => {
    const atom = emit(value, spot, writer)
    const there = can(atom, MISSING) ? `if (${atom.code} !== undefined) ` : ''
    writer.add(`${there}${object.code}[${textLiteral(names[at]!)}] = ${atom.code};`)
  })
  return object
}

/** `[…]` */
export function listOf(node: Node, spot: Spot, writer: Writer): Atom | undefined {
  if ((node as { consarray?: boolean }).consarray) return undefined
  const { state } = spot.place.unit
  const list = writer.value('[]', LIST)
  const add = writer.ref(adderOf(state))
  for (const it of node.expressions!) {
    const atom = emit(it, spot, writer)
    const there = can(atom, MISSING) ? `if (${atom.code} !== undefined) ` : ''
    if (it.value === '[' || isOnly(atom, ANY & ~LIST & ~OBJECT & ~NULL))
      writer.add(`${there}${list.code}.push(${atom.code});`)
    else writer.add(`${there}${add}(${list.code}, ${atom.code});`)
  }
  writer.add(`${writer.ref(checkSize)}(${writer.ref(state)}, ${list.code}.length);`)
  return list
}

const adders = new WeakMap<State, (list: List, value: unknown) => void>()

/** Adds an item of `[…]`; a list is flattened once. */
function adderOf(state: State): (list: List, value: unknown) => void {
  const known = adders.get(state)
  if (known) return known
  const add = (list: List, value: unknown): void => {
    if (!isList(value)) list.push(value)
    else for (let inner = 0; inner < value.length; inner++) list.push(value[inner])
    checkSize(state, list.length)
  }
  adders.set(state, add)
  return add
}
