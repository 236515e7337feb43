import type { ColumnFacts, Expr } from '../../core/expr.ts'
import type { LookupLayout, Reached } from '../../core/reach.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { type SaidLookupKey, sayLookupKey } from '../../transforms/index.ts'
import type { PreparedLookup } from '../lookup/prepare.ts'
import { type FoundLookup, type JoinedReach, joinedReach, placeOf } from './reach-lookups.ts'
import type { Obstacle } from './road.ts'

/** How the warehouse holds a look-up while it copies. */
export interface HeldLookup {
  name: string
  key: SaidLookupKey['as']
  /** Of the looked-up rows, in the order of the layout's columns. */
  fields: string[]
  layout: LookupLayout
}

/** A relation joined with looked-up rows that were read before: the very rows of the fingerprint. */
export interface HeldReach extends JoinedReach {
  held: HeldLookup[]
}

/** @returns what stands in the way, look-up by look-up */
export function holdLookups(
  dataset: DatasetSpec,
  lookups: PreparedLookup[],
  base: Reached,
  session: WarehouseSession,
): HeldReach | Obstacle[] {
  const obstacles: Obstacle[] = []
  const found: (FoundLookup & { held: HeldLookup })[] = []
  const own = new Map(base.columns!.map((it) => [it.name, it]))
  for (const [at, lookup] of lookups.entries()) {
    const one = holdOne(lookup, at, own, session)
    if (typeof one !== 'string') found.push(one)
    else obstacles.push({ what: `with.${lookup.name}`, because: one, at: placeOf(dataset, lookup) })
  }
  if (obstacles.length > 0) return obstacles
  return { ...joinedReach(found, base, session), held: found.map((it) => it.held) }
}

function holdOne(
  { name, on, types, many, fields, facts }: PreparedLookup,
  at: number,
  own: ReadonlyMap<string, ColumnFacts>,
  session: WarehouseSession,
): (FoundLookup & { held: HeldLookup }) | string {
  if (fields.includes('*')) return 'the mapping takes the whole looked-up row, and SQL only its columns'
  const ours = on.flatMap((it) => own.get(it) ?? [])
  // What does not come whole would meet nothing.
  const broken = ours.find((it) => it.sound !== undefined)
  if (broken)
    return `not every value of "${broken.name}" (${broken.sourceType}), by which it is found, comes to SQL`
  const key = ours.length === on.length ? sayLookupKey(ours, types) : undefined
  if (!key) return 'its key is compared as a whole number, a decimal or a text of both sides in SQL'
  const theirs = fields.flatMap((it) => facts?.schema.fields.find((field) => field.name === it) ?? [])
  const layout = session.lookupLayout(at, key.as, theirs)
  if (!layout) return 'a statement of this warehouse may name a private table only once'
  const alias = (column: string) => `${name}.${column}`
  const aliases = [alias('#found'), ...theirs.map((it) => alias(it.name))]
  const clash = aliases.find((it) => own.has(it))
  if (clash !== undefined) return `the table has a column "${clash}"`
  const typed = layout.columns.flatMap(({ facts, type }, i) =>
    type ? [{ name: facts.name, as: aliases[i + 1]! }] : [],
  )
  const met = many ? alias('#key') : aliases[0]!
  return {
    name,
    held: { name, key: key.as, fields: theirs.map((it) => it.name), layout },
    join: {
      relation: layout.relation,
      columns: [{ name: layout.key.name, as: aliases[0]! }, ...typed],
      by: [{ value: key.expr, as: met, type: { kind: key.as === 'hash' ? 'text' : 'integer' } }],
      on: [key.holds],
    },
    columns: new Map(
      theirs.map((it, i) => [
        it.name,
        { ...layout.columns[i]!.facts, name: aliases[i + 1]!, nullable: true },
      ]),
    ),
    ...(many && { keys: [{ of: column(aliases[0]!, layout), as: met }] }),
  }
}

const column = (name: string, { key: { stored } }: LookupLayout): Expr => ({
  op: 'column',
  name,
  stored,
  kind: stored.kind,
  nullable: true,
})
