import type { Expr, Verdict } from '../../core/expr.ts'
import type { SourceText } from '../../core/place.ts'
import { escapePart } from '../../core/row-id.ts'
import type { ColumnMapping, TargetSpec } from '../../core/spec.ts'
import type { UnifiedColumn, UnifiedTable } from '../../core/unified.ts'
import { idPrefix } from '../reference.ts'
import { defaultReferences } from '../target.ts'
import { and, concat, isPresent, not, or, text, truth, where } from './build.ts'
import { shortened } from './key.ts'
import { condition, contextOf, type MappingContext, sayColumn, sayMember } from './say-column.ts'
import { itemSuffixes, type SaidItem, sayItems } from './say-each.ts'
import { attributesOf } from './say-json.ts'
import { computed, onlyWhere, type Term, Unsayable } from './term.ts'
import { type Attempt, attempt, NOWHERE, settled, verdictOf } from './verdict.ts'

export interface SaidTarget {
  /** Its index among the targets of the mapping; the items of a list share one. */
  spec: number
  table: string
  as?: string
  /** True or false: is a row made? Its guard covers the whole row: all columns together. */
  made: Verdict
  id: Verdict
  columns: { name: string; said: Verdict }[]
}

const UNSAID: [keyof TargetSpec, string][] = [
  ['appendOn', '"append_on" compares with what is stored'],
  ['sameAs', '"same_as" makes rows of its own'],
]

const oddOf = (spec: TargetSpec): string | undefined =>
  UNSAID.find(([name]) => spec[name] !== undefined)?.[1] ??
  (spec.attributes?.all ? '"attributes: *" takes all that no column does, whatever its type' : undefined)

/** The rows that others refer to by default, by table. */
export type Anchors = Map<string, { made: Attempt<Term>; id: Attempt<Term> }>

export interface TargetContext extends MappingContext {
  /** Tables of which a source row makes exactly one row. */
  anchorTables: Set<string>
  /** Filled as their targets are said, which come first. */
  anchors: Anchors
}

/** A target as SQL says it; one with `each` for every item of its list. */
export function sayTarget(spec: TargetSpec, context: TargetContext): SaidTarget[] {
  const { mapping } = context
  const at = mapping.dataset.targets.indexOf(spec)
  const table = mapping.tables.find((it) => it.name === spec.table)
  const odd = oddOf(spec)
  if (odd !== undefined || !table) return [unsaid(spec, at, odd ?? `there is no table "${spec.table}"`)]
  if (!spec.each) return [{ spec: at, ...sayRows(spec, table, context) }]
  const each = spec.each
  const items = attempt(() => {
    const found = sayItems(each, contextOf(each, context))
    return { found, suffixes: itemSuffixes(found, spec.key) }
  })
  if ('failed' in items) return [unsaid(spec, at, (items.failed as Error).message)]
  const { found, suffixes } = items.done
  return found.map((item, i) => ({
    spec: at,
    ...sayRows(spec, table, { ...context, item: item.fields }, { item, suffix: suffixes[i]! }),
  }))
}

function sayRows(
  spec: TargetSpec,
  table: UnifiedTable,
  context: TargetContext,
  of?: { item: SaidItem; suffix: string },
): Omit<SaidTarget, 'spec'> {
  const { anchorTables, anchors } = context
  const when = spec.when
    ? attempt(() => condition(spec.when!, context))
    : { done: computed(truth(true), 'boolean', NOWHERE, []) }
  const said = [
    ...statedColumns(spec, table, context),
    ...attributesColumn(spec, table, context),
    ...columnsByDefault(spec, table, context),
  ]
  const made = attempt(() => madeOf(spec, settled(when), said, of?.item))
  const id = attempt(() => idOf(spec, context, of?.suffix))
  if (!of && anchorTables.has(table.name)) anchors.set(table.name, { made, id })
  return {
    table: spec.table,
    as: spec.as,
    made: verdictOf(() => settled(made), spec.when),
    id: verdictOf(() => settled(id)),
    columns: said.map(({ name, term, source }) => ({ name, said: verdictOf(() => settled(term), source) })),
  }
}

