import type { ColumnFacts, Verdict } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { MappingInput } from '../../core/mapping.ts'
import type { SourceText } from '../../core/place.ts'
import type { TargetSpec } from '../../core/spec.ts'
import { anchorsOf, inOrder } from '../compile.ts'
import { concat, isPresent, text } from './build.ts'
import { columnTerm } from './column-term.ts'
import { escaped, keyText, shortened } from './key.ts'
import type { Lookups } from './say.ts'
import { condition, contextOf, type MappingContext, sayText } from './say-column.ts'
import type { LookupLists } from './say-list.ts'
import { type SaidTarget, sayTarget } from './say-target.ts'
import { cannot, computed, type Term } from './term.ts'
import { attempt, NOWHERE, settled, verdictOf } from './verdict.ts'

/** A dataset's mapping in SQL, each part with how well it is said. */
export interface SaidMapping {
  /** `source_id`, and the checks that the row has a key. */
  key: Verdict
  where?: Verdict
  /** True for a tombstone. */
  deletes?: Verdict
  targets: SaidTarget[]
  /** As the dataset says. */
  doubles: 'exact' | 'close'
}

export interface SayInput {
  mapping: MappingInput
  /** Of the relation that the warehouse reads. */
  columns: ColumnFacts[]
  /** Of the relations joined to it. */
  lookups?: Lookups
  /** Those that find many rows; what is asked of them is noted there. */
  lists?: LookupLists
}

/** Says a whole mapping; what cannot be said is `not`, with the reason. */
export function sayMapping({ mapping, columns, lookups, lists }: SayInput): SaidMapping {
  const known = new Map(columns.map((it) => [it.name, it]))
  const { dataset } = mapping
  const key = attempt(() => wholeKey(mapping, known))
  const context: MappingContext = { mapping, columns: known, key, lookups, lists }
  const at = (source: SourceText): Verdict => verdictOf(() => condition(source, context), source)
  return {
    key: verdictOf(() => sourceKey(settled(key))),
    ...(dataset.where && { where: at(dataset.where) }),
    ...(dataset.deletes && { deletes: at(dataset.deletes) }),
    targets: sayTargets(context),
    doubles: dataset.doubles ?? 'exact',
  }
}

/** Says one expression over the rows of a dataset, before it is fitted into a column. */
export function sayExpression(source: SourceText, { mapping, columns, lookups, lists }: SayInput): Verdict {
  const known = new Map(columns.map((it) => [it.name, it]))
  const key = attempt(() => wholeKey(mapping, known))
  return verdictOf(() => sayText(contextOf(source, { mapping, columns: known, key, lookups, lists })), source)
}

/** In the order of the mapping; said in the order in which they refer to each other. */
function sayTargets(context: MappingContext): SaidTarget[] {
  const { dataset, tables } = context.mapping
  const placed = dataset.targets.flatMap((spec) => {
    const table = tables.find((it) => it.name === spec.table)
    return table ? [{ spec, table }] : []
  })
  const anchorTables = anchorsOf(placed)
  const whole = { ...context, anchorTables, anchors: new Map() }
  const said = new Map<TargetSpec, SaidTarget[]>()
  for (const { spec } of inOrder(placed, anchorTables)) said.set(spec, sayTarget(spec, whole))
  return dataset.targets.flatMap((spec) => said.get(spec) ?? sayTarget(spec, whole))
}

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
