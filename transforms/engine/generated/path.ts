import type { Node } from '../../ast.ts'
import { inside, isName, isTuple, kept, nameOf, readerOf } from '../closures/path.ts'
import type { Place } from '../closures/unit.ts'
import { addFlat, lastResult, lookup, namesIn, stepOverOne } from '../runtime/path.ts'
import { isList, sequenceOf, unwrapped, unwrappedKeeping } from '../runtime/sequence.ts'
import { tick } from '../runtime/state.ts'
import { emit, type Spot } from './emit.ts'
import { fieldOf, itemsByName, plainOf, readOf, walked } from './names.ts'
import { ANY, type Atom, type Source, type Writer } from './source.ts'
import { staged } from './stages.ts'

export function pathOf(node: Node, spot: Spot, writer: Writer): Atom | undefined {
  const steps = node.steps!
  if (steps.some(isTuple)) return undefined
  const keeps = node.keepSingletonArray === true || node.keepArray === true
  const plain = !keeps && !node.group ? plainPath(steps, spot, writer) : undefined
  if (plain) return plain
  const [head] = steps
  if (node.group || (head as { consarray?: boolean }).consarray || steps.some((it) => it.type === 'sort'))
    return undefined
  const sequence = stepped(steps, spot, writer)
  const finish = keeps ? (value: unknown) => kept(value, node) : unwrapped
  return writer.value(`${writer.ref(finish)}(${sequence.code})`, ANY)
}

/** `a.b.c`, `$x.a.b`, `$$.a` */
function plainPath([head, ...rest]: Node[], spot: Spot, writer: Writer): Atom | undefined {
  if (!rest.every(isName)) return undefined
  const { place } = spot
  const names = rest.map(nameOf)
  const reader = readerOf(head!, place)
  if (reader && rest.length > 0)
    return walked(fieldOf(reader, names[0]!, writer), names.slice(1), place, writer)
  if (isName(head!)) {
    if (place.row) return walked(fieldOf(place.unit.root!, nameOf(head!), writer), names, place, writer)
    return walked(spot.input, [nameOf(head!), ...names], place, writer)
  }
  if (head!.type !== 'variable' || head!.stages || head!.predicate || head!.group || rest.length === 0)
    return undefined
  const start = emit(head!, spot, writer)
  const { state } = place.unit
  // A list written as `[…]` is one value here.
  const whole = (value: unknown): unknown => namesIn(state, sequenceOf(value), names, 0)
  const isWhole = (value: unknown): boolean => isList(value) && value.cons === true
  return walked(start, names, place, writer, { isWhole, whole })
}

/** All steps: the sequence of the path, as `stepped` of the closures gives it. */
function stepped(steps: Node[], spot: Spot, writer: Writer): Atom {
  const value = writer.variable()
  const label = writer.source.fresh('l')
  firstStep(steps, value, spot, writer)
  writer.block(`${label}:`, () => {
    steps.slice(1).forEach((step, at) => {
      const last = at === steps.length - 2
      const place = inside(spot.place)
      const list = writer.ref(isList)
      writer.add(`if (${value} === undefined) break ${label};`)
      const isListHere = `typeof ${value} === 'object' && ${list}(${value})`
      writer.block(`if (${isListHere})`, () => {
        writer.add(
          `if (${value}.length === 0) { if (${value}.cons !== true) ${value} = undefined; break ${label}; }`,
        )
        writer.add(`${value} = ${overItems(step, place, last, writer)}(${value}, ${spot.frame});`)
      })
      writer.block('else', () => {
        const one = isName(step)
          ? nameOfOne(value, nameOf(step), writer)
          : writer.value(`${stepFunction(step, place, writer)}(${value}, ${spot.frame})`, ANY)
        overOne(value, one, last, writer)
      })
    })
  })
  return { code: value, kinds: ANY }
}

function nameOfOne(value: string, name: string, writer: Writer): Atom {
  return writer.value(
    `typeof ${value} === 'object' && ${value} !== null ? ${readOf(value, name, writer)} : undefined`,
    ANY,
  )
}

function overOne(into: string, { code }: Atom, last: boolean, writer: Writer): void {
  writer.add(
    `${into} = typeof ${code} === 'object' ? ${writer.ref(stepOverOne)}(${code}, ${last}) : ${code};`,
  )
}

