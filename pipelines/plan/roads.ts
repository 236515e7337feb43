import type { Problem } from '../../core/errors.ts'
import type { Expr } from '../../core/expr.ts'
import type { Place } from '../../core/place.ts'
import type { Pushed, Reached } from '../../core/reach.ts'
import type { DatasetSpec, ProjectSpec } from '../../core/spec.ts'
import type { Part, RejectQuery, WarehouseSession } from '../../core/warehouse.ts'
import {
  type LookupLists,
  partQueries,
  type SaidMapping,
  type SaidParts,
  verdictsOf,
} from '../../transforms/index.ts'
import { isPartOf, rejectViewName } from '../state/parts.ts'
import { type CopyChoice, type CopyPlan, planCopy } from './copy.ts'
import { holdLookups } from './copy-lookups.ts'
import type { Prepared } from './prepare.ts'
import { reach, type WholeReach } from './reach.ts'
import { canOnlyBeCounted, repeatedKeys } from './repeated-keys.ts'
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
export async function planRoad(
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
    mapping && unsaid.length === 0 && found.relation ? partQueries(mapping, found.relation) : undefined
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
    ...(said && { said }),
    ...(rejects && { rejects }),
    ...(copy.plan && { copy: copy.plan }),
    ...(leftOut !== undefined && { leftOut }),
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

/** What a team should know of a view over another server: which filters reach it, and which read all of it. */
async function linkWarnings(
  project: ProjectSpec,
  { dataset }: Prepared,
  { how, steps = [], warnings = [] }: Reached,
  said: SaidParts | undefined,
  session: WarehouseSession,
): Promise<string[]> {
  if (how !== 'link' || !said) return warnings
  const source = { pipeline: dataset.pipeline, dataset: dataset.name }
  const found = [...warnings]
  for (const [name, query] of said.parts) {
    const table = project.tables.find((it) => it.name === name)!
    const told = await session.pushed(source, table, query, steps)
    if (told) found.push(...pushedWords(name, told))
  }
  return found
}

const pushedWords = (table: string, { sent, tests, there, here }: Pushed): string[] => [
  ...sent.map((it) => `${table} sends ${it}`),
  ...(tests ? [`${table}: conditions of the mapping are tested here, over all rows of the source`] : []),
  ...(there.length > 0 ? [`${table}: the source answers filters on ${there.join(', ')}`] : []),
  ...(here.length > 0 ? [`${table}: filters on ${here.join(', ')} read the source in full`] : []),
]

/** The expressions that have no exact form, with the place of each. */
function unsaidOf(
  said: SaidMapping,
  dataset: DatasetSpec,
  session: WarehouseSession,
  lists?: LookupLists,
): Obstacle[] {
  const found = verdictsOf(said).flatMap(({ place, said, target, column }): Obstacle[] => {
    const at = placeOf(dataset, place, target, column, said.verdict === 'not' ? said.at : undefined)
    const obstacle = (because: string) => [{ what: place, because, ...(at && { at }) }]
    if (said.verdict === 'not') return obstacle(said.because)
    if (said.verdict === 'close') return obstacle(`${said.because}, before it is rounded`)
    for (const expr of [said.expr, ...(said.verdict === 'guarded' ? [said.guard] : [])]) {
      const printed = session.print(expr)
      if ('not' in printed) return obstacle(printed.not)
    }
    return []
  })
  for (const { name, of } of aggregated(lists)) {
    const printed = session.print(of)
    if ('not' in printed) found.push({ what: `with.${name}`, because: printed.not })
  }
  return unique(found, (it) => `${it.because} ${it.at?.line}`)
}

/** What is computed of each row of the lists. */
const aggregated = (lists: LookupLists = new Map()): { name: string; of: Expr }[] =>
  [...lists].flatMap(([name, { aggregates }]) => aggregates.flatMap(({ of }) => (of ? [{ name, of }] : [])))

/** Each told once: a row that is not said has columns that are not, for the same reason. */
function unique(found: Obstacle[], mark: (it: Obstacle) => string): Obstacle[] {
  const told = new Set<string>()
  return found.filter((it) => !told.has(mark(it)) && told.add(mark(it)))
}

function placeOf(
  dataset: DatasetSpec,
  place: string,
  target: number | undefined,
  column: string | undefined,
  span: { from: number; to: number } | undefined,
): Place | undefined {
  if (place === 'where') return dataset.where?.place(span?.from, span?.to)
  if (place === 'deletes') return dataset.deletes?.place(span?.from, span?.to)
  if (target === undefined) return dataset.keyAt ?? dataset.at
  const spec = dataset.targets[target]!
  const mapping = spec.columns.find((it) => it.column === column)
  if (mapping && 'expression' in mapping.value) return mapping.value.expression.place(span?.from, span?.to)
  return mapping?.at ?? spec.at
}

/** A view has no history, no marks and no contract of its own. */
function unviewableOf(project: ProjectSpec, prepared: Prepared): Obstacle[] {
  const { dataset } = prepared
  const found: Obstacle[] = []
  const add = (what: string, because: string, at?: Place) => found.push({ what, because, ...(at && { at }) })
  if (!isKeyProven(prepared) && !canOnlyBeCounted(prepared))
    add('key', 'the source does not prove that its key comes once', dataset.keyAt ?? dataset.at)
  for (const it of dataset.targets) {
    if (project.tables.find(({ name }) => name === it.table)?.history === 'append')
      add(it.table, 'this table keeps a history, and a view has none', it.at)
  }
  if (dataset.start !== undefined)
    add('start', 'a view shows all rows, not those from a mark on', dataset.startAt)
  if (dataset.deletesBySource) add('deletes: source', 'a view shows what is there', dataset.deletesBySource)
  if (dataset.contract === 'discard_row' || dataset.contract === 'discard_value')
    add(`contract: ${dataset.contract}`, 'a view holds its rows to no contract', dataset.at)
  return found
}

const isKeyProven = ({ facts, key }: Prepared): boolean =>
  facts?.keyProven === true && isKeyOf(key, facts.key)

const isKeyOf = (key: string[], proven: string[]): boolean =>
  proven.length > 0 && proven.every((it) => key.includes(it))

/** Views are read in the sessions of others: what they give may not depend on settings, nor fail on a row. */
function sessionObstacles(
  { parts, guards, sourceId }: SaidParts,
  session: WarehouseSession,
  lists?: LookupLists,
): Obstacle[] {
  const found: Obstacle[] = []
  const test = (what: string, expr: Expr) => {
    const printed = session.print(expr)
    if ('sql' in printed && !printed.sessionIndependent)
      found.push({ what, because: "what it gives depends on settings of the reader's session" })
  }
  test('key', sourceId)
  for (const { name, of } of aggregated(lists)) test(`with.${name}`, of)
  for (const { table, column, holds } of guards)
    test([table, column].filter(Boolean).join('.') || 'key', holds)
  for (const [table, query] of parts)
    for (const row of query.rows) for (const { name, value } of row.columns) test(`${table}.${name}`, value)
  return unique(found, (it) => it.what)
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
