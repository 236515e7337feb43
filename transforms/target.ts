import type { ErrorCode, Problem } from '../core/errors.ts'
import type { MappingInput } from '../core/mapping.ts'
import type { Place, SourceText } from '../core/place.ts'
import { escapePart, numberedId, sameAsId, shorten } from '../core/row-id.ts'
import { type ColumnMapping, datasetRef, type TargetSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import { mappableColumns, type UnifiedColumn, type UnifiedTable } from '../core/unified.ts'
import { type ColumnCheck, item, type Value } from './analyze/index.ts'
import { type ColumnValue, restOf, type TargetValues } from './analyze/lineage.ts'
import { idValue, keyPaths, referenceValue, rowsOf } from './analyze/target.ts'
import { UNKNOWN } from './analyze/type.ts'
import { constant, NOTHING, objectOf } from './analyze/value.ts'
import { type AttributePart, attributesRun, type MappedFields } from './attributes.ts'
import { coerceColumn } from './coerce.ts'
import { type CompiledColumn, fitOf, fixedValue } from './column.ts'
import { compileExpression, type Expression } from './expression.ts'
import type { Runtime } from './runtime.ts'
import { isZone } from './zone.ts'

/** One `to:` entry, ready to make rows. */
export interface CompiledTarget {
  table: string
  when?: Expression
  each?: Expression
  itemKey?: Expression
  /** What its ids add to the source row's: `#as`, or nothing. */
  suffix: string
  /** Required ones first: a row that is not made computes nothing else. */
  columns: CompiledColumn[]
  /** Places in the part's columns that it leaves NULL. */
  unfilled: number[]
  /** Its id is what other rows of the source row refer to by default. */
  anchor: boolean
  /** Fits the whole id of a row into an id column. */
  fitId(whole: string): string
  /** 1 + the index of what it watches in its part's `watch`; 0 for nothing. */
  watch: number
  /** Of a row for `same_as`: where the two parties stand in the part's columns. */
  link?: { from: number; to: number }
}

export interface TargetInput {
  mapping: MappingInput
  runtime: Runtime
  spec: TargetSpec
  table: UnifiedTable
  /** Column names of the part, `id` first. */
  names: string[]
  /** Tables of which the source row makes exactly one row. */
  anchors: Set<string>
  watch: number
  sameAs?: true
  mapped: MappedFields
  /** The source row as expressions see it, and below `each` what they start from. */
  row: Value
  items?: Value
  /** What is known of the columns, gathered target by target. */
  values: TargetValues[]
  problems: Problem[]
}

export function compileTarget(outer: TargetInput): CompiledTarget {
  const { spec, table, anchors, names, watch, sameAs, mapping } = outer
  const noRow = `no row of ${table.name} would be made`
  const each = spec.each && expressions(outer)(spec.each, 'row', noRow)
  if (each) for (const it of each.uses.row) outer.mapped.row.add(it)
  const start = spec.each ? 'item' : 'row'
  const input = { ...outer, items: each && item(each.value) }
  const expression = expressions(input)
  const when = spec.when && expression(spec.when, start, noRow)
  const itemKey = spec.key && expression(spec.key, start, 'every row would be rejected')
  const values: TargetValues = { spec, table: table.name, rows: new Set(), columns: [] }
  const own = [...stated(input, start, values.columns), ...attributes(input, start, values.columns)]
  const columns = [...own, ...byDefault(input, values.columns)]
  checkRequired(input, columns)
  checkMark(input)
  if (sameAs) values.columns.push({ column: 'from_id', value: idValue(mapping, itemKey) })
  values.rows = rowsOf(table, values.columns, when, each)
  values.columns.unshift({ column: 'id', value: idValue(mapping, itemKey) })
  input.values.push(values)
  const filled = new Set([0, ...columns.map((it) => it.at)])
  return {
    table: table.name,
    when,
    each,
    itemKey,
    suffix: spec.as === undefined ? '' : `#${escapePart(spec.as)}`,
    columns: columns.sort((a, b) => Number(b.column.required ?? false) - Number(a.column.required ?? false)),
    unfilled: names.map((_, at) => at).filter((it) => !filled.has(it)),
    anchor: anchors.has(table.name),
    fitId: sameAs ? sameAsId : watch > 0 ? numberedId : (whole) => shorten(whole),
    watch,
    ...(sameAs && { link: { from: names.indexOf('from_id'), to: names.indexOf('to_id') } }),
  }
}

/** Compiles the expressions of one target. */
function expressions({ mapping, runtime, row, items, problems }: TargetInput) {
  return (
    source: SourceText,
    start: 'row' | 'item',
    effect: string,
    scale = 4,
    result?: Pick<ColumnCheck, 'column' | 'mapping' | 'zone'>,
  ): Expression | undefined => {
    const surroundings = {
      row,
      // Where `each` itself is wrong nothing is known of its items.
      start: start === 'row' ? row : (items ?? constant(UNKNOWN)),
      key: keyPaths(mapping),
      dataset: datasetRef(mapping.dataset),
      effect,
    }
    return compileExpression({ source, mapping, runtime, start, surroundings, scale, result, problems })
  }
}

function stated(input: TargetInput, start: 'row' | 'item', values: ColumnValue[]): CompiledColumn[] {
  const { spec, table, problems } = input
  const mappable = mappableColumns(table)
  return spec.columns.flatMap((it) => {
    const column = mappable.find((known) => known.name === it.column)
    if (column) return statedColumn(input, it, column, start, values) ?? []
    const near = didYouMean(
      it.column,
      mappable.map((known) => known.name),
    )
    problems.push(problem('E215', it.at, `Table "${table.name}" has no column "${it.column}" to map.`, near))
    return []
  })
}

function statedColumn(
  input: TargetInput,
  mapping: ColumnMapping,
  column: UnifiedColumn,
  start: 'row' | 'item',
  values: ColumnValue[],
): CompiledColumn | undefined {
  const { runtime, table, problems, names } = input
  const zone = zoneOf(input, mapping)
  const base = { column, at: names.indexOf(column.name), invalid: mapping.invalid }
  if ('constant' in mapping.value) {
    const value = fixedValue(mapping.value.constant, column, zone, mapping.at, problems)
    values.push({ column: column.name, value: NOTHING, constant: mapping.value.constant })
    return { ...base, run: () => undefined, fit: () => null, whenMissing: value }
  }
  const source = mapping.value.expression
  const scale = column.type.kind === 'decimal' ? column.type.scale : 4
  const effect = `every ${table.name}.${column.name} would be NULL`
  const expression = expressions(input)(source, start, effect, scale, { column, mapping, zone })
  if (!expression) return undefined
  noteMapped(input, expression, start)
  values.push({ column: column.name, value: expression.value, expression: source.text })
  checkZone(input, mapping, column, zone, expression)
  const fitted = fitOf({ mapping, column, zone, runtime, expression, problems })
  return { ...base, run: expression.run, ...fitted }
}

function noteMapped({ mapped, spec }: TargetInput, { uses }: Expression, start: 'row' | 'item'): void {
  for (const it of uses.row) mapped.row.add(it)
  if (start === 'item') for (const it of uses.item) mapped.itemsOf(spec).add(it)
}

function zoneOf({ mapping, problems }: TargetInput, column: ColumnMapping): string | undefined {
  if (column.zone !== undefined && !isZone(column.zone)) {
    problems.push(
      problem('E219', column.at, `There is no time zone "${column.zone}".`, 'As Europe/Amsterdam, or UTC.'),
    )
    return undefined
  }
  return column.zone ?? mapping.dataset.timezone ?? mapping.timezone
}

function checkZone(
  { mapping, problems }: TargetInput,
  { at, zone: own }: ColumnMapping,
  column: UnifiedColumn,
  zone: string | undefined,
  { slot, uses }: Expression,
): void {
  if (column.type.kind !== 'timestamp' || zone !== undefined || own !== undefined || slot === undefined)
    return
  const field = mapping.facts?.schema.fields.find((it) => uses.row.has(it.name))
  if (field?.type !== 'datetime' && field?.type !== 'date') return
  problems.push(
    problem(
      'E214',
      at,
      `Field "${field.name}" (${field.sourceType}) carries no time zone, and none is stated.`,
      'State timezone: in config/connections.yaml or polder.yaml, or zone: on this column.',
    ),
  )
}

function attributes(input: TargetInput, start: 'row' | 'item', values: ColumnValue[]): CompiledColumn[] {
  const { spec, table, names, runtime, mapped, problems } = input
  const column = table.columns.find((it) => it.name === 'attributes' && !it.system)
  if (spec.attributes === undefined) return []
  if (!column) {
    problems.push(problem('E215', spec.attributes.at, `Table "${table.name}" has no column "attributes".`))
    return []
  }
  const base = { column, at: names.indexOf('attributes'), invalid: 'reject', whenMissing: null } as const
  const fit: CompiledColumn['fit'] = (value) => coerceColumn(value, column, {})
  if (spec.attributes.all) {
    const rest = () => restOf(input.items, spec.each ? mapped.itemsOf(spec) : mapped.row, input.mapping.facts)
    values.push({ column: 'attributes', value: NOTHING, rest })
    return [{ ...base, fit, run: attributesRun(runtime, mapped, spec) }]
  }
  const made = new Map<string, Value>()
  const parts = spec.attributes.entries.flatMap(({ name, value }): AttributePart[] => {
    const expression = expressions(input)(
      value,
      start,
      `every ${table.name}.attributes.${name} would be missing`,
    )
    if (expression) noteMapped(input, expression, start)
    if (expression) made.set(name, expression.value)
    return expression ? [{ name, run: expression.run }] : []
  })
  values.push({ column: 'attributes', value: objectOf(made) })
  return [{ ...base, fit, run: attributesRun(runtime, parts) }]
}

/** Columns which this target fills though its mapping does not name them: `party_id` and `order_id`. */
export function defaultReferences(
  spec: TargetSpec,
  table: UnifiedTable,
  anchors: Set<string>,
): UnifiedColumn[] {
  const stated = new Set(spec.columns.map((it) => it.column))
  return mappableColumns(table).filter(({ name, references }) => {
    const isDefault =
      (name === 'party_id' && references === 'party') || (name === 'order_id' && references === 'sales_order')
    return isDefault && anchors.has(references!) && references !== table.name && !stated.has(name)
  })
}

function byDefault(input: TargetInput, values: ColumnValue[]): CompiledColumn[] {
  const { spec, table, anchors, names, runtime, mapping } = input
  const columns = defaultReferences(spec, table, anchors)
  for (const { name, references } of columns) {
    // Anchors were compiled before: their row is there, or there is nothing to refer to.
    const anchor = input.values.find((it) => it.table === references)
    values.push({ column: name, value: referenceValue(mapping, anchor) })
  }
  return columns.map((column) => ({
    column,
    at: names.indexOf(column.name),
    run: () => runtime.made.get(column.references!),
    fit: (value) => value as string,
    whenMissing: null,
    invalid: 'reject',
  }))
}

function checkRequired({ spec, table, problems, sameAs }: TargetInput, columns: CompiledColumn[]): void {
  const filled = new Set([...columns.map((it) => it.column.name), ...spec.columns.map((it) => it.column)])
  if (sameAs) filled.add('from_id')
  for (const { name, description } of mappableColumns(table).filter(
    (it) => it.required && !filled.has(it.name),
  )) {
    problems.push(
      problem(
        'E220',
        spec.at,
        `Table "${table.name}" needs column "${name}" (${description}).`,
        `Add ${name}: here; without it no row would ever be made.`,
      ),
    )
  }
}

/** The mark tells when a state was reached only where it is a time. */
function checkMark({ spec, mapping, problems }: TargetInput): void {
  const mark = mapping.facts?.schema.fields.find((it) => it.name === mapping.cursor)
  if (!spec.appendOn?.markIsTime || (mark?.type !== 'integer' && mark?.type !== 'decimal')) return
  problems.push(
    problem(
      'E226',
      spec.appendOn.at,
      `The cursor "${mark.name}" is a number (${mark.sourceType}), so it does not say when a state was reached.`,
      'Map occurred_at.',
    ),
  )
}

export const problem = (code: ErrorCode, at: Place, text: string, remedy?: string): Problem => ({
  code,
  severity: 'error',
  at,
  problem: text,
  remedy: remedy?.trim() || undefined,
})
