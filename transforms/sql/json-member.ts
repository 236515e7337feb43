import type { JsonPath } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import type { SayContext } from './say.ts'

/** A place in a column of JSON that can be read. */
export interface JsonMember {
  column: string
  path: JsonPath
}

/** Every place before it is looked at. */
const LAST_PLACE = 3

/** `data`, `data.a.b`, `data.lines[0].sku`, `$row.data.a` and such; undefined for any other expression. */
export function jsonMember(node: Node, { columns, item, lookups }: SayContext): JsonMember | undefined {
  if (node.type !== 'path' || node.group || node.keepSingletonArray) return undefined
  const [head, ...rest] = node.steps!
  if (!head || rest.some((it) => it.type !== 'name')) return undefined
  const ofRow =
    head.type === 'variable' && (head.value === 'row' || (!item && ['', '$'].includes(String(head.value))))
  if (ofRow ? !isBare(head) : item || head.type !== 'name') return undefined
  const steps = (ofRow ? rest : node.steps!).map(stepOf)
  if (steps.includes(undefined)) return undefined
  const [name, ...path] = (steps as JsonPath[]).flat()
  const column = !ofRow && lookups?.has(String(name)) ? undefined : columns.get(String(name))
  return column?.json ? { column: column.name, path } : undefined
}

const isBare = (step: Node): boolean =>
  !step.predicate && !step.group && !step.tuple && !step.keepArray && !step.stages

/** A name, with a place in its list or without. */
function stepOf(step: Node): JsonPath | undefined {
  const name = String(step.value)
  if (isBare(step)) return [name]
  const [filter, ...more] = step.stages ?? []
  if (!filter || more.length > 0 || !isBare({ ...step, stages: undefined })) return undefined
  const { type, expr } = filter
  const isPlace = type === 'filter' && expr?.type === 'number' && Number.isInteger(expr.value)
  const place = isPlace ? Number(expr.value) : -1
  return place >= 0 && place <= LAST_PLACE ? [name, place] : undefined
}