interface SaidColumn {
  name: string
  column: UnifiedColumn | undefined
  source?: SourceText
  term: Attempt<Term>
}

const statedColumns = (spec: TargetSpec, table: UnifiedTable, context: TargetContext): SaidColumn[] =>
  spec.columns.map((it: ColumnMapping) => ({
    name: it.column,
    column: table.columns.find((known) => known.name === it.column),
    source: 'expression' in it.value ? it.value.expression : undefined,
    term: attempt(() => sayColumn(it, table, context)),
  }))

function attributesColumn(spec: TargetSpec, table: UnifiedTable, context: TargetContext): SaidColumn[] {
  const { attributes } = spec
  if (!attributes || attributes.all) return []
  const members = () =>
    attributes.entries.map(({ name, value }) => ({ name, term: sayMember(value, context) }))
  const term = attempt(() => attributesOf(members(), NOWHERE))
  return [{ name: 'attributes', column: table.columns.find((it) => it.name === 'attributes'), term }]
}

/** `party_id` and `order_id` that the mapping leaves out. */
const columnsByDefault = (spec: TargetSpec, table: UnifiedTable, context: TargetContext): SaidColumn[] =>
  defaultReferences(spec, table, context.anchorTables).map((column) => ({
    name: column.name,
    column,
    term: attempt(() => anchorId(column.references!, context)),
  }))

function anchorId(table: string, { anchors }: TargetContext): Term {
  const anchor = anchors.get(table)
  if (!anchor) throw new Unsayable(`the row of "${table}" that it refers to is not made in SQL`)
  const [made, id] = [settled(anchor.made), settled(anchor.id)]
  return computed(where(made.expr, id.expr), 'text', NOWHERE, [made, id])
}

const unsaid = (spec: TargetSpec, at: number, because: string): SaidTarget => {
  const said: Verdict = { verdict: 'not', because }
  return {
    spec: at,
    table: spec.table,
    as: spec.as,
    made: said,
    id: said,
    columns: spec.columns.map((it) => ({ name: it.column, said })),
  }
}

/** A row is made where `when` holds and no required value is missing; with `when` a missing one rejects the row. */
function madeOf(spec: TargetSpec, when: Term, said: SaidColumn[], item?: SaidItem): Term {
  const required = said.filter((it) => it.column?.required).map((it) => settled(it.term))
  const present = and(...required.map((it) => isPresent(it.expr)))
  const complete = spec.when ? [or(not(when.expr), present)] : []
  const ofColumns = said.flatMap((it) => ('done' in it.term ? unless(it, present) : []))
  const own = [...when.checks, ...onlyWhere(when.expr, [...ofColumns, ...complete], not)]
  if (!item) return computed(and(when.expr, present), 'boolean', NOWHERE, [], own)
  const checks = [...item.checks, ...onlyWhere(item.isThere, own, not)]
  return computed(and(item.isThere, when.expr, present), 'boolean', NOWHERE, [], checks)
}

/** Nothing else is computed of a row that lacks a required value. */
const unless = ({ column, term }: SaidColumn, present: Expr): Expr[] =>
  column?.required ? settled(term).checks : onlyWhere(present, settled(term).checks, not)

function idOf(spec: TargetSpec, context: TargetContext, item = ''): Term {
  const { dataset } = context.mapping
  const key = settled(context.key)
  const suffix = spec.as === undefined ? '' : `#${escapePart(spec.as)}`
  const { expr, checks } = shortened(
    concat(text(idPrefix(dataset.pipeline, dataset.name)), key.expr, text(suffix + item)),
  )
  return computed(expr, 'text', NOWHERE, [key], checks)
}
