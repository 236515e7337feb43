import type { Node } from '../ast.ts'
import type { Signature } from './runtime/stock.ts'

/** Patterns and signatures of a tree by the position of their token, of which a text has one at a place. */
export interface Repairable {
  patterns: Map<number, RegExp>
  signatures: Map<number, Signature>
}

/**
 * The parser copies what stands left of `?:` and `??` through JSON, where regular expressions and signatures are lost.
 * The original is in the tree as well, with the same position: it is the value where it exists.
 */
export function repairable(ast: Node): Repairable {
  const found: Repairable = { patterns: new Map(), signatures: new Map() }
  everyNode(ast, (node) => {
    if (node.position === undefined) return
    if (node.type === 'regex' && node.value instanceof RegExp) found.patterns.set(node.position, node.value)
    if (typeof node.signature?.validate === 'function')
      found.signatures.set(node.position, node.signature as Signature)
  })
  return found
}

/** Gives the copies back what they lost. @returns nothing: the tree is changed in place */
export function repair(ast: Node): void {
  const { patterns, signatures } = repairable(ast)
  everyNode(ast, (node) => {
    const at = node.position ?? -1
    if (node.type === 'regex' && !(node.value instanceof RegExp)) node.value = patterns.get(at) ?? node.value
    if (node.signature && typeof node.signature.validate !== 'function')
      node.signature = signatures.get(at) ?? node.signature
  })
}

function everyNode(value: unknown, visit: (node: Node) => void): void {
  if (value === null || typeof value !== 'object') return
  if (Array.isArray(value)) {
    for (const it of value) everyNode(it, visit)
    return
  }
  const node = value as Node
  if (typeof node.type === 'string') visit(node)
  for (const key of Object.keys(node)) {
    if (key !== 'signature' && key !== 'value')
      everyNode((node as unknown as Record<string, unknown>)[key], visit)
  }
}
