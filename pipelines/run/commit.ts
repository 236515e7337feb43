import type { Checkpoint } from '../../core/batch.ts'
import { addCounts, type Counts, noCounts } from '../../core/counts.ts'
import { DataError } from '../../core/errors.ts'
import { Fate, type MappedBatch } from '../../core/mapping.ts'
import type { DatasetRun } from '../../core/report.ts'
import type { Json } from '../../core/value.ts'
import type { ApplyOptions, LoadCounts, Tx } from '../../core/warehouse.ts'
import { countChanges } from '../state/changes.ts'
import { closeRejects, type RejectToStore, rejectIdentity, storeRejects } from '../state/rejects.ts'
import { recordBatch, recordDataset } from '../state/runs.ts'
import { saveSchema } from '../state/schemas.ts'
import type { Loading } from './loading.ts'
import type { Turn } from './turn.ts'

/** Share of rejected rows that stops a run, and from how many rows on it counts. */
const MAX_REJECTED = 0.05
const MIN_ROWS = 100

/** What was mapped and staged since the last commit. */
export interface Pending {
  rows: number
  bytes: number
  rejected: number
  rejects: RejectToStore[]
  changes: MappedBatch['changes']
  /** Keys loaded whose open rejects this commit closes. */
  healed: string[]
  checkpoint?: Checkpoint
  startedAtMs: number
}

export const nothingPending = (): Pending => ({
  rows: 0,
  bytes: 0,
  rejected: 0,
  rejects: [],
  changes: [],
  healed: [],
  startedAtMs: performance.now(),
})

/** Adds a mapped batch to what the next commit holds. */
export function addPending(pending: Pending, mapped: MappedBatch, memory: RejectMemory): void {
  pending.rows += mapped.rows
  pending.rejected += mapped.rejects.length
  for (const it of mapped.rejects) {
    const sourceId = mapped.keys[it.sourceRow]!
    const version = mapped.versions[it.sourceRow] ?? null
    const identity = rejectIdentity({ ...it, sourceId, version })
    const occurrence = memory.met.get(identity) ?? 0
    memory.met.set(identity, occurrence + 1)
    pending.rejects.push({ ...it, sourceId, version, occurrence })
  }
  pending.changes.push(...mapped.changes)
  if (memory.open.size === 0) return
  mapped.keys.forEach((key, row) => {
    if (mapped.fates[row] === Fate.load && memory.open.has(key)) pending.healed.push(key)
  })
}

/** What a reading must remember of rejects: those open before it, and how often each was met in it. */
export interface RejectMemory {
  open: Set<string>
  met: Map<string, number>
}

/** Rows that were to go straight into their parts fail the guard: the commit did not happen. */
export class LeftRows extends Error {}

/** How a commit writes its rows, and what beside them: where the reading stands then, and the scan that notes their keys as seen. */
export interface Kept {
  state: Json
  scan?: string
  mode: ApplyOptions['mode']
  /** What must still hold once the rows are written: else nothing is. */
  insist?: (() => Promise<void>) | undefined
  /** To write the run's record. */
  turn: Turn
  /** Its rows may be written beside those of other ranges: the turn is taken behind them. */
  beside: boolean
}

/**
 * Commits what is pending: merge, rejects, counters and checkpoint in one fenced transaction.
 * @throws {DataError} E704 the reject threshold would be passed; the commit did not happen
 */
export async function commitPending(loading: Loading, pending: Pending, kept: Kept): Promise<void> {
  const { run, guard } = loading
  const { turn, beside } = kept
  if (!beside) await turn.take()
  if (isPastThreshold(loading, pending)) await refuse(loading, pending)
  const id = commitId(loading, 'rows')
  let schema: typeof guard.store
  const committing = loading.session.commit<Json>(id, loading.fence, async (tx) => {
    // Repeated: whoever has the turn may wait for no lock of a commit that waits for it.
    if (beside) turn.give()
    const early = kept.insist && (await loading.loader.hold(tx)) ? kept.insist() : undefined
    // Told below, where the rows are written as well.
    early?.catch(() => {})
    const counts = await loading.loader.apply(tx, {
      mode: kept.mode,
      runId: loading.runId,
      scan: kept.scan,
    })
    if (counts.left) throw new LeftRows()
    await (early ?? kept.insist?.())
    await turn.take()
    if (isPastThreshold(loading, pending)) throw new PastThreshold()
    const seq = run.commits + 1
    schema = guard.store
    await recordBatch(loading.store, tx, { ...place(loading), commitId: id, seq }, counts)
    await storeOutcome(loading, tx, pending)
    const version = await loading.store.moveCheckpoint(tx, place(loading), loading.version, kept.state)
    const after = counted(run, counts)
    await recordDataset(loading.store, tx, loading.runId, after)
    return { counts, version } as unknown as Json
  })
  const result = await committing.catch((error) => {
    if (error instanceof PastThreshold) return refuse(loading, pending)
    throw error
  })
  // Settled by an earlier attempt: what is staged now is in the warehouse already.
  if ('already' in result) await loading.loader.reset()
  await turn.take()
  const { counts, version } = ('done' in result ? result.done : result.already) as unknown as {
    counts: LoadCounts
    version: number
  }
  Object.assign(run, counted(run, counts))
  loading.version = version
  guard.stored(schema)
}

