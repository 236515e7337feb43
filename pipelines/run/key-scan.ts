import type { Batch, Position } from '../../core/batch.ts'
import { BugError, DataError } from '../../core/errors.ts'
import type { Json } from '../../core/value.ts'
import type { Tx } from '../../core/warehouse.ts'
import { requestOf } from '../plan/sources.ts'
import { recordDataset } from '../state/runs.ts'
import { commitId, place } from './commit.ts'
import { keyTypes, MAX_DROP } from './finish.ts'
import type { Loading } from './loading.ts'
import type { DatasetState, KeyScan } from './mode.ts'
import { pulled } from './stream.ts'

/** Keys wait in memory for their commit: at most so many, whatever `commit:` says. */
const MOST_KEYS = 100_000

/** A dataset's state with the key scan that is under way. */
type Scanning = DatasetState & { keys: KeyScan }

/** This run's own key scan was cut off: it goes on, and nothing is read before it. */
export const isCutOff = (state: DatasetState | undefined, runId: string): boolean =>
  state?.keys?.runId === runId

/**
 * Compares all keys of the source with the warehouse's: notes them as seen, in commits of their own, and soft-deletes
 * in one last transaction what was not seen and not written since it began.
 *
 * @returns 'interrupted' when the signal stopped it: nothing is deleted, and the next run begins anew
 * @throws {DataError} E702 too many rows are gone, E708 the key has changed its type; nothing is deleted
 */
export async function scanKeys(loading: Loading, state: DatasetState): Promise<'complete' | 'interrupted'> {
  let current = isCutOff(state, loading.runId) ? (state as Scanning) : await begun(loading, state)
  let keys: string[] = []
  let since = performance.now()
  tell(loading, 'scanning')
  for await (const batch of keyBatches(loading, current.keys)) {
    for (const key of keysOf(loading, current, batch)) keys.push(key)
    if (batch.checkpoint && isDue(loading, keys, since)) {
      current = await commitSeen(loading, current, keys, batch.checkpoint.position)
      keys = []
      since = performance.now()
    }
    tell(loading, 'scanning')
  }
  if (loading.signal.aborted) return 'interrupted'
  tell(loading, 'sweeping')
  await finish(loading, current, keys)
  return 'complete'
}

const tell = (loading: Loading, doing: 'scanning' | 'sweeping'): void =>
  loading.report({ kind: 'progress', doing, pending: 0, rejected: 0 })

async function begun(loading: Loading, state: DatasetState): Promise<Scanning> {
  const startedAt = await loading.store.now()
  const { runId } = loading
  return { ...state, keys: { id: `${runId}:keys:${startedAt}`, runId, startedAt } }
}

function keyBatches(loading: Loading, scan: KeyScan): AsyncGenerator<Batch> {
  const { reader, prepared } = loading
  if (!reader.keys) throw new BugError('E901', { problem: `The source of "${prepared.ref}" lists no keys.` })
  const request = requestOf(prepared.dataset)
  return pulled(loading, (ask) => reader.keys!(request, { id: '0', from: scan.at }, ask))
}

/** @throws {DataError} E708 */
function keysOf({ prepared, mapper, reader }: Loading, { complete }: DatasetState, batch: Batch): string[] {
  const columns = batch.payload.form === 'columns' ? batch.payload.columns : reader.decode!(batch)
  const lacking = prepared.key.find((name) => batch.schema.fields.every((it) => it.name !== name))
  const types = keyTypes(prepared.key, batch.schema)
  const known = complete?.keyTypes
  if (lacking === undefined && (known === undefined || types === undefined || types === known))
    return mapper.keys(batch, columns)
  const change = lacking === undefined ? `was ${known}, is ${types} now` : `lacks ${lacking} now`
  throw new DataError('E708', {
    problem: `The key of "${prepared.ref}" ${change}: it is not the one that the stored rows have. Nothing was deleted.`,
    remedy: `Read it anew: polder run ${prepared.ref} --full`,
  })
}

const isDue = ({ commit }: Loading, keys: string[], since: number): boolean =>
  keys.length >= Math.min(commit.rows, MOST_KEYS) || performance.now() - since >= commit.seconds * 1000

const see = ({ loader }: Loading, tx: Tx, { id, at }: KeyScan, keys: string[]): Promise<void> =>
  loader.see(tx, { id, first: at === undefined }, keys)

/** @returns the state with the scan at `at` */
async function commitSeen(
  loading: Loading,
  state: Scanning,
  keys: string[],
  at: Position,
): Promise<Scanning> {
  const next = { ...state, keys: { ...state.keys, at } }
  await settle(loading, 'keys', async (tx) => {
    await see(loading, tx, state.keys, keys)
    return { version: await move(loading, tx, next), deleted: 0 }
  })
  loading.report({ kind: 'committed' })
  return next
}

async function finish(loading: Loading, state: Scanning, keys: string[]): Promise<void> {
  const { store, run, runId, loader } = loading
  const { keys: scan, ...rest } = state
  const maxDrop = loading.allowShrink ? 1 : MAX_DROP
  await settle(loading, 'keys end', async (tx) => {
    await see(loading, tx, scan, keys)
    const ask = { id: scan.id, startedAt: scan.startedAt, maxDrop, runId }
    const { deleted } = await loader.sweep(tx, ask)
    const complete = rest.complete && { ...rest.complete, scannedAt: await store.now(tx) }
    const version = await move(loading, tx, { ...rest, complete })
    await recordDataset(store, tx, runId, { ...run, deleted: run.deleted + deleted })
    return { version, deleted }
  })
}

const move = (loading: Loading, tx: Tx, state: DatasetState): Promise<number> =>
  loading.store.moveCheckpoint(tx, place(loading), loading.version, state as unknown as Json)

interface Moved {
  version: number
  deleted: number
}

async function settle(loading: Loading, what: string, work: (tx: Tx) => Promise<Moved>): Promise<void> {
  const result = await loading.session.commit<Json>(
    commitId(loading, what),
    loading.fence,
    async (tx) => (await work(tx)) as unknown as Json,
  )
  const { version, deleted } = ('done' in result ? result.done : result.already) as unknown as Moved
  loading.version = version
  loading.run.deleted += deleted
}
