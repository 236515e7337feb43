import type { Problem } from '../../core/errors.ts'
import type { Reached } from '../../core/reach.ts'
import type { DatasetSpec, ProjectSpec } from '../../core/spec.ts'
import type { Part, RejectQuery, WarehouseSession } from '../../core/warehouse.ts'
import { partQueries, type SaidMapping, type SaidParts } from '../../transforms/index.ts'
import { isPartOf, rejectViewName } from '../state/parts.ts'
import { type CopyChoice, type CopyPlan, planCopy, rowObstacles } from './copy.ts'
import { holdLookups } from './copy-lookups.ts'
import { isKeyProven, sessionObstacles, unsaidOf, unviewableOf } from './obstacles.ts'
import type { Prepared } from './prepare.ts'
import { provenMapping, withoutProven } from './proven.ts'
import { linkWarnings, reach, type WholeReach } from './reach.ts'
import { repeatedKeys } from './repeated-keys.ts'
import { chooseRoad, type Obstacle, type Road } from './road.ts'
import type { Sources } from './sources.ts'

/** The road that a dataset takes, with what its views are made of. */
export interface PlannedRoad extends Road {
  reached: Reached
  /** The mapping in SQL; absent where a part of it is not said. */
  said?: SaidParts
  /** How the warehouse copies by itself; absent where it cannot. */
  copy?: CopyPlan
  /** Lists what the views leave out; absent where they leave out nothing. */
  rejects?: RejectQuery
  /** Rows that they leave out now. */
  leftOut?: number
  /** The project asks the warehouse to read the source, something broke, and nothing else is known to be in the way. */
  broken?: true
  /** `load: direct` and no view. */
  problem?: Problem
}

/** A dataset with the road that was chosen for it. */
export interface OnRoad {
  prepared: Prepared
  /** Absent where there is no mapping to choose for. */
  road?: PlannedRoad
}

/** Asks sources and warehouse what is needed and chooses; writes nothing. */
async function planRoad(
  project: ProjectSpec,
  prepared: Prepared,
  sources: Sources,
  session: WarehouseSession,
  stored: Part[],
): Promise<PlannedRoad> {
  const { dataset } = prepared
  const isView = stored.some((it) => isPartOf(it, dataset) && it.form.kind === 'view' && it.state === 'live')
  const whole = await reach(prepared, sources, session)
  const { base, joined, obstacles } = whole
  const mapping = base.columns && prepared.say?.(base.columns, joined?.known)
  const unsaid =
    mapping && obstacles.length === 0 ? unsaidOf(mapping, dataset, session, joined?.known.lists) : obstacles
  const found = joined ? { ...base, ...joined.through, relation: joined.relation() } : base
  const said =
    mapping && unsaid.length === 0 && found.relation && !found.fetch
      ? partQueries(mapping, found.relation)
      : undefined
  const reached = { ...found, warnings: await linkWarnings(project, prepared, found, said, session) }
  const rejects = said && rejectsOf(said, prepared, reached, session)
  const unviewable = [
    ...unviewableOf(project, prepared),
    ...(said ? sessionObstacles(said, session, joined?.known.lists) : []),
  ]
  const mayView = dataset.load === 'direct' || (dataset.load === 'auto' && session.facts.unionPushdown)
  if (said && mayView && unviewable.length === 0 && !isKeyProven(prepared))
    unviewable.push(...(await repeatedKeys(prepared, said, reached, rejects, session)))
  const leftOut =
    rejects && mayView && unviewable.length === 0 ? await countLeftOut(rejects, reached, session) : undefined
  const slices = sources.reader(dataset.connection).slices !== undefined
  const copy = copyOf(prepared, { ...whole, mapping, unsaid }, session, slices)
  const road = chooseRoad({
    load: dataset.load,
    reached,
    unsaid,
    unviewable,
    uncopied: copy.unsaid,
    unpushable: copy.obstacles,
    isView,
    unionPushdown: session.facts.unionPushdown,
    ...(prepared.facts?.rows !== undefined && { rows: prepared.facts.rows }),
    ...(leftOut !== undefined && { leftOut }),
  })
  const problem = dataset.load === 'direct' && road.road !== 'view' ? notDirect(dataset, road) : undefined
  return {
    ...road,
    reached,
    ...(said && {
      said: withoutProven(said, provenMapping(prepared, base, leftOut, joined?.known), found.relation!),
    }),
    ...(rejects && { rejects }),
    ...(copy.plan && { copy: copy.plan }),
    ...(leftOut !== undefined && { leftOut }),
    ...(reached.broken && rowObstacles(prepared, slices).length === 0 && { broken: true }),
    ...(problem && { problem }),
  }
}

