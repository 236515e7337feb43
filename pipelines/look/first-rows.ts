import type { Batch, Column } from '../../core/batch.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import { requestOf, type Sources } from '../plan/sources.ts'

const MAX_BYTES = 8 * 1024 * 1024

/** The first batches of a dataset with all their fields, in batches of at most `rows`; ends the reading where the caller does. */
export async function* firstRows(
  dataset: DatasetSpec,
  sources: Sources,
  ask: { rows: number; signal?: AbortSignal },
): AsyncGenerator<{ batch: Batch; columns: Column[] }> {
  const stop = new AbortController()
  ask.signal?.addEventListener('abort', () => stop.abort(), { once: true })
  const wanted = {
    fields: ['*'],
    maxRows: ask.rows,
    maxBytes: MAX_BYTES,
    signal: stop.signal,
    prefer: ['columns' as const],
  }
  const reader = sources.reader(dataset.connection)
  try {
    for await (const batch of reader.read(requestOf(dataset), { id: '0' }, null, wanted)) {
      const columns = batch.payload.form === 'columns' ? batch.payload.columns : reader.decode!(batch)
      yield { batch, columns }
    }
  } finally {
    stop.abort()
  }
}
