import type { MappingInput } from '../core/mapping.ts'
import { shorten } from '../core/row-id.ts'
import { dottedPath, isCallOf, type Node } from './ast.ts'
import { withoutNulls } from './plain.ts'
import { referredId } from './reference.ts'
import { findReference, keyItems, selfSuffix } from './reference-check.ts'
import type { Reporter } from './report.ts'
import { fieldValue, type Runtime, slotOf } from './runtime.ts'

/** A path met a list: only the interpreter knows what that gives. */
export const FALLBACK = Symbol('fallback')

export interface TrivialInput {
  mapping: MappingInput
  runtime: Runtime
  start: 'row' | 'item'
  report: Reporter
}

/**
 * Expressions that need no interpreter: a literal, a field, `a.b.c`, and `$ref` and `$self` over those.
 * @returns undefined for any other
 */
export function trivialRun(node: Node, input: TrivialInput): (() => unknown) | undefined {
  if (node.predicate || node.group) return undefined
  if (node.type === 'string' || node.type === 'number' || node.type === 'value') return literalRun(node)
  if (isCallOf(node, 'ref')) return refRun(node, input)
  if (isCallOf(node, 'self')) return selfRun(node, input)
  if (node.type === 'variable' && node.value === '' && input.start === 'item') return () => input.runtime.item
  return pathRun(node, input)
}

function literalRun(node: Node): () => unknown {
  const value = node.value === null ? undefined : node.value
  return () => value
}

function refRun(call: Node, input: TrivialInput): (() => unknown) | undefined {
  const keys = call.arguments![1] && keyItems(call.arguments![1]).map((it) => trivialRun(it, input))
  const reference = keys?.every((it) => it !== undefined) && findReference(call, input.mapping, input.report)
  if (!reference) return undefined
  return () => {
    const given = keys!.map((run) => run!())
    return given.includes(FALLBACK) ? FALLBACK : referredId(reference, given)
  }
}

function selfRun(call: Node, { mapping, runtime, report }: TrivialInput): (() => unknown) | undefined {
  const suffix = selfSuffix(call, mapping, report)
  return suffix === undefined ? undefined : () => shorten(runtime.prefix + runtime.key + suffix)
}

function pathRun(node: Node, { runtime, start }: TrivialInput): (() => unknown) | undefined {
  const path = fieldPath(node, start)
  if (path === undefined) return undefined
  const { names } = path
  if (path.of === 'item') return () => walk(runtime.item, names)
  const slot = slotOf(runtime, names[0]!)
  if (names.length === 1) return () => fieldValue(runtime, slot)
  const rest = names.slice(1)
  return () => {
    const value = walk(runtime.sources[slot]?.[runtime.row], rest)
    return typeof value === 'object' ? withoutNulls(value) : value
  }
}

/** `a.b.c` of the row or the item, also written `$.a`, `$$.a` and `$row.a`. */
export function fieldPath(
  node: Node,
  start: 'row' | 'item',
): { of: 'row' | 'item'; names: string[] } | undefined {
  const path = dottedPath(node)
  if (path === undefined) return undefined
  const { head, names } = path
  if (head.type === 'name') return { of: start, names: [String(head.value), ...names] }
  if (names.length === 0 || !['', '$', 'row'].includes(String(head.value))) return undefined
  return { of: head.value === 'row' ? 'row' : start, names }
}

function walk(from: unknown, names: string[]): unknown {
  let value = from
  for (const name of names) {
    if (value === null || typeof value !== 'object') return undefined
    if (Array.isArray(value)) return FALLBACK
    if (!Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value === null ? undefined : value
}
