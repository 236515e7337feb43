import type { Column } from '../core/batch.ts'
import type { FieldType, RowSchema } from '../core/field.ts'
import { isLongNumber } from './ordering.ts'
import { type Findings, setOwn, withoutNulls } from './plain.ts'

/** The source row in hand; one per mapper, since a mapper works on one row at a time. */
export interface Runtime {
  /** Fields that some expression takes by name, with their place in `sources`. */
  slots: Map<string, number>
  /** Of the batch in hand. */
  sources: (Column | undefined)[]
  types: (FieldType | undefined)[]
  schema: RowSchema
  columns: Column[]
  /** Index of the row in the batch. */
  row: number
  /** The row's key, escaped and joined, and what stands before it in an id. */
  key: string
  prefix: string
  /** Below `each`: the item in hand. */
  item: unknown
  /** Ids that other rows refer to by default, by table; only of rows that were made. */
  made: Map<string, string>
  /** Does any expression need the row as an object; with all fields, or with these? */
  wanted: 'all' | Set<string>
  /** Some expression orders: the row's long numbers are then collected. */
  orders: boolean
  longs: Set<string>
  empties: unknown[][]
  /** The row as an object, once it was asked for. */
  object: Record<string, unknown> | undefined
}

export function newRuntime(prefix: string): Runtime {
  return {
    slots: new Map(),
    sources: [],
    types: [],
    schema: { fields: [] },
    columns: [],
    row: 0,
    key: '',
    prefix,
    item: undefined,
    made: new Map(),
    wanted: new Set(),
    orders: false,
    longs: new Set(),
    empties: [],
    object: undefined,
  }
}

export function slotOf(runtime: Runtime, field: string): number {
  const known = runtime.slots.get(field)
  if (known !== undefined) return known
  runtime.slots.set(field, runtime.slots.size)
  return runtime.slots.size - 1
}

export function startBatch(runtime: Runtime, schema: RowSchema, columns: Column[]): void {
  runtime.schema = schema
  runtime.columns = columns
  const places = new Map(schema.fields.map((it, at) => [it.name, at]))
  const names = [...runtime.slots.keys()]
  runtime.sources = names.map((it) => columns[places.get(it) ?? -1])
  runtime.types = names.map((it) => schema.fields[places.get(it) ?? -1]?.type)
}

export function startRow(runtime: Runtime, row: number): void {
  runtime.row = row
  runtime.item = undefined
  runtime.object = undefined
  if (runtime.made.size > 0) runtime.made.clear()
  if (runtime.longs.size > 0) runtime.longs.clear()
  if (runtime.empties.length > 0) runtime.empties = []
}

/** The value of a field, missing where it is NULL. */
export function fieldValue(runtime: Runtime, slot: number): unknown {
  const value = runtime.sources[slot]?.[runtime.row]
  if (value === null || value === undefined) return undefined
  return typeof value === 'object' ? withoutNulls(value, runtime) : value
}

/** The source row without its NULLs, as expressions see it. */
export function rowObject(runtime: Runtime): Record<string, unknown> {
  if (runtime.object !== undefined) return runtime.object
  const object: Record<string, unknown> = {}
  runtime.schema.fields.forEach((field, at) => {
    if (runtime.wanted !== 'all' && !runtime.wanted.has(field.name)) return
    const value = runtime.columns[at]?.[runtime.row]
    if (value === null || value === undefined) return
    setOwn(object, field.name, withoutNulls(value, findingsFor(field.type, runtime)))
  })
  runtime.object = object
  return object
}

function findingsFor(type: FieldType, runtime: Runtime): Findings {
  if (!runtime.orders || !CARRIES_NUMBERS.has(type)) return runtime
  const note = (text: string) => {
    if (type === 'float' || isLongNumber(text)) runtime.longs.add(text)
  }
  return { empties: runtime.empties, onText: note }
}

const CARRIES_NUMBERS = new Set<FieldType>(['integer', 'decimal', 'float', 'json', 'unknown'])

/** Takes out what the interpreter put into empty lists of the row (it groups an empty list as one missing item). */
export function repairEmpties(runtime: Runtime): void {
  for (const list of runtime.empties) if (list.length > 0) list.length = 0
}
