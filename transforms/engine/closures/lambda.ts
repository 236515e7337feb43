import type { Node } from '../../ast.ts'
import { Refused } from '../refused.ts'
import { type Callable, callable } from '../runtime/call.ts'
import { ROW } from '../runtime/state.ts'
import type { Signature } from '../runtime/stock.ts'
import type { Compile } from './operators.ts'
import { type Frame, type Place, type Run, Scope, UNSET } from './unit.ts'

/** `function($a, $b){ … }` */
export function lambda(node: Node, place: Place, compile: Compile): Run {
  const scope = scopeOf(node, place)
  const body = compile(node.body!, { ...place, scope })
  const make = maker(node, place, scope)
  return (input, frame) => make(body, input, frame)
}

export function scopeOf(node: Node, place: Place): Scope {
  checkTail(node.body!)
  return new Scope(place.scope, parametersOf(node), boundIn([node.body!]))
}

const parametersOf = (node: Node): string[] => node.arguments!.map((it) => String(it.value))

/** Makes the function of a lambda, where it is met, of its compiled body. */
export function maker(
  node: Node,
  place: Place,
  scope: Scope,
): (body: Run, input: unknown, frame: Frame) => Callable {
  const slots = parametersOf(node).map((it) => scope.slots.get(it)!.at)
  const signature = signatureOf(node, place)
  const size = scope.slots.size
  const parameters = slots.length
  return (body, input, frame) =>
    callable(
      parameters,
      (given) => {
        const own: unknown[] = [frame]
        for (let at = 0; at < size; at++) own.push(UNSET)
        for (let at = 0; at < parameters; at++) own[slots[at]!] = given[at]
        return body(input, own)
      },
      signature,
      place.row ? ROW : input,
    )
}

function signatureOf(node: Node, { unit }: Place): Signature | undefined {
  if (node.signature === undefined) return undefined
  if (typeof node.signature.validate === 'function') return node.signature as Signature
  const intact = unit.signatures.get(node.position ?? -1)
  if (intact === undefined) throw new Refused('the signature was lost by the parser', node)
  return intact
}

/** A predicate behind a last call would see the call that is not made yet, as it does in JSONata itself. */
function checkTail(body: Node): void {
  const ends =
    body.type === 'condition'
      ? [body.then, body.else]
      : body.type === 'block'
        ? [body.expressions!.at(-1)]
        : []
  for (const end of ends) {
    if (end === undefined) continue
    if ((body.predicate || body.group) && holdsTail(end))
      throw new Refused('a predicate or group behind the last call of a function', body)
    checkTail(end)
  }
}

function holdsTail(node: Node): boolean {
  if (node.type === 'lambda') return node.thunk === true
  if (node.type === 'condition') return [node.then, node.else].some((it) => it && holdsTail(it))
  return node.type === 'block' && node.expressions!.length > 0 && holdsTail(node.expressions!.at(-1)!)
}

/** Names that are bound in the scope of these nodes: not in a block or a lambda within. */
export function boundIn(nodes: readonly Node[]): Set<string> {
  const names = new Set<string>()
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return
    if (Array.isArray(node)) {
      for (const it of node) visit(it)
      return
    }
    const it = node as Node
    if (it.type === 'block' || (it.type === 'lambda' && !it.thunk)) return
    if (it.type === 'bind') names.add(String((it.lhs as Node).value))
    for (const key of Object.keys(it))
      if (key !== 'signature') visit((it as unknown as Record<string, unknown>)[key])
  }
  for (const it of nodes) visit(it)
  return names
}
