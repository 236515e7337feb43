import { carriedNumber } from '../core/number.ts'
import type { Json } from '../core/value.ts'
import type { Report } from './report.ts'
import type { Node, ScalarNode } from './yaml/tree.ts'

/** A YAML value as JSON; numbers keep all their digits, as in a source's row. */
export function jsonOf(node: Node, report: Report): Json {
  if (node.kind === 'list') return node.items.map((it) => jsonOf(it, report))
  if (node.kind === 'map')
    return Object.fromEntries(node.entries.map((it) => [it.key, jsonOf(it.value, report)]))
  return typeof node.value === 'number' ? numberOf(node, node.value, report) : node.value
}

function numberOf(node: ScalarNode, value: number, report: Report): Json {
  if (Number.isFinite(value)) return carriedNumber(node.written.text) ?? value
  report.error('E113', node.at, {
    problem: `${node.written.text} is no JSON value.`,
    remedy: `Write it as text: "${node.written.text}".`,
  })
  return null
}
