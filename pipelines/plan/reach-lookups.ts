import type { ColumnFacts, Expr } from '../../core/expr.ts'
import type { Place } from '../../core/place.ts'
import type { JoinAsk, Reached } from '../../core/reach.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { LookupList } from '../../transforms/index.ts'
import type { PreparedLookup } from '../lookup/prepare.ts'
import type { KnownLookups } from './prepare.ts'
import { eachOnce } from './reach.ts'
import type { Obstacle } from './road.ts'

/** A relation with what is looked up beside its columns, as the warehouse joins it. */
export interface JoinedReach {
  known: KnownLookups
  /** Once the mapping is said: then it is known what is asked of lists. */
  relation(): string
  /** What all of it is read through: that of the dataset's own relation as well. */
  through: Pick<Reached, 'steps' | 'links' | 'warnings'>
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
  const found: FoundLookup[] = []
  for (const lookup of lookups) {
    const one = await joinOne(lookup, base, reach)
    if (typeof one !== 'string') found.push(one)
    else obstacles.push({ what: `with.${lookup.name}`, because: one, at: placeOf(dataset, lookup) })
  }
  return obstacles.length > 0 ? obstacles : joinedReach(found, base, session)
}

export const placeOf = (dataset: DatasetSpec, { name }: PreparedLookup): Place =>
  dataset.with!.find((it) => it.name === name)!.at

/** A look-up that can be joined. */
export interface FoundLookup {
  name: string
  join: JoinAsk['lookups'][number]
  columns: ReadonlyMap<string, ColumnFacts>
  /** Of many rows: by what they are put together. */
  keys?: { of: Expr; as: string }[]
  /** How its own relation is read. */
  reached?: Reached
}

/** All look-ups beside the base's columns. */
export function joinedReach(found: FoundLookup[], base: Reached, session: WarehouseSession): JoinedReach {
  const ones = found.filter((it) => !it.keys)
  const lists = new Map(
    found.flatMap((it) => (it.keys ? [[it.name, new LookupList(it.name, it.columns)]] : [])),
  )
  const joinOf = ({ name, join, keys }: FoundLookup): JoinAsk['lookups'] => {
    if (!keys) return [join]
    const { aggregates } = lists.get(name)!
    return aggregates.length === 0 ? [] : [{ ...join, group: { keys, aggregates } }]
  }
  return {
    known: { lookups: new Map(ones.map((it) => [it.name, it.columns])), lists },
    relation: () =>
      session.joined({
        relation: base.relation!,
        columns: base.columns!.flatMap(namesOf),
        lookups: found.flatMap(joinOf),
      }),
    through: throughAll([base, ...found.flatMap((it) => it.reached ?? [])]),
  }
}

/** Those that SQL can read: a link has no others. */
const namesOf = ({ name, stored, sound }: ColumnFacts): string[] =>
  stored === undefined ? [] : [name, ...(sound === undefined ? [] : [sound])]

const throughAll = (all: Reached[]): JoinedReach['through'] => ({
  steps: eachOnce(all.flatMap((it) => it.steps ?? [])),
  links: all.flatMap((it) => it.links ?? []),
  warnings: [...new Set(all.flatMap((it) => it.warnings ?? []))],
})

async function joinOne(
  lookup: PreparedLookup,
  base: Reached,
  reach: (lookup: PreparedLookup) => Promise<Reached>,
): Promise<FoundLookup | string> {
  const reason = whyNot(lookup)
  if (reason !== undefined) return reason
  const reached = await reach(lookup)
  if (reached.fetch) return reached.fetch.because
  if (reached.relation === undefined || reached.how !== base.how)
    return `its table is not reached as that of the dataset is: ${reached.because}`
  const own = new Map(base.columns!.map((it) => [it.name, it]))
  const theirs = new Map(reached.columns!.map((it) => [it.name, it]))
  const named = [...new Set([...lookup.key, ...lookup.fields])]
  const alias = (name: string) => `${lookup.name}.${name}`
  const clash = named.map(alias).find((it) => own.has(it))
  if (clash !== undefined) return `the table has a column "${clash}"`
  const pairs = lookup.on.map((name, at) => [own.get(name), theirs.get(lookup.key[at]!)] as const)
  const keys = pairs.map(([, it], at) => it && groupKey(it, alias(it.name), `${lookup.name}.#key${at}`))
  const met = pairs.map(([ours, it], at) =>
    equal(ours, it, lookup.many ? (keys[at]?.as ?? '') : alias(it?.name ?? '')),
  )
  // What a link does not give whole would meet nothing.
  if (met.includes(undefined) || pairs.flat().some((it) => it?.sound !== undefined))
    return 'its key is compared as a whole number or a text of the same type in SQL'
  if (lookup.many && pairs.some(([ours]) => ours!.stored!.kind !== 'integer'))
    return 'a list of rows is found by whole numbers in SQL'
  return {
    name: lookup.name,
    join: {
      relation: reached.relation,
      columns: named.flatMap((name) => joinedColumns(theirs.get(name), name, alias)),
      by: met.flatMap((it) => it?.by ?? []),
      on: met.flatMap((it) => it?.on ?? []),
    },
    reached,
    columns: columnsOf(lookup, theirs, alias),
    ...(lookup.many && { keys: keys as { of: Expr; as: string }[] }),
  }
}

function joinedColumns(
  facts: ColumnFacts | undefined,
  name: string,
  alias: (name: string) => string,
): JoinAsk['lookups'][number]['columns'] {
  if (facts?.stored === undefined) return []
  const { sound } = facts
  const own = { name, as: alias(name) }
  return sound === undefined ? [own] : [own, { name: sound, as: alias(sound), sound: true }]
}

const groupKey = (facts: ColumnFacts, name: string, as: string): { of: Expr; as: string } | undefined =>
  facts.stored && { of: columnOf(facts, name), as }

function whyNot({ many, key, facts, fields }: PreparedLookup): string | undefined {
  if (fields.includes('*')) return 'the mapping takes the whole looked-up row, and SQL only its columns'
  if (many) return undefined
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
      const sound = it.sound === undefined ? {} : { sound: alias(it.sound) }
      return [[name, { ...it, name: alias(name), stored, nullable: true, ...sound }]]
    }),
  )

/** Whole numbers are met as they are stored, so that a key's index serves; texts by their bytes, whatever their collations. */
function equal(
  ours: ColumnFacts | undefined,
  theirs: ColumnFacts | undefined,
  name: string,
): { by?: JoinAsk['lookups'][number]['by'][number]; on?: Expr } | undefined {
  if (!ours?.stored || !theirs?.stored || ours.stored.kind !== theirs.stored.kind) return undefined
  if (!KEYS.includes(ours.stored.kind)) return undefined
  const left = columnOf(ours, ours.name)
  if (left.kind === 'integer') return { by: { value: left, as: name, type: { kind: 'integer' } } }
  const right = columnOf(theirs, name)
  return { on: { op: 'compare', operator: '=', left, right, kind: 'boolean', nullable: true } }
}

const columnOf = ({ stored }: ColumnFacts, name: string): Expr => ({
  op: 'column',
  name,
  stored: stored!,
  kind: stored!.kind,
  nullable: true,
})
