import type { Problem } from '../../core/errors.ts'
import type { ColumnFacts, Expr, Verdict } from '../../core/expr.ts'
import { canRaise, earlyPart, sizeOf } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { MappingInput } from '../../core/mapping.ts'
import type { SourceText } from '../../core/place.ts'
import { escapePart } from '../../core/row-id.ts'
import type { ColumnMapping, TargetSpec } from '../../core/spec.ts'
import { mappableColumns, type UnifiedColumn, type UnifiedTable } from '../../core/unified.ts'
import { type Node, nodeSpan } from '../ast.ts'
import { fixedValue } from '../column.ts'
import { isParsed, parseText } from '../parse.ts'
import { idPrefix } from '../reference.ts'
import {
  and,
  choose,
  coalesce,
  compare,
  concat,
  inList,
  isPresent,
  not,
  nothing,
  or,
  text,
  truth,
  unlessMissing,
} from './build.ts'
import { columnTerm } from './column-term.ts'
import { constant, fitTerm, sqlKind } from './fit.ts'
import { escaped, keyText, shortened } from './key.ts'
import { type SayContext, say } from './say.ts'
import { asText, cannot, computed, isTrue, onlyWhere, type Term, Unsayable } from './term.ts'

/** A dataset's mapping in SQL, each part with how well it is said. */
export interface SaidMapping {
  /** `source_id`, and the checks that the row has a key. */
  key: Verdict
  where?: Verdict
  /** True for a tombstone. */
  deletes?: Verdict
  targets: SaidTarget[]
}

export interface SaidTarget {
  table: string
  as?: string
  /** True or false: is a row made? Its guard covers the whole row: all columns together. */
  made: Verdict
  id: Verdict
  columns: { name: string; said: Verdict }[]
}

export interface SayInput {
  mapping: MappingInput
  /** Of the relation that the warehouse reads. */
  columns: ColumnFacts[]
}

/** Says a whole mapping; what cannot be said is `not`, with the reason. */
export function sayMapping({ mapping, columns }: SayInput): SaidMapping {
  const known = new Map(columns.map((it) => [it.name, it]))
  const { dataset } = mapping
  const key = attempt(() => wholeKey(mapping, known))
  const at = (source: SourceText): Verdict => verdictOf(() => condition(source, mapping, known, key), source)
  return {
    key: verdictOf(() => sourceKey(mapped(key))),
    ...(dataset.where && { where: at(dataset.where) }),
    ...(dataset.deletes && { deletes: at(dataset.deletes) }),
    targets: dataset.targets.map((spec) => sayTarget(spec, mapping, known, key)),
  }
}

type Attempt<T> = { done: T } | { failed: unknown }

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { done: work() }
  } catch (failed) {
    if (!(failed instanceof Unsayable)) throw failed
    return { failed }
  }
}

function mapped<T>(it: Attempt<T>): T {
  if ('failed' in it) throw it.failed
  return it.done
}

const NOWHERE: Node = { type: 'key' }

/** The key's parts, escaped and joined. A row without a key is rejected. */
function wholeKey({ key, facts }: MappingInput, columns: ReadonlyMap<string, ColumnFacts>): Term {
  const parts = key.map((name) => {
    const column = columns.get(name) ?? cannot(`there is no key field "${name}"`, NOWHERE)
    const field: Field | undefined = facts?.schema.fields.find((it) => it.name === name)
    const term = columnTerm(column, NOWHERE)
    return computed(
      escaped(keyText(term, field?.type).expr),
      'text',
      NOWHERE,
      [keyText(term, field?.type)],
      [isPresent(term.expr)],
    )
  })
  const exprs = parts.flatMap((it, at) => (at === 0 ? [it.expr] : [text('|'), it.expr]))
  return computed(concat(...exprs), 'text', NOWHERE, parts)
}

function sourceKey(key: Term): Term {
  const { expr, checks } = shortened(key.expr)
  return computed(expr, 'text', NOWHERE, [key], checks)
}

