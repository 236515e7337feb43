import type { DatasetRequest } from '../../core/connector.ts'
import { PolderError } from '../../core/errors.ts'
import type { DatasetFacts } from '../../core/field.ts'
import type { Reached } from '../../core/reach.ts'
import { type DatasetSpec, datasetRef } from '../../core/spec.ts'
import type { DdlStep, WarehouseSession } from '../../core/warehouse.ts'
import type { Prepared } from './prepare.ts'
import { type JoinedReach, joinLookups } from './reach-lookups.ts'
import type { Obstacle } from './road.ts'
import { requestOf, type Sources } from './sources.ts'

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
  prepared: Prepared,
  sources: Sources,
  session: WarehouseSession,
): Promise<WholeReach> {
  const { dataset, facts, lookups } = prepared
  const { fields } = prepared.mapper ?? { fields: ['*'] }
  const uses = fields.includes('*') ? undefined : [...new Set([...fields, ...prepared.key])]
  const isLinked = dataset.load === 'direct'
  const link = isLinked ? { ...(uses && { uses }) } : undefined
  const reached = await reachOne(dataset, requestOf(dataset), facts, sources, session, link)
  if (!reached.relation || lookups.length === 0) return { base: reached, obstacles: [] }
  const joined = await joinLookups(dataset, lookups, reached, session, (it) =>
    reachOne(
      dataset,
      it.request,
      it.facts,
      sources,
      session,
      isLinked ? { uses: [...new Set([...it.key, ...it.fields])] } : undefined,
    ),
  )
  return Array.isArray(joined)
    ? { base: reached, obstacles: joined }
    : { base: reached, joined, obstacles: [] }
}

/** @param link  absent: no link may be made */
async function reachOne(
  dataset: DatasetSpec,
  request: DatasetRequest,
  facts: DatasetFacts | undefined,
  sources: Sources,
  session: WarehouseSession,
  link?: { uses?: string[] },
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
      links: link !== undefined,
      thorough: dataset.load === 'direct',
      dataset: datasetRef(dataset),
      ...link,
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
