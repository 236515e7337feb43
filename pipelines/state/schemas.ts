import type { RowSchema } from '../../core/field.ts'
import { type DatasetSpec, datasetRef } from '../../core/spec.ts'
import type { Tx } from '../../core/warehouse.ts'
import { execute, rowsOf } from './sql.ts'
import type { StateStore } from './store.ts'

/** A schema says something only of the relation that it was read from. */
const originOf = ({ connection, from }: DatasetSpec): string => JSON.stringify([connection, from])

/** The schema that the dataset was last read with; undefined before its first reading. */
export async function loadSchema(store: StateStore, dataset: DatasetSpec): Promise<RowSchema | undefined> {
  const query = store
    .table('source_schemas')
    .select('origin', 'fields')
    .where({ dataset: datasetRef(dataset) })
  const [row] = await rowsOf<{ origin: string; fields: string }>(store.session, query)
  return row && row.origin === originOf(dataset) ? JSON.parse(row.fields) : undefined
}

/** Stores a schema inside the commit that was read with it. */
export async function saveSchema(
  store: StateStore,
  tx: Tx,
  runId: string,
  dataset: DatasetSpec,
  schema: RowSchema,
): Promise<void> {
  const key = { dataset: datasetRef(dataset) }
  const values = {
    origin: originOf(dataset),
    fields: JSON.stringify(schema),
    run_id: runId,
    updated_at: await store.now(tx),
  }
  await execute(tx, store.table('source_schemas').where(key).delete())
  await execute(tx, store.table('source_schemas').insert({ ...key, ...values }))
}