function contextOf(
  source: SourceText,
  mapping: MappingInput,
  columns: ReadonlyMap<string, ColumnFacts>,
  key: Attempt<Term>,
  scale = 4,
): SayContext {
  const { pipeline, name } = mapping.dataset
  const whole = 'done' in key ? concat(text(idPrefix(pipeline, name)), key.done.expr) : undefined
  return { source, mapping, columns, scale, key: whole, variables: new Map() }
}

function sayText(context: SayContext): Term {
  const parsed = parseText(context.source)
  if (!isParsed(parsed)) throw new Unsayable('it is no JSONata')
  return say(parsed.ast, context)
}

function condition(
  source: SourceText,
  mapping: MappingInput,
  columns: ReadonlyMap<string, ColumnFacts>,
  key: Attempt<Term>,
): Term {
  const term = sayText(contextOf(source, mapping, columns, key))
  return computed(isTrue(term), 'boolean', term.node, [term])
}

const UNSAID: [keyof TargetSpec, string][] = [
  ['each', '"each" makes several rows of one'],
  ['attributes', '"attributes" are JSON'],
  ['appendOn', '"append_on" compares with what is stored'],
  ['sameAs', '"same_as" makes rows of its own'],
]

function sayTarget(
  spec: TargetSpec,
  mapping: MappingInput,
  columns: ReadonlyMap<string, ColumnFacts>,
  key: Attempt<Term>,
): SaidTarget {
  const table = mapping.tables.find((it) => it.name === spec.table)
  const odd = UNSAID.find(([name]) => spec[name] !== undefined)
  const why = odd?.[1] ?? (table ? undefined : `there is no table "${spec.table}"`)
  if (why !== undefined || !table) return unsaid(spec, why ?? '')
  const when = spec.when
    ? attempt(() => condition(spec.when!, mapping, columns, key))
    : { done: computed(truth(true), 'boolean', NOWHERE, []) }
  const said = spec.columns.map((it) => ({
    column: table.columns.find((known) => known.name === it.column),
    mapping: it,
    term: attempt(() => sayColumn(it, table, mapping, columns, key)),
  }))
  const made = attempt(() => madeOf(spec, mapped(when), said))
  return {
    table: spec.table,
    as: spec.as,
    made: verdictOf(() => mapped(made)),
    id: verdictOf(() => idOf(spec, mapping, mapped(key))),
    columns: said.map(({ mapping: it, term }) => ({
      name: it.column,
      said: verdictOf(() => mapped(term), 'expression' in it.value ? it.value.expression : undefined),
    })),
  }
}

const unsaid = (spec: TargetSpec, because: string): SaidTarget => {
  const said: Verdict = { verdict: 'not', because }
  return {
    table: spec.table,
    as: spec.as,
    made: said,
    id: said,
    columns: spec.columns.map((it) => ({ name: it.column, said })),
  }
}

interface SaidColumn {
  column: UnifiedColumn | undefined
  mapping: ColumnMapping
  term: Attempt<Term>
}

/** A row is made where `when` holds and no required value is missing; with `when` a missing one rejects the row. */
function madeOf(spec: TargetSpec, when: Term, said: SaidColumn[]): Term {
  const required = said.filter((it) => it.column?.required).map((it) => mapped(it.term))
  const present = and(...required.map((it) => isPresent(it.expr)))
  const complete = spec.when ? [or(not(when.expr), present)] : []
  const ofColumns = said.flatMap((it) => ('done' in it.term ? unless(it, present) : []))
  const checks = [...when.checks, ...onlyWhere(when.expr, [...ofColumns, ...complete], not)]
  return computed(and(when.expr, present), 'boolean', NOWHERE, [], checks)
}

/** Nothing else is computed of a row that lacks a required value. */
const unless = ({ column, term }: SaidColumn, present: Expr): Expr[] =>
  column?.required ? mapped(term).checks : onlyWhere(present, mapped(term).checks, not)

