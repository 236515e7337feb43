import type { Column } from '../core/batch.ts'
import type { Value } from '../core/value.ts'
import type { StoredTable } from './engine.ts'
import type { Merge } from './load.ts'
import { VERSION_COLUMN } from './parts.ts'
import { type Numbered, stagedColumns, type Target } from './staging.ts'
import type { OpenTx } from './transaction.ts'

const text = { kind: 'text' } as const
const id = { kind: 'id' } as const
const integer = { kind: 'integer' } as const
const timestamp = { kind: 'timestamp' } as const

/** Writes one batch into one part. @returns rows written */
export async function appendHeld(
  tx: OpenTx,
  merge: Merge,
  target: Target,
  numbered: Numbered,
): Promise<number> {
  let written = 0
  for (const mapped of numbered.batch.parts) {
    if (mapped.table !== target.table.name) continue
    const { columns, rows } = stagedColumns(numbered, mapped, target)
    // The first one only numbers the rows of the staging.
    if (rows > 0) await appendRows(tx, merge, target, columns.slice(1), rows)
    written += rows
  }
  return written
}

function appendRows(
  tx: OpenTx,
  merge: Merge,
  target: Target,
  columns: Column[],
  rows: number,
): Promise<void> {
  const { part, names, slot } = target
  const types = new Map(target.table.columns.map((it) => [it.name, it.type]))
  const varying = [
    { name: 'source_id', type: id },
    { name: VERSION_COLUMN, type: text },
    ...names.map((name) => ({ name, type: types.get(name)! })),
  ]
  const constants: [StoredTable['columns'][number], Value][] = [
    [{ name: 'source', type: text }, part.source.pipeline],
    [{ name: 'source_object', type: text }, part.source.dataset],
    [{ name: 'loaded_at', type: timestamp }, merge.now],
    [{ name: 'run_id', type: text }, merge.runId],
  ]
  if (slot !== undefined) constants.push([{ name: 'slot', type: integer }, slot])
  const into = {
    schema: target.schema,
    name: part.form.relation,
    columns: [...varying, ...constants.map(([it]) => it)],
  }
  return tx.connection.append(
    into,
    columns,
    constants.map(([, value]) => value),
    rows,
  )
}
