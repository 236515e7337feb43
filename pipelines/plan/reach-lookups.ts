import type { ColumnFacts, Expr } from '../../core/expr.ts'
import type { JoinAsk, Reached } from '../../core/reach.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import type { Lookups } from '../../transforms/index.ts'
import type { PreparedLookup } from '../lookup/prepare.ts'
import type { Obstacle } from './road.ts'

/** A relation with what is looked up beside its columns, as the warehouse joins it. */
export interface JoinedReach {
  relation: string
  lookups: Lookups
}

/** Kinds of keys whose equality in SQL is the equality of their canonical texts. */
const KEYS = ['integer', 'text']

/**
 * Joins the looked-up tables to a relation that the warehouse reads, if it reaches them in the same way.
 * @returns what stands in the way, look-up by look-up
 */
export async function joinLookups(
  dataset: DatasetSpec,
  lookups: PreparedLookup[],
  base: Reached,
  session: WarehouseSession,
  reach: (lookup: PreparedLookup) => Promise<Reached>,
): Promise<JoinedReach | Obstacle[]> {
  const obstacles: Obstacle[] = []
  const joins: JoinAsk['lookups'] = []
  const known = new Map<string, Map<string, ColumnFacts>>()
  const own = new Map(base.columns!.map((it) => [it.name, it]))
  for (const lookup of lookups) {
    const spec = dataset.with!.find((it) => it.name === lookup.name)!
    const no = (because: string) => obstacles.push({ what: `with.${lookup.name}`, because, at: spec.at })
    const reason = whyNot(lookup)
    if (reason !== undefined) {
      no(reason)
      continue
    }
    const reached = await reach(lookup)
    if (reached.relation === undefined || reached.how !== base.how) {
      no(`its table is not reached as that of the dataset is: ${reached.because}`)
      continue
    }
    const theirs = new Map(reached.columns!.map((it) => [it.name, it]))
    const named = [...new Set([...lookup.key, ...lookup.fields])]
    const alias = (name: string) => `${lookup.name}.${name}`
    const clash = named.map(alias).find((it) => own.has(it))
    const on = lookup.on.map((name, at) => equal(own.get(name), theirs.get(lookup.key[at]!), alias))
    if (clash !== undefined) no(`the table has a column "${clash}"`)
    else if (on.includes(undefined))
      no('its key is compared as a whole number or a text of the same type in SQL')
    else {
      joins.push({
        relation: reached.relation,
        columns: named.map((name) => ({ name, as: alias(name) })),
        on: on as Expr[],
      })
      known.set(lookup.name, columnsOf(lookup, theirs, alias))
    }
  }
  if (obstacles.length > 0) return obstacles
  const relation = session.joined({
    relation: base.relation!,
    columns: base.columns!.map((it) => it.name),
    lookups: joins,
  })
  return { relation, lookups: known }
}

function whyNot({ many, key, facts, fields }: PreparedLookup): string | undefined {
  if (many) return 'a list of rows has no form in SQL'
  if (fields.includes('*')) return 'the mapping takes the whole looked-up row, and SQL only its columns'
  const isPrimary = facts?.keyProven === true && facts.key.every((it) => key.includes(it))
  return isPrimary ? undefined : 'the source does not prove that at most one row matches'
}

/** NULL where nothing matches. Times without a zone are left to JavaScript, which gets them without their type. */
const columnsOf = (
  { fields }: PreparedLookup,
  theirs: Map<string, ColumnFacts>,
  alias: (name: string) => string,
): Map<string, ColumnFacts> =>
  new Map(
    fields.flatMap((name): [string, ColumnFacts][] => {
      const it = theirs.get(name)
      if (!it) return []
      const stored = it.stored?.kind === 'datetime' ? undefined : it.stored
      return [[name, { ...it, name: alias(name), stored, nullable: true }]]
    }),
  )

function equal(
  ours: ColumnFacts | undefined,
  theirs: ColumnFacts | undefined,
  alias: (name: string) => string,
): Expr | undefined {
  if (!ours?.stored || !theirs?.stored || ours.stored.kind !== theirs.stored.kind) return undefined
  if (!KEYS.includes(ours.stored.kind)) return undefined
  const left = columnOf(ours, ours.name)
  const right = columnOf(theirs, alias(theirs.name))
  return { op: 'compare', operator: '=', left, right, kind: 'boolean', nullable: true }
}

const columnOf = ({ stored }: ColumnFacts, name: string): Expr => ({
  op: 'column',
  name,
  stored: stored!,
  kind: stored!.kind,
  nullable: true,
})