function firstStep(steps: Node[], into: string, spot: Spot, writer: Writer): void {
  const [node] = steps
  const last = steps.length === 1
  const { place, input, frame } = spot
  if (place.row || node!.type === 'variable') {
    overOne(into, stepCode(node!, spot, writer), last, writer)
    return
  }
  const { code } = input
  if (isName(node!) && !last) {
    const plain = plainOf(input, writer).code
    const read = writer.value(
      `${plain} !== undefined ? ${readOf(plain, nameOf(node!), writer)} : undefined`,
      ANY,
    )
    overOne(into, read, last, writer)
    writer.block(`if (${plain} === undefined && ${writer.ref(isList)}(${code}))`, () =>
      writer.add(`${into} = ${overItems(node!, place, last, writer)}(${code}, ${frame});`),
    )
    return
  }
  writer.block(`if (${writer.ref(isList)}(${code}))`, () =>
    writer.add(`${into} = ${overItems(node!, place, last, writer)}(${code}, ${frame});`),
  )
  writer.block('else', () => {
    const one = writer.value(`${stepFunction(node!, place, writer)}(${code}, ${frame})`, ANY)
    overOne(into, one, last, writer)
  })
}

/** A step as a function of an item; the same for a step that is asked for twice. */
function stepFunction(node: Node, place: Place, { source }: Writer): string {
  const known = stepsOf(source)
  const name = known.get(node)
  if (name !== undefined) return name
  const made = source.define(['input', 'frame'], (inner) =>
    stepCode(node, { place, input: { code: 'input', kinds: ANY }, frame: 'frame' }, inner),
  )
  known.set(node, made)
  return made
}

const stepNames = new WeakMap<Source, Map<Node, string>>()
function stepsOf(source: Source): Map<Node, string> {
  const known = stepNames.get(source) ?? new Map<Node, string>()
  stepNames.set(source, known)
  return known
}

function stepCode(node: Node, spot: Spot, writer: Writer): Atom {
  if (node.type !== 'name') {
    const { stages, ...rest } = node
    return staged(emit(rest as Node, spot, writer), stages, spot, writer)
  }
  const { place, input } = spot
  const { state, root } = place.unit
  const name = nameOf(node)
  if (place.row) {
    const field = fieldOf(root!, name, writer)
    if (isName(node)) return field
    return staged(finish(node, field, writer), node.stages, spot, writer)
  }
  const plain = plainOf(input, writer).code
  const looked = `${writer.ref((value: unknown) => lookup(state, value, name))}(${input.code})`
  const value = writer.value(`${plain} !== undefined ? ${readOf(plain, name, writer)} : ${looked}`, ANY)
  if (isName(node))
    return writer.value(
      `${plain} !== undefined ? ${value.code} : ${writer.ref(unwrapped)}(${value.code})`,
      ANY,
    )
  return staged(finish(node, value, writer), node.stages, spot, writer)
}

function finish(node: Node, { code }: Atom, writer: Writer): Atom {
  const end = writer.ref(node.keepArray ? unwrappedKeeping : unwrapped)
  return writer.value(`typeof ${code} === 'object' ? ${end}(${code}) : ${code}`, ANY)
}

/** The loop of a step over the items of a list, as a function of list and frame. */
function overItems(node: Node, place: Place, last: boolean, writer: Writer): string {
  const { source } = writer
  const { state } = place.unit
  if (isName(node)) return itemsByName(nameOf(node), last, state, source)
  const step = stepFunction(node, place, writer)
  return source.define(['items', 'frame'], (inner) => {
    inner.add('const found = []; let results = 0; let only;')
    inner.block('for (let at = 0; at < items.length; at++)', () => {
      inner.add(`${inner.ref(tick)}(${inner.ref(state)});`)
      inner.add(`const value = ${step}(items[at], frame);`)
      inner.add('if (value === undefined) continue;')
      inner.add('results += 1; only = value;')
      inner.add(`${inner.ref(addFlat)}(${inner.ref(state)}, found, value);`)
    })
    return inner.value(`${inner.ref(lastResult)}(found, results, only, ${last})`, ANY)
  })
}
