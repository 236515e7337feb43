import type { Node } from '../../ast.ts'
import { cannotFail, givesBoolean } from '../closures/operators.ts'
import { inside, isTuple } from '../closures/path.ts'
import type { Place } from '../closures/unit.ts'
import { itemAt, timesKept } from '../runtime/path.ts'
import { asSequence, isList, type List, sequenceOf, unwrapped } from '../runtime/sequence.ts'
import { checkSize, tick } from '../runtime/state.ts'
import { bare, functionOf, type Spot } from './emit.ts'
import { test } from './operators.ts'
import { ANY, type Atom, type Writer } from './source.ts'

/** A node that has predicates. */
export function predicated(node: Node, spot: Spot, writer: Writer): Atom | undefined {
  if (node.group || node.keepArray || (node.type === 'path' && node.steps!.some(isTuple))) return undefined
  const value = staged(bare(node, spot, writer), node.predicate, spot, writer)
  return writer.value(`${writer.ref(unwrapped)}(${value.code})`, ANY)
}

const empty = (): List => asSequence([])
const one = (value: unknown): unknown => (value === undefined ? empty() : value)
const oneOrSequence = (value: unknown): unknown => (value === undefined ? sequenceOf(undefined) : value)

/** Predicates behind one another; two that mean "the first that" are one search. */
export function staged(start: Atom, stages: Node['stages'], spot: Spot, writer: Writer): Atom {
  let value = start
  const list = stages ?? []
  for (let at = 0; at < list.length; at++) {
    const predicate = list[at]!.expr!
    const next = list[at + 1]?.expr
    const isSearch =
      next?.type === 'number' && Number(next.value) >= 0 && givesBoolean(predicate) && cannotFail(predicate)
    if (isSearch) {
      value = search(value, predicate, Math.floor(Number(next.value)), spot, writer)
      at += 1
    } else value = filter(value, predicate, spot, writer)
  }
  return value
}

const testFunction = (predicate: Node, place: Place, { source }: Writer): string =>
  source.define(['input', 'frame'], (inner) => ({
    code: test(predicate, { place, input: { code: 'input', kinds: ANY }, frame: 'frame' }, inner),
    kinds: ANY,
  }))

function search(
  { code }: Atom,
  predicate: Node,
  index: number,
  { place, frame }: Spot,
  writer: Writer,
): Atom {
  const passes = testFunction(predicate, inside(place), writer)
  const { state } = place.unit
  const list = writer.value(`${writer.ref(isList)}(${code}) ? ${code} : [${code}]`, ANY).code
  const found = writer.variable()
  const item = writer.source.fresh('v')
  const left = writer.variable()
  writer.add(`${found} = undefined; ${left} = ${index};`)
  writer.block(`for (let at = 0; at < ${list}.length; at++)`, () => {
    writer.add(`${writer.ref(tick)}(${writer.ref(state)});`)
    writer.add(`const ${item} = ${list}[at];`)
    writer.add(`if (${passes}(${item}, ${frame}) && ${left}-- === 0) { ${found} = ${item}; break; }`)
  })
  return writer.value(`${writer.ref(one)}(${found})`, ANY)
}

function filter({ code }: Atom, predicate: Node, { place, frame }: Spot, writer: Writer): Atom {
  const { state } = place.unit
  if (predicate.type === 'number') {
    const index = Math.floor(Number(predicate.value))
    return writer.value(`${writer.ref((value: unknown) => itemAt(value, index))}(${code})`, ANY)
  }
  const isTest = givesBoolean(predicate)
  const within = inside(place)
  const answer = isTest ? testFunction(predicate, within, writer) : functionOf(predicate, within, writer)
  const result = writer.variable()
  const list = writer.source.fresh('v')
  const loop = (): void => {
    writer.add(`${result} = [];`)
    writer.block(`for (let at = 0; at < ${list}.length; at++)`, () => {
      writer.add(`${writer.ref(tick)}(${writer.ref(state)});`)
      writer.add(`const item = ${list}[at];`)
      if (isTest) writer.add(`if (${answer}(item, ${frame})) ${result}.push(item);`)
      else choose(answer, list, result, frame, writer)
    })
    if (!isTest) writer.add(`${writer.ref(checkSize)}(${writer.ref(state)}, ${result}.length);`)
    writer.add(`${writer.ref(asSequence)}(${result});`)
  }
  const isOne = `!${writer.ref(isList)}(${code})`
  if (!isTest) {
    writer.block('', () => {
      writer.add(`const ${list} = ${isOne} ? [${code}] : ${code};`)
      loop()
    })
    return { code: result, kinds: ANY }
  }
  writer.block(`if (${isOne})`, () =>
    writer.add(
      `${result} = ${answer}(${code}, ${frame}) ? ${writer.ref(oneOrSequence)}(${code}) : ${writer.ref(empty)}();`,
    ),
  )
  writer.block('else', () => {
    writer.add(`const ${list} = ${code};`)
    loop()
  })
  return { code: result, kinds: ANY }
}

function choose(answer: string, list: string, result: string, frame: string, writer: Writer): void {
  writer.add(`const answer = ${answer}(item, ${frame});`)
  writer.add(`if (answer === true) ${result}.push(item);`)
  writer.add(
    `else if (answer !== false && answer !== undefined) for (let left = ${writer.ref(timesKept)}(answer, at, ${list}.length); left > 0; left--) ${result}.push(item);`,
  )
}
