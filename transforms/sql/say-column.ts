import type { Problem } from '../../core/errors.ts'
import type { ColumnFacts, Expr } from '../../core/expr.ts'
import type { MappingInput } from '../../core/mapping.ts'
import type { SourceText } from '../../core/place.ts'
import type { ColumnMapping } from '../../core/spec.ts'
import { mappableColumns, type UnifiedColumn, type UnifiedTable } from '../../core/unified.ts'
import type { Json } from '../../core/value.ts'
import { fixedValue } from '../column.ts'
import { isParsed, parseText } from '../parse.ts'
import { idPrefix } from '../reference.ts'
import { choose, coalesce, compare, concat, inList, nothing, text, unlessMissing } from './build.ts'
import { constant, fitTerm, sqlKind } from './fit.ts'
import { type Lookups, type SayContext, say } from './say.ts'
import { asText, cannot, computed, isTrue, readAs, type Term, Unsayable } from './term.ts'
import { type Attempt, NOWHERE } from './verdict.ts'

/** What the parts of one mapping are said from. */
export interface MappingContext {
  mapping: MappingInput
  columns: ReadonlyMap<string, ColumnFacts>
  /** The row's key, escaped and joined. */
  key: Attempt<Term>
  item?: SayContext['item']
  lookups?: Lookups | undefined
  lists?: SayContext['lists'] | undefined
}

export function contextOf(
  source: SourceText,
  { mapping, columns, key, item, lookups, lists }: MappingContext,
  scale = 4,
  ownZone?: string,
): SayContext {
  const { pipeline, name } = mapping.dataset
  const whole = 'done' in key ? concat(text(idPrefix(pipeline, name)), key.done.expr) : undefined
  const zone = ownZone ?? mapping.dataset.timezone ?? mapping.timezone
  return { source, mapping, columns, scale, zone, key: whole, variables: new Map(), item, lookups, lists }
}

export function sayText(context: SayContext): Term {
  const parsed = parseText(context.source)
  if (!isParsed(parsed)) throw new Unsayable('it is no JSONata')
  return say(parsed.ast, context)
}

/** A condition of a mapping: true or false, false where it is missing. */
export function condition(source: SourceText, context: MappingContext): Term {
  const term = readAs(sayText(contextOf(source, context)), 'boolean')
  return computed(isTrue(term), 'boolean', term.node, [term])
}

/** A member of `attributes`. */
export const sayMember = (source: SourceText, context: MappingContext): Term =>
  sayText(contextOf(source, context))

/** The value of one column, fitted into it. */
export function sayColumn(it: ColumnMapping, table: UnifiedTable, context: MappingContext): Term {
  const { mapping } = context
  const column = mappableColumns(table).find((known) => known.name === it.column)
  if (!column) throw new Unsayable(`table "${table.name}" has no column "${it.column}"`)
  const zone = it.zone ?? mapping.dataset.timezone ?? mapping.timezone
  const fixed = (value: Json): Expr => {
    const problems: Problem[] = []
    const scalar = fixedValue(value, column, zone, it.at, problems)
    if (problems.length > 0) throw new Unsayable('a stated value does not fit the column')
    return constant(scalar, column.type)
  }
  if ('constant' in it.value) return computed(fixed(it.value.constant), 'text', NOWHERE, [])
  const scale = column.type.kind === 'decimal' ? column.type.scale : 4
  const term = sayText(contextOf(it.value.expression, context, scale, it.zone))
  const value = it.map === undefined ? fitTerm(term, column, zone) : lookUp(term, it, column, fixed)
  return it.default === undefined || it.map !== undefined
    ? value
    : { ...value, expr: coalesce(value.expr, fixed(it.default)) }
}

/** A value table: by the text of the value. */
function lookUp(
  term: Term,
  { map, default: otherwise }: ColumnMapping,
  column: UnifiedColumn,
  fixed: (value: Json) => Expr,
): Term {
  const whenMissing = otherwise === undefined ? nothing(sqlKind(column.type)) : fixed(otherwise)
  if (term.is === 'nothing') return { ...term, expr: whenMissing, nulls: false }
  if (term.expr.kind === 'double')
    return cannot('the text of a computed or floating number differs between engines', term.node)
  const value = asText(term.expr)
  const entries = Object.entries(map!)
  const branches = entries.map(([name, entry]) => ({
    when: compare(value, '=', text(name)),
    give: fixed(entry),
  }))
  const found = inList(
    value,
    entries.map(([name]) => text(name)),
  )
  const checks = otherwise === undefined ? [unlessMissing(found)] : []
  return computed(choose(branches, whenMissing), term.is, term.node, [term], checks)
}
