import type { Json, JsonShape } from '../../sdk/index.ts'

/** An object with more names than these is a map, and its names are data: they are not kept. */
const MOST_NAMES = 100
const MOST_DEPTH = 8

interface Growing {
  count: number
  kinds: Set<JsonShape['kinds'][number]>
  fields: Map<string, Growing>
  objects: number
  isMap: boolean
  items?: Growing
}

const empty = (): Growing => ({ count: 0, kinds: new Set(), fields: new Map(), objects: 0, isMap: false })

/** What the values of a place in JSON look like together. */
export function shapeOf(values: Iterable<Json>): JsonShape {
  const shape = empty()
  for (const it of values) note(shape, it, 0)
  return settled(shape)
}

function note(shape: Growing, value: Json, depth: number): void {
  if (value === null) return
  shape.count += 1
  shape.kinds.add(kindOf(value))
  if (typeof value !== 'object' || depth >= MOST_DEPTH) return
  if (Array.isArray(value)) {
    shape.items ??= empty()
    for (const it of value) note(shape.items, it, depth + 1)
    return
  }
  shape.objects += 1
  if (shape.isMap) return
  for (const [name, it] of Object.entries(value)) noteField(shape, name, it, depth)
  if (shape.fields.size > MOST_NAMES) shape.isMap = true
}

function noteField(shape: Growing, name: string, value: Json, depth: number): void {
  const field = shape.fields.get(name) ?? empty()
  shape.fields.set(name, field)
  note(field, value, depth + 1)
}

function kindOf(value: Exclude<Json, null>): JsonShape['kinds'][number] {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal'
  if (typeof value === 'boolean') return 'boolean'
  return Array.isArray(value) ? 'list' : 'object'
}

function settled({ count, kinds, fields, objects, isMap, items }: Growing): JsonShape {
  const named = [...fields].map(([name, it]): [string, JsonShape] => [name, settled(it)])
  const isKnown = objects > 0 && !isMap && fields.size > 0
  return {
    count,
    kinds: [...kinds].sort(),
    ...(isKnown && { fields: Object.fromEntries(named), objects }),
    ...(items && { items: settled(items) }),
  }
}
