import type { DatasetRequest } from '../../core/connector.ts'
import { PolderError } from '../../core/errors.ts'
import type { DatasetFacts } from '../../core/field.ts'
import type { Pushed, ReachAsk, Reached } from '../../core/reach.ts'
import { type DatasetSpec, datasetRef, type ProjectSpec } from '../../core/spec.ts'
import type { DdlStep, WarehouseSession } from '../../core/warehouse.ts'
import type { SaidParts } from '../../transforms/index.ts'
import type { Prepared } from './prepare.ts'
import { type JoinedReach, joinLookups } from './reach-lookups.ts'
import type { Obstacle } from './road.ts'
import { requestOf, type Sources } from './sources.ts'

/** A dataset with what its mapping takes from the source and its look-ups; without a mapper, anything. */
export type Reachable = Pick<Prepared, 'dataset' | 'facts' | 'lookups' | 'key' | 'mapper'>

export interface WholeReach {
  /** The dataset's own relation. */
  base: Reached
  /** With its look-ups. */
  joined?: JoinedReach
  /** What keeps look-ups from being joined. */
  obstacles: Obstacle[]
}

/** The dataset's relation as the warehouse reads it, with what is looked up joined to it. */
export async function reach(
  prepared: Reachable,
  sources: Sources,
  session: WarehouseSession,
): Promise<WholeReach> {
  const { dataset, facts, lookups } = prepared
  const { fields } = prepared.mapper ?? { fields: ['*'] }
  const isLinked = dataset.load === 'direct'
  const cursor = isLinked || dataset.cursor === undefined ? [] : [dataset.cursor]
  const uses = fields.includes('*') ? undefined : [...new Set([...fields, ...prepared.key, ...cursor])]
  const how = { links: isLinked, joined: isLinked && lookups.length > 0 }
  const reached = await reachOne(dataset, requestOf(dataset), facts, sources, session, {
    ...how,
    ...(uses && { uses }),
  })
  if (!reached.relation || lookups.length === 0) return { base: reached, obstacles: [] }
  if (reached.fetch) return { base: reached, obstacles: [{ what: 'reach', because: reached.fetch.because }] }
  const joined = await joinLookups(dataset, lookups, reached, session, (it) =>
    reachOne(dataset, it.request, it.facts, sources, session, {
      ...how,
      uses: [...new Set([...it.key, ...it.fields])],
    }),
  )
  return Array.isArray(joined)
    ? { base: reached, obstacles: joined }
    : { base: reached, joined, obstacles: [] }
}

async function reachOne(
  dataset: DatasetSpec,
  request: DatasetRequest,
  facts: DatasetFacts | undefined,
  sources: Sources,
  session: WarehouseSession,
  ask: Pick<ReachAsk, 'links' | 'joined' | 'uses'>,
): Promise<Reached> {
  const reader = sources.reader(dataset.connection)
  if (!facts || !reader.address) return { how: 'none', because: NOT_OPEN }
  const address = await reader.address(request)
  if (!address) return { how: 'none', because: NOT_OPEN }
  const { connection } = dataset
  try {
    return await session.reach({
      connection,
      address,
      fields: facts.schema.fields,
      ...ask,
      thorough: dataset.load === 'direct',
      dataset: datasetRef(dataset),
    })
  } catch (error) {
    if (!(error instanceof PolderError)) throw error
    return { how: 'none', because: error.problem.replace(/\.$/, '') }
  }
}

const NOT_OPEN = 'only its connector reads this source'

/** What several datasets or look-ups ask for alike is done once. */
export const eachOnce = (steps: DdlStep[]): DdlStep[] => {
  const known = new Set<string>()
  return steps.filter((it) => {
    const mark = JSON.stringify([it.name, it.sql])
    return !known.has(mark) && known.add(mark)
  })
}

/** What a team should know of a view over another server: which filters reach it, and which read all of it. */
export async function linkWarnings(
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
