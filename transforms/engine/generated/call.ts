import type { Node } from '../../ast.ts'
import {
  carefulCall,
  endingBuiltin,
  finishOf,
  invocationOf,
  lastCall,
  patternCall,
} from '../closures/call.ts'
import { compile } from '../closures/node.ts'
import { builtinOf } from '../closures/unit.ts'
import type { Builtin } from '../runtime/builtins/index.ts'
import { handedOver, TAIL } from '../runtime/call.ts'
import type { State } from '../runtime/state.ts'
import { emit, type Spot } from './emit.ts'
import { foldOf } from './items.ts'
import { quickCall } from './quick.ts'
import { ANY, type Atom, BOOLEAN, can, MISSING, OBJECT, TEXT, type Writer } from './source.ts'

export function callOf(node: Node, spot: Spot, writer: Writer): Atom | undefined {
  const builtin = builtinOf(node.procedure, spot.place)
  return builtin ? builtinCall(builtin, node, spot, writer) : anyCall(node, spot, writer)
}

function anyCall(node: Node, spot: Spot, writer: Writer): Atom {
  const { place, input, frame } = spot
  const { check, invoke } = invocationOf(node, place, finishOf(node))
  const target = emit(node.procedure!, spot, writer).code
  writer.add(`if (${target} === undefined) ${writer.ref(check)}(${input.code}, ${frame});`)
  const handed = writer.ref(handing(place.unit.state))
  const given = node.arguments!.map((it) => {
    const atom = emit(it, spot, writer)
    return can(atom, OBJECT) ? writer.value(`${handed}(${atom.code})`, ANY).code : atom.code
  })
  return writer.value(`${writer.ref(invoke)}(${target}, [${given.join(', ')}], ${input.code})`, ANY)
}

const handers = new WeakMap<State, (value: unknown) => unknown>()
function handing(state: State): (value: unknown) => unknown {
  const known = handers.get(state) ?? ((value: unknown) => handedOver(state, value))
  handers.set(state, known)
  return known
}

function builtinCall(builtin: Builtin, node: Node, spot: Spot, writer: Writer): Atom {
  const { place, input } = spot
  const { name } = builtin
  const careful = carefulCall(builtin, node, place)
  const pattern = patternCall(name, node.arguments!, place)
  if (pattern) {
    const [text, ...rest] = node.arguments!
    const a = emit(text!, spot, writer).code
    const further = rest.map((it) => compile(it, place))
    const slow = (value: unknown, context: unknown, frame: unknown[]): unknown =>
      careful([value, ...further.map((it) => it(context, frame))], context)
    const quick = `${writer.ref(pattern)}(${a})`
    const otherwise = `${writer.ref(slow)}(${a}, ${input.code}, ${spot.frame})`
    const kinds = (name === 'contains' ? BOOLEAN : TEXT) | MISSING
    return writer.value(`typeof ${a} === 'string' ? ${quick} : ${otherwise}`, kinds)
  }
  const fold = node.predicate || node.group || node.keepArray ? undefined : foldOf(name, node, spot, writer)
  if (fold) return fold
  const given = node.arguments!.map((it) => emit(it, spot, writer))
  const slow = `${writer.ref(careful)}([${given.map((it) => it.code).join(', ')}], ${input.code})`
  const quick = quickCall(name, given, spot, writer)
  if (quick === undefined) return writer.value(slow, ANY)
  const { when, code, kinds, missing } = quick
  if (when === 'true') return writer.value(code, kinds)
  const first = given[0]!
  // A missing argument gives missing, where the context does not stand in for it.
  const none = missing && can(first, MISSING) ? `${first.code} === undefined ? undefined : ` : ''
  return writer.value(`${when} ? ${code} : ${none}${slow}`, kinds | MISSING)
}

/** The last call of a lambda: made by the loop of its caller. */
export function lastCallOf(node: Node, spot: Spot, writer: Writer): Atom {
  const { place } = spot
  const { state } = place.unit
  const builtin = endingBuiltin(node, place)
  const target = builtin ? '' : emit(node.procedure!, spot, writer).code
  const given = node.arguments!.map((it) => emit(it, spot, writer).code)
  if (builtin)
    return writer.value(`${writer.ref(lastCall(builtin, node, place))}([${given.join(', ')}])`, ANY)
  const known = writer.ref(state)
  writer.add(`${known}.tailFunction = ${target}; ${known}.tailArguments = [${given.join(', ')}];`)
  return { code: writer.ref(TAIL), kinds: ANY }
}
