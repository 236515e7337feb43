import type { Node } from '../../ast.ts'
import { maker, scopeOf } from '../closures/lambda.ts'
import { functionOf, type Spot } from './emit.ts'
import { type Atom, OBJECT, type Writer } from './source.ts'

export function lambdaOf(node: Node, { place, input, frame }: Spot, writer: Writer): Atom {
  const scope = scopeOf(node, place)
  const make = writer.ref(maker(node, place, scope))
  const body = functionOf(node.body!, { ...place, scope }, writer)
  return writer.value(`${make}(${body}, ${input.code}, ${frame})`, OBJECT)
}
