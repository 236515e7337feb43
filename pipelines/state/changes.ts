import type { ValueChange } from '../../core/mapping.ts'
import type { Tx } from '../../core/warehouse.ts'
import { execute, rowsOf } from './sql.ts'
import type { StateStore } from './store.ts'

export async function countChanges(
  store: StateStore,
  tx: Tx,
  runId: string,
  dataset: string,
  changes: ValueChange[],
): Promise<void> {
  for (const it of sumChanges(changes)) {
    const key = { run_id: runId, dataset, table_name: it.table, column_name: it.column, code: it.code }
    const [row] = await rowsOf<{ changed: number }>(tx, store.table('changes').select('changed').where(key))
    if (row)
      await execute(
        tx,
        store
          .table('changes')
          .where(key)
          .update({ changed: Number(row.changed) + it.count }),
      )
    else await execute(tx, store.table('changes').insert({ ...key, changed: it.count }))
  }
}

function sumChanges(changes: ValueChange[]): ValueChange[] {
  const sums = new Map<string, ValueChange>()
  for (const it of changes) {
    const key = JSON.stringify([it.table, it.column, it.code])
    const sum = sums.get(key)
    if (sum) sum.count += it.count
    else sums.set(key, { ...it })
  }
  return [...sums.values()]
}
