import type { DatasetFacts } from '../../core/field.ts'
import type { ColumnLineage, TargetLineage } from '../../core/mapping.ts'
import type { TargetSpec } from '../../core/spec.ts'
import { anyChild, fieldPaths, NONE, type Paths, pathTexts, ROOT, union } from './path.ts'
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

export const lineageOf = (targets: TargetValues[]): TargetLineage[] =>
  targets.map(({ spec, table, rows, columns }) => ({
    table,
    as: spec.as,
    rows: pathTexts(rows),
    columns: columns.map(columnLineage),
  }))

function columnLineage(it: ColumnValue): ColumnLineage {
  const value = shownValue(it)
  const shown = data(value)
  return {
    column: it.column,
    expression: it.expression,
    constant: it.constant,
    data: pathTexts(shown),
    control: pathTexts(control(value), shown.size > 0 ? shown : NONE),
    open: isOpen(value),
  }
}
