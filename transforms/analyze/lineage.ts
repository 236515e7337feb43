import type { DatasetFacts } from '../../core/field.ts'
import type { ColumnLineage, TargetLineage } from '../../core/mapping.ts'
import type { DatasetSpec, TargetSpec, WithSpec } from '../../core/spec.ts'
import {
  anyChild,
  fieldPaths,
  fieldsBelow,
  NONE,
  type Paths,
  pathTexts,
  ROOT,
  reaches,
  union,
} from './path.ts'
import { control, data, isOpen, NOTHING, type Value } from './value.ts'

/** What is known of the rows of one target. */
export interface TargetValues {
  spec: TargetSpec
  table: string
  rows: Paths
  columns: ColumnValue[]
}

export interface ColumnValue {
  column: string
  value: Value
  expression?: string
  constant?: string | number | boolean
  /** In place of `value`, once all columns are known: what no other column takes. */
  rest?: () => Value
}

/** All that shows in a value or decides it. */
export const dataPaths = (value: Value): Paths => union(data(value), control(value))

export const shownValue = ({ value, rest }: ColumnValue): Value => rest?.() ?? value

/** `attributes: '*'`: the fields that no column uses. */
export function restOf(items: Value | undefined, used: Set<string>, facts: DatasetFacts | undefined): Value {
  if (items) return { ...NOTHING, src: anyChild(items.src), dep: items.dep, ctl: items.ctl, open: true }
  const { schema } = facts ?? {}
  const names = schema && !schema.open ? schema.fields.map((it) => it.name) : undefined
  if (!names) return { ...NOTHING, src: anyChild(ROOT), open: true }
  return { ...NOTHING, src: fieldPaths(names.filter((it) => !used.has(it))) }
}

export const lineageOf = (targets: TargetValues[], { with: lookups = [] }: DatasetSpec): TargetLineage[] =>
  targets.map(({ spec, table, rows, columns }) => ({
    table,
    as: spec.as,
    rows: pathTexts(union(rows, leadingTo(rows, lookups))),
    columns: columns.map((it) => columnLineage(it, lookups)),
  }))

function columnLineage(it: ColumnValue, lookups: WithSpec[]): ColumnLineage {
  const value = shownValue(it)
  const shown = data(value)
  return {
    column: it.column,
    expression: it.expression,
    constant: it.constant,
    data: pathTexts(shown),
    control: pathTexts(controlOf(value, lookups), shown.size > 0 ? shown : NONE),
    open: isOpen(value),
  }
}

/** What decides a value, the fields that lead to what it looks up among it. */
export const controlOf = (value: Value, lookups: WithSpec[]): Paths =>
  union(control(value), leadingTo(dataPaths(value), lookups))

const leadingTo = (paths: Paths, lookups: WithSpec[]): Paths =>
  fieldPaths(lookups.filter((it) => reaches(paths, it.name)).flatMap(({ on }) => on.map((it) => it.name)))

/** Fields of each look-up that the mapping needs; `attributes: '*'` takes nothing of them. */
export function lookupFields(
  targets: TargetValues[],
  more: Paths,
  lookups: WithSpec[],
): Record<string, string[]> {
  const paths = union(
    more,
    ...targets.flatMap(({ spec, rows, columns }) => [
      rows,
      ...columns.map((it) => (it.rest && !spec.each ? NONE : dataPaths(shownValue(it)))),
    ]),
  )
  return fieldsOfLookups(paths, lookups)
}

export const fieldsOfLookups = (paths: Paths, lookups: WithSpec[]): Record<string, string[]> =>
  Object.fromEntries(
    lookups.map(({ name }) => {
      const fields = fieldsBelow(paths, name) ?? []
      return [name, fields === 'all' ? ['*'] : [...fields].sort()]
    }),
  )