/**
 * Names a commit by the version of the checkpoint that it moves on: once it has happened, whoever goes on from the
 * stored checkpoint, in this run or another, can never take its own commit for that one. The checkpoints of ranges go
 * with the end of their scan and begin at 0 again in the next, so theirs are told apart by the scan's.
 */
export const commitId = (loading: Loading, what: string): string => {
  const { runId, prepared, rangeId, version, scanVersion } = loading
  const within = scanVersion === undefined ? '' : `${scanVersion}/`
  return `${runId}:${prepared.ref}:${rangeId}:${what}:${within}${version ?? 0}`
}

export const place = (loading: Loading) => ({
  runId: loading.runId,
  dataset: loading.prepared.ref,
  rangeId: loading.rangeId,
})

async function storeOutcome(loading: Loading, tx: Tx, pending: Pending): Promise<void> {
  const { store, runId, prepared } = loading
  await closeRejects(store, tx, runId, prepared.ref, pending.healed)
  await storeRejects(store, tx, runId, prepared.ref, prepared.hash, pending.rejects)
  await countChanges(store, tx, runId, prepared.ref, pending.changes)
  await writeSchema(loading, tx)
}

/** The schema that was read with, in the transaction of what was read. */
export async function writeSchema({ store, runId, prepared, guard }: Loading, tx: Tx): Promise<void> {
  if (guard.store) await saveSchema(store, tx, runId, prepared.dataset, guard.store)
}

/** Stores a schema where nothing is read: files that have not changed. */
export async function storeSchema(loading: Loading): Promise<void> {
  const schema = loading.guard.store
  if (!schema) return
  const id = commitId(loading, 'schema')
  await loading.session.commit<Json>(id, loading.fence, async (tx) => {
    await writeSchema(loading, tx)
    return null
  })
  loading.guard.stored(schema)
}

/** The run's record after one more commit. */
function counted(run: DatasetRun, counts: LoadCounts): DatasetRun {
  const { parts, ...rows } = counts
  const tables = structuredClone(run.tables)
  for (const [table, more] of Object.entries(parts)) {
    tables[table] ??= { inserted: 0, updated: 0, deleted: 0 }
    const sum = tables[table]
    sum.inserted += more.inserted
    sum.updated += more.updated
    sum.deleted += more.deleted
  }
  return {
    ...run,
    counts: addCounts({ ...noCounts(), ...run.counts }, rows as Counts),
    tables,
    commits: run.commits + 1,
  }
}

/** Other ranges, which commit beside this one, may have taken a commit past the threshold. */
class PastThreshold extends Error {}

const withPending = ({ run }: Loading, { rows, rejected }: Pending) => ({
  read: run.counts.read + rows,
  rejected: run.counts.rejected + rejected,
})

function isPastThreshold(loading: Loading, pending: Pending): boolean {
  const { read, rejected } = withPending(loading, pending)
  return read >= MIN_ROWS && rejected > read * MAX_REJECTED
}

async function refuse(loading: Loading, pending: Pending): Promise<never> {
  const { read, rejected } = withPending(loading, pending)
  await loading.loader.reset()
  // The rows stay unloaded, but their reasons must be there to be read.
  await loading.session.transaction((tx) =>
    storeRejects(
      loading.store,
      tx,
      loading.runId,
      loading.prepared.ref,
      loading.prepared.hash,
      pending.rejects,
    ),
  )
  const percent = ((100 * rejected) / read).toFixed(1)
  throw new DataError('E704', {
    problem: `${rejected} of ${read} rows of "${loading.prepared.ref}" were rejected (${percent} %, the limit is 5 %).`,
    remedy: `See the reasons: polder rejects list ${loading.runId}`,
    note: 'This commit was rolled back; earlier commits stay.',
  })
}