function idOf(spec: TargetSpec, { dataset }: MappingInput, key: Term): Term {
  const suffix = spec.as === undefined ? '' : `#${escapePart(spec.as)}`
  const { expr, checks } = shortened(
    concat(text(idPrefix(dataset.pipeline, dataset.name)), key.expr, text(suffix)),
  )
  return computed(expr, 'text', NOWHERE, [key], checks)
}

function sayColumn(
  it: ColumnMapping,
  table: UnifiedTable,
  mapping: MappingInput,
  columns: ReadonlyMap<string, ColumnFacts>,
  key: Attempt<Term>,
): Term {
  const column = mappableColumns(table).find((known) => known.name === it.column)
  if (!column) throw new Unsayable(`table "${table.name}" has no column "${it.column}"`)
  const zone = it.zone ?? mapping.dataset.timezone ?? mapping.timezone
  const fixed = (value: Parameters<typeof fixedValue>[0]): Expr => {
    const problems: Problem[] = []
    const scalar = fixedValue(value, column, zone, it.at, problems)
    if (problems.length > 0) throw new Unsayable('a stated value does not fit the column')
    return constant(scalar, column.type)
  }
  if ('constant' in it.value) return computed(fixed(it.value.constant), 'text', NOWHERE, [])
  const scale = column.type.kind === 'decimal' ? column.type.scale : 4
  const term = sayText(contextOf(it.value.expression, mapping, columns, key, scale))
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
  fixed: (value: never) => Expr,
): Term {
  const whenMissing = otherwise === undefined ? nothing(sqlKind(column.type)) : fixed(otherwise as never)
  if (term.is === 'nothing') return { ...term, expr: whenMissing, nulls: false }
  if (term.expr.kind === 'double')
    return cannot('the text of a computed or floating number differs between engines', term.node)
  const value = asText(term.expr)
  const entries = Object.entries(map!)
  const branches = entries.map(([name, entry]) => ({
    when: compare(value, '=', text(name)),
    give: fixed(entry as never),
  }))
  const found = inList(
    value,
    entries.map(([name]) => text(name)),
  )
  const checks = otherwise === undefined ? [unlessMissing(found)] : []
  return computed(choose(branches, whenMissing), term.is, term.node, [term], checks)
}

/** The verdict on a term, or why there is none. */
function verdictOf(work: () => Term, source?: SourceText): Verdict {
  const tried = attempt(() => judged(work()))
  if ('failed' in tried) return refused(tried.failed as Unsayable, source)
  const { expr, guard, close } = tried.done
  const raises = canRaise(expr) || canRaise(guard)
  if (close)
    return { verdict: 'close', expr, guard, canRaise: raises, because: 'the last bit of a double may differ' }
  if (guard.op === 'literal' && guard.value === true)
    return { verdict: 'exact', expr, canRaise: raises, because: 'the same on every row' }
  return {
    verdict: 'guarded',
    expr,
    guard,
    canRaise: raises,
    because: 'rows that the guard does not prove go through JavaScript',
  }
}

/** Nobody reads, and no engine plans, more than that. */
const MAX_SIZE = 1500

function judged({ expr, checks, close, node }: Term): { expr: Expr; guard: Expr; close: boolean } {
  if (sizeOf(expr) + checks.reduce((sum, it) => sum + sizeOf(it), 0) > MAX_SIZE)
    return cannot('its SQL would be too long', node)
  const guard = and(...checks)
  if (earlyPart(expr) ?? earlyPart(guard))
    return cannot('a part of it is the same for every row; state its value instead', node)
  return { expr, guard, close }
}

function refused({ message, node }: Unsayable, source: SourceText | undefined): Verdict {
  const at = node && source && node.position !== undefined ? nodeSpan(node, source.text) : undefined
  return { verdict: 'not', because: message, ...(at && { at }) }
}
