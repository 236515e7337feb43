import type { TargetSpec } from '../core/spec.ts'
import { setOwn, withoutNulls } from './plain.ts'
import type { Runtime } from './runtime.ts'

/** Fields that the columns of a dataset use; filled while it is compiled, read when rows are mapped. */
export interface MappedFields {
  row: Set<string>
  /** Of the items of a target with `each`. */
  itemsOf(spec: TargetSpec): Set<string>
}

export function mappedFields(): MappedFields {
  const items = new Map<TargetSpec, Set<string>>()
  return {
    row: new Set(),
    itemsOf: (spec) => {
      if (!items.has(spec)) items.set(spec, new Set())
      return items.get(spec)!
    },
  }
}

export interface AttributePart {
  name: string
  run(): unknown
}

/**
 * Gives the value of `attributes`: the stated entries, or (`'*'`) all fields that no column uses, of the item below
 * `each`. Missing entries are left out; without any, the whole is missing.
 */
export function attributesRun(runtime: Runtime, stated: AttributePart[]): () => unknown
export function attributesRun(runtime: Runtime, mapped: MappedFields, spec: TargetSpec): () => unknown
export function attributesRun(
  runtime: Runtime,
  what: AttributePart[] | MappedFields,
  spec?: TargetSpec,
): () => unknown {
  if (Array.isArray(what)) return () => statedEntries(what)
  if (!spec!.each) return () => restOfRow(runtime, what.row)
  const used = what.itemsOf(spec!)
  return () => restOfItem(runtime.item, used)
}

/** One after the other: the expressions share the row in hand. */
function statedEntries(parts: AttributePart[], values: unknown[] = []): unknown {
  while (values.length < parts.length) {
    const value = parts[values.length]!.run()
    if (value instanceof Promise) {
      return value.then((settled) => statedEntries(parts, [...values, settled]))
    }
    values.push(value)
  }
  return object(parts.map((it, at) => [it.name, values[at]]))
}

function restOfRow(runtime: Runtime, used: Set<string>): unknown {
  return object(
    runtime.schema.fields.flatMap(({ name }, at): [string, unknown][] =>
      used.has(name) ? [] : [[name, withoutNulls(runtime.columns[at]?.[runtime.row])]],
    ),
  )
}

function restOfItem(item: unknown, used: Set<string>): unknown {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return undefined
  return object(Object.entries(item).filter(([name]) => !used.has(name)))
}

function object(entries: [string, unknown][]): unknown {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of entries) if (value !== undefined && value !== null) setOwn(kept, name, value)
  return Object.keys(kept).length === 0 ? undefined : kept
}
