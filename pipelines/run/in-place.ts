import type { Problem } from '../../core/errors.ts'
import type { Json } from '../../core/value.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { countLeftOut, type PlannedRoad } from '../plan/roads.ts'
import { recordDataset } from '../state/runs.ts'
import { commitId, place, writeSchema } from './commit.ts'
import type { Loading } from './loading.ts'
import { inPlace } from './mode.ts'

/**
 * A dataset that is mapped in place: its views are there, and nothing is read. The checkpoint tells so, so that a copy
 * that comes after begins at the beginning.
 */
export async function keepInPlace(loading: Loading, planned: PlannedRoad): Promise<'complete'> {
  const { session, store, run, runId, prepared, guard } = loading
  run.mode = 'view'
  const road = await withCount(planned, session)
  if (road.leftOut) run.warnings.push(leftOutProblem(prepared.ref, road))
  const schema = guard.store
  await session.commit<Json>(commitId(loading, 'view'), loading.fence, async (tx) => {
    const state = { v: 1, mapping: inPlace(prepared.hash) }
    await store.moveCheckpoint(tx, place(loading), loading.version, state)
    await writeSchema(loading, tx)
    await recordDataset(store, tx, runId, run)
    return null
  })
  guard.stored(schema)
  return 'complete'
}

/** Before its link was made, rows could not be counted. */
async function withCount(road: PlannedRoad, session: WarehouseSession): Promise<PlannedRoad> {
  if (!road.rejects || road.leftOut !== undefined) return road
  return { ...road, leftOut: await countLeftOut(road.rejects, { ...road.reached, steps: [] }, session) }
}

export const leftOutProblem = (ref: string, { leftOut = 0, rejects }: PlannedRoad): Problem => ({
  code: 'E341',
  severity: 'warning',
  problem: `The views of "${ref}" leave out ${leftOut === 1 ? '1 row' : `${leftOut} rows`}: SQL is not known to give what the mapping gives.`,
  remedy: `See: select * from ${rejects?.name ?? ''}, in the internal schema; or copy the dataset with load: copy.`,
})
