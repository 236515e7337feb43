import type { Node } from '../../ast.ts'
import { finishOf } from '../closures/call.ts'
import { boundIn } from '../closures/lambda.ts'
import { compile, compileBare } from '../closures/node.ts'
import type { Place } from '../closures/unit.ts'
import { Scope, slotsOf, UNSET } from '../closures/unit.ts'
import { above } from '../closures/variable.ts'
import { callOf, lastCallOf } from './call.ts'
import { listOf, objectOf } from './constructors.ts'
import { lambdaOf } from './lambda.ts'
import { operation, test } from './operators.ts'
import { pathOf } from './path.ts'
import {
  ANY,
  type Atom,
  BOOLEAN,
  can,
  LIST,
  MISSING,
  NOTHING,
  NULL,
  NUMBER,
  numberLiteral,
  TEXT,
  textLiteral,
  type Writer,
} from './source.ts'
import { predicated } from './stages.ts'
import { variableOf } from './variable.ts'

/** Where code is written: the place of its node, and the names of context and frame. */
export interface Spot {
  place: Place
  input: Atom
  frame: string
}

/** Lines of one function beyond which its parts become functions of their own: V8 optimises no giant. */
const LONG = 350

type Emit = (node: Node, spot: Spot, writer: Writer) => Atom | undefined

/** Writes a node; what it gives is what its closure gives. What is not covered here is a call of that closure. */
export function emit(node: Node, spot: Spot, writer: Writer): Atom {
  if (writer.lines.length > LONG && !isSmall(node)) return outlined(node, spot, writer)
  if (node.predicate || (node.group && node.type !== 'path'))
    return predicated(node, spot, writer) ?? closureOf(node, spot, writer)
  return bare(node, spot, writer)
}

/** A node but for its predicates and its group. */
export function bare(node: Node, spot: Spot, writer: Writer): Atom {
  const atom = byType[node.type]?.(node, spot, writer)
  if (atom) return atom
  const closure = writer.ref(compileBare(node, spot.place))
  return writer.value(`${closure}(${spot.input.code}, ${spot.frame})`, ANY)
}

const isSmall = (node: Node): boolean => ['string', 'number', 'value', 'variable'].includes(node.type)

function outlined(node: Node, spot: Spot, writer: Writer): Atom {
  const name = functionOf(node, spot.place, writer)
  return writer.value(`${name}(${spot.input.code}, ${spot.frame})`, ANY)
}

/** A node as a function of context and frame. */
export const functionOf = (node: Node, place: Place, { source }: Writer): string =>
  source.define(['input', 'frame'], (inner) =>
    emit(node, { place, input: { code: 'input', kinds: ANY }, frame: 'frame' }, inner),
  )

function closureOf(node: Node, { place, input, frame }: Spot, writer: Writer): Atom {
  return writer.value(`${writer.ref(compile(node, place))}(${input.code}, ${frame})`, ANY)
}

const byType: Record<string, Emit> = {
  string: ({ value }) => ({ code: textLiteral(String(value)), kinds: TEXT }),
  number: ({ value }) =>
    typeof value === 'number' && Number.isFinite(value)
      ? { code: numberLiteral(value), kinds: NUMBER }
      : undefined,
  value: ({ value }) => {
    if (typeof value === 'boolean') return { code: String(value), kinds: BOOLEAN }
    return value === null ? { code: 'null', kinds: NULL } : undefined
  },
  name: (node, spot, writer) => pathOf({ type: 'path', steps: [node] }, spot, writer),
  path: pathOf,
  binary: operation,
  unary: (node, spot, writer) => {
    if (node.value === '[') return listOf(node, spot, writer)
    if (node.value === '-') return undefined
    return objectOf(node.lhs as [Node, Node][], node, spot, writer)
  },
  condition,
  block,
  bind,
  function: callOf,
  variable: variableOf,
  lambda: (node, spot, writer) =>
    node.thunk ? lastCallOf(node.body!, spot, writer) : lambdaOf(node, spot, writer),
}

/** What becomes of a sequence that a node gives. */
export function finished(node: Node, atom: Atom, writer: Writer): Atom {
  if (!can(atom, LIST) || node.predicate || node.group) return atom
  return writer.value(`${writer.ref(finishOf(node))}(${atom.code})`, ANY)
}

function condition(node: Node, spot: Spot, writer: Writer): Atom {
  const answer = test(node.condition!, spot, writer)
  const result = writer.variable()
  let kinds = 0
  const branch = (of: Node | undefined) => () => {
    const atom = of ? emit(of, spot, writer) : NOTHING
    kinds |= atom.kinds
    if (atom !== NOTHING) writer.add(`${result} = ${atom.code};`)
  }
  writer.block(`if (${answer})`, branch(node.then))
  if (node.else) writer.block('else', branch(node.else))
  else kinds |= MISSING
  return finished(node, { code: result, kinds }, writer)
}

function block(node: Node, spot: Spot, writer: Writer): Atom {
  const names = boundIn(node.expressions!)
  if (node.expressions!.length === 0) return NOTHING
  let inner = spot
  if (names.size > 0) {
    const scope = new Scope(spot.place.scope, [], names)
    const unset = writer.ref(UNSET)
    const slots = Array.from(scope.slots, () => unset)
    const frame = writer.value(`[${[spot.frame, ...slots].join(', ')}]`, LIST)
    inner = { ...spot, place: { ...spot.place, scope }, frame: frame.code }
  }
  let last = NOTHING
  for (const it of node.expressions!) last = emit(it, inner, writer)
  return finished(node, last, writer)
}

function bind(node: Node, spot: Spot, writer: Writer): Atom {
  const value = emit(node.rhs!, spot, writer)
  const { up, at } = slotsOf(String((node.lhs as Node).value), spot.place.scope).next().value!
  const frame = up === 0 ? spot.frame : `${writer.ref(above)}(${spot.frame}, ${up})`
  writer.add(`${frame}[${at}] = ${value.code};`)
  return finished(node, value, writer)
}
