import type { Column } from '../core/batch.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { FieldType, RowSchema } from '../core/field.ts'
import { isLongNumber } from './ordering.ts'
import { setOwn, withoutNulls } from './plain.ts'

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
  /** Another one for every row of every batch. */
  serial: number
  /** The row's key, escaped and joined, and what stands before it in an id. */
  key: string
  prefix: string
  /** Below `each`: the item in hand. */
  item: unknown
  /** Changes that functions made of the value in hand; counted with the column that they are for. */
  noted: ErrorCode[]
  /** Ids that other rows refer to by default, by table; only of rows that were made. */
  made: Map<string, string>
  /** Does any expression need the row as an object; with all fields, or with these? */
  wanted: 'all' | Set<string>
  /** Some expression orders: the row's long numbers are then collected. */
  orders: boolean
  longs: Set<string>
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
    serial: 0,
    key: '',
    prefix,
    item: undefined,
    noted: [],
    made: new Map(),
    wanted: new Set(),
    orders: false,
    longs: new Set(),
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
  if (runtime.noted.length > 0) runtime.noted = []
  runtime.row = row
  runtime.serial += 1
  runtime.item = undefined
  runtime.object = undefined
  if (runtime.made.size > 0) runtime.made.clear()
  if (runtime.longs.size > 0) runtime.longs.clear()
}

/** The value of a field, missing where it is NULL. */
export function fieldValue(runtime: Runtime, slot: number): unknown {
  const value = runtime.sources[slot]?.[runtime.row]
  if (value === null || value === undefined) return undefined
  return typeof value === 'object' ? withoutNulls(value) : value
}

/** Gives the value of a field, looking through its JSON once per row. */
export function fieldReader(runtime: Runtime, slot: number): () => unknown {
  let serial = -1
  let seen: unknown
  return () => {
    const value = runtime.sources[slot]?.[runtime.row]
    if (value === null || value === undefined) return undefined
    if (typeof value !== 'object') return value
    if (serial !== runtime.serial) {
      seen = withoutNulls(value)
      serial = runtime.serial
    }
    return seen
  }
}

/** The source row without its NULLs, as expressions see it. */
export function rowObject(runtime: Runtime): Record<string, unknown> {
  if (runtime.object !== undefined) return runtime.object
  const object: Record<string, unknown> = {}
  runtime.schema.fields.forEach((field, at) => {
    if (runtime.wanted !== 'all' && !runtime.wanted.has(field.name)) return
    const value = runtime.columns[at]?.[runtime.row]
    if (value === null || value === undefined) return
    setOwn(object, field.name, withoutNulls(value, longNumbers(field.type, runtime)))
  })
  runtime.object = object
  return object
}

function longNumbers(type: FieldType, runtime: Runtime): ((text: string) => void) | undefined {
  if (!runtime.orders || !CARRIES_NUMBERS.has(type)) return undefined
  return (text) => {
    if (type === 'float' || isLongNumber(text)) runtime.longs.add(text)
  }
}

const CARRIES_NUMBERS = new Set<FieldType>(['integer', 'decimal', 'float', 'json', 'unknown'])

/** Adds the numbers in a value that no double carries: they came as text. The value holds no nulls any more. */
export function noteLongs(value: unknown, longs: Set<string>): void {
  if (typeof value === 'string') {
    if (isLongNumber(value)) longs.add(value)
  } else if (value !== null && typeof value === 'object') {
    for (const it of Object.values(value)) noteLongs(it, longs)
  }
}
