import type { RowSchema } from '../../core/field.ts'
import type { Json } from '../../core/value.ts'
import { closeOldRejects } from '../state/rejects.ts'
import { recordDataset } from '../state/runs.ts'
import { commitId, place, writeSchema } from './commit.ts'
import type { Loading } from './loading.ts'
import type { DatasetState } from './mode.ts'

/** More than this share of a dataset's live rows gone at once is not believed without `--allow-shrink`. */
export const MAX_DROP = 0.2

/** Ends a complete scan in one fenced transaction: sweep (full reads), and the checkpoint becomes complete. */
export async function finishScan(loading: Loading, current: DatasetState): Promise<void> {
  const { session, store, run, runId } = loading
  const scan = current.scan!
  const result = await session.commit<Json>(commitId(loading, 'end'), loading.fence, async (tx) => {
    const maxDrop = loading.allowShrink ? 1 : MAX_DROP
    const ask = { id: scan.id, startedAt: scan.startedAt, maxDrop, runId, fresh: scan.append }
    const deleted = scan.kind === 'full' ? (await loading.loader.sweep(tx, ask)).deleted : 0
    if (scan.kind === 'full') await closeOldRejects(store, tx, runId, loading.prepared.ref, scan.startedAt)
    const { highWater, settling, readStartedAt } = scan.highWater
    const endedAt = await store.now(tx)
    const fullAt = scan.kind === 'full' ? endedAt : current.complete?.fullAt
    const { scannedAt, keyTypes: before } = current.complete ?? {}
    const keyTypes = scan.kind === 'full' ? keyTypesOf(loading) : (before ?? keyTypesOf(loading))
    const { origin } = loading.prepared
    const read = { highWater, settling, origin, readStartedAt, endedAt, fullAt, scannedAt, keyTypes }
    const complete = { ...read, lookups: scan.lookups }
    const state: DatasetState = { v: 1, mapping: current.mapping, complete }
    const version = await store.moveCheckpoint(tx, place(loading), loading.version, state as unknown as Json)
    if (scan.ranges) await store.forgetRanges(tx, loading.prepared.ref)
    await writeSchema(loading, tx)
    await recordDataset(store, tx, runId, {
      ...run,
      deleted: run.deleted + deleted,
      cursor: cursorMark(loading, highWater),
    })
    return { deleted, version }
  })
  const { deleted, version } = ('done' in result ? result.done : result.already) as {
    deleted: number
    version: number
  }
  run.deleted += deleted
  run.cursor = cursorMark(loading, scan.highWater.highWater)
  loading.version = version
  loading.guard.store = undefined
}

const keyTypesOf = ({ prepared }: Loading): string | undefined =>
  prepared.facts && keyTypes(prepared.key, prepared.facts.schema)

/** Absent where a type is not known, as in files. */
export function keyTypes(key: string[], { fields }: RowSchema): string | undefined {
  const types = key.map((name) => fields.find((it) => it.name === name)?.type)
  return types.includes(undefined) || types.includes('unknown') ? undefined : types.join(', ')
}

/** Files have a fingerprint there, which is nobody's cursor. */
const cursorMark = ({ prepared }: Loading, highWater: string | undefined): string | undefined =>
  prepared.cursor ? highWater : undefined

/** Drops an unfinished scan from the checkpoint, so that the next run begins a new one. */
export async function forgetScan(loading: Loading, current: DatasetState): Promise<void> {
  const state: DatasetState = { v: 1, mapping: current.mapping, complete: current.complete }
  const result = await loading.session.commit<Json>(commitId(loading, 'forget'), loading.fence, (tx) =>
    loading.store.moveCheckpoint(tx, place(loading), loading.version, state as unknown as Json),
  )
  loading.version = ('done' in result ? result.done : result.already) as number
}
