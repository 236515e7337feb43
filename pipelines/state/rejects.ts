import { createHash } from 'node:crypto'
import { canonicalJson } from '../../core/json.ts'
import type { Reject } from '../../core/mapping.ts'
import type { Tx } from '../../core/warehouse.ts'
import { execute, rowsOf } from './sql.ts'
import type { StateStore } from './store.ts'

/** Statements stay well below every engine's limit on binds. */
const ROWS_PER_INSERT = 500

export interface RejectToStore extends Reject {
  sourceId: string
  version: string | null
  /** How many rejects of this run came before it that are the same row by all that is known. */
  occurrence: number
}

/** Stores rejects by (dataset, source key or row, version); one already stored is replaced. */
export async function storeRejects(
  store: StateStore,
  tx: Tx,
  runId: string,
  dataset: string,
  hash: string,
  rejects: RejectToStore[],
): Promise<void> {
  if (rejects.length === 0) return
  const now = await store.now(tx)
  const rows = new Map(rejects.map((it) => [rejectId(dataset, it), it]))
  const stored = [...rows].map(([reject_id, it]) => ({
    reject_id,
    run_id: runId,
    dataset,
    source_id: it.sourceId,
    version: it.version,
    code: it.code,
    table_name: it.table ?? null,
    column_name: it.column ?? null,
    reason: it.reason,
    row_json: canonicalJson(it.row),
    mapping_hash: hash,
    created_at: now,
  }))
  for (let i = 0; i < stored.length; i += ROWS_PER_INSERT) {
    const some = stored.slice(i, i + ROWS_PER_INSERT)
    const ids = some.map((it) => it.reject_id)
    await execute(tx, store.table('rejects').whereIn('reject_id', ids).delete())
    await execute(tx, store.table('rejects').insert(some))
  }
}

/** Source ids of the dataset's open rejects. */
export async function openRejects(store: StateStore, dataset: string): Promise<Set<string>> {
  const query = store.table('rejects').distinct('source_id').where({ dataset }).whereNull('closed_at')
  const rows = await rowsOf<{ source_id: string }>(store.session, query)
  return new Set(rows.map((it) => it.source_id).filter((it) => it !== ''))
}

export async function closeRejects(
  store: StateStore,
  tx: Tx,
  runId: string,
  dataset: string,
  sourceIds: string[],
): Promise<void> {
  const closed = { closed_at: sourceIds.length ? await store.now(tx) : '', closed_by: runId }
  for (let i = 0; i < sourceIds.length; i += ROWS_PER_INSERT) {
    const some = sourceIds.slice(i, i + ROWS_PER_INSERT)
    const open = store.table('rejects').where({ dataset }).whereNull('closed_at').whereIn('source_id', some)
    await execute(tx, open.update(closed))
  }
}

/** Ends the rejects that a complete full read did not meet again: mended, or gone from the source. */
export async function closeOldRejects(
  store: StateStore,
  tx: Tx,
  runId: string,
  dataset: string,
  before: string,
): Promise<void> {
  const open = store
    .table('rejects')
    .where({ dataset })
    .whereNull('closed_at')
    .where('created_at', '<', before)
  await execute(tx, open.update({ closed_at: await store.now(tx), closed_by: runId }))
}

/** What makes two rejects of different runs the same: key and version, or the row itself where it has no key. */
export function rejectIdentity(it: Pick<RejectToStore, 'sourceId' | 'version' | 'row' | 'reason'>): string {
  const row = ['row', canonicalJson(it.row), it.reason]
  return JSON.stringify(it.sourceId === '' ? row : ['key', it.sourceId, it.version])
}

function rejectId(dataset: string, it: RejectToStore): string {
  const identity = JSON.stringify([dataset, rejectIdentity(it), it.occurrence])
  return createHash('sha256').update(identity).digest('hex')
}