/** How the warehouse copies by itself. What is looked up it joins in another way than a view does. */
function copyOf(
  prepared: Prepared,
  { base, mapping, unsaid }: WholeReach & { mapping?: SaidMapping; unsaid: Obstacle[] },
  session: WarehouseSession,
  slices: boolean,
): CopyChoice & { unsaid: Obstacle[] } {
  const { dataset, lookups } = prepared
  if (!base.relation || !mapping) return { unsaid, obstacles: [] }
  if (lookups.length === 0) {
    const whole = { mapping, relation: base.relation, held: [] }
    return unsaid.length > 0
      ? { unsaid, obstacles: [] }
      : { unsaid, ...planCopy(prepared, whole, base, session, slices) }
  }
  const held = holdLookups(dataset, lookups, base, session)
  if (Array.isArray(held)) return { unsaid: held, obstacles: [] }
  const said = prepared.say!(base.columns!, held.known)
  const missing = unsaidOf(said, dataset, session, held.known.lists)
  if (missing.length > 0) return { unsaid: missing, obstacles: [] }
  const joined = { mapping: said, relation: held.relation(), held: held.held }
  return { unsaid: [], ...planCopy(prepared, joined, base, session, slices) }
}

/** The roads of all datasets that have a mapping. */
export async function planRoads(
  project: ProjectSpec,
  prepared: Prepared[],
  sources: Sources,
  session: WarehouseSession,
  stored: Part[],
): Promise<OnRoad[]> {
  const roads: OnRoad[] = []
  for (const it of prepared) {
    const road = it.mapper ? await planRoad(project, it, sources, session, stored) : undefined
    roads.push({ prepared: it, ...(road && { road }) })
  }
  return roads
}

function rejectsOf(
  { guards, sourceId }: SaidParts,
  { dataset }: Prepared,
  reached: Reached,
  session: WarehouseSession,
): RejectQuery | undefined {
  if (guards.length === 0) return undefined
  const name = rejectViewName(dataset, session.facts.maxNameBytes)
  return { relation: reached.relation!, name, sourceId, guards }
}

/** @returns undefined before its link is made, where the warehouse cannot make it on trial */
export async function countLeftOut(
  { relation, guards }: RejectQuery,
  { steps = [] }: Reached,
  session: WarehouseSession,
): Promise<number | undefined> {
  const tests = guards.map(({ holds }) => {
    const printed = session.print(holds)
    return 'sql' in printed ? `${printed.sql} is not true` : '1 = 0'
  })
  const rows = await session.trial<{ count: number | string }>(
    steps,
    `select count(*) as count from ${relation} where ${tests.join(' or ')}`,
  )
  return rows && Number(rows[0]!.count)
}

function notDirect(dataset: DatasetSpec, { obstacles }: Road): Problem {
  const first = obstacles[0]!
  const more = obstacles.length > 1 ? ` (and ${obstacles.length - 1} more)` : ''
  return {
    code: 'E340',
    severity: 'error',
    at: first.at ?? dataset.loadAt ?? dataset.at,
    problem: `"${dataset.pipeline}.${dataset.name}" cannot be mapped in place: ${first.what}: ${first.because}${more}.`,
    remedy: 'Change what stands in the way, or write load: auto to copy the rows.',
  }
}
