import type { Value } from '../core/value.ts'
import type { Encoded, StoredTable } from './engine.ts'
import { heldColumns } from './held.ts'
import type { Merge } from './load.ts'
import type { Target } from './staging.ts'
import type { OpenTx } from './transaction.ts'

const text = { kind: 'text' } as const
const integer = { kind: 'integer' } as const
const timestamp = { kind: 'timestamp' } as const

/** Writes the rows that a part gets in a commit, in one go. @returns rows written */
export async function appendHeld(tx: OpenTx, merge: Merge, target: Target, held: Encoded[]): Promise<number> {
  if (held.length === 0) return 0
  const { part, slot } = target
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
    columns: [...heldColumns(target), ...constants.map(([it]) => it)],
  }
  await tx.connection.append(
    into,
    held,
    constants.map(([, value]) => value),
  )
  return held.reduce((sum, it) => sum + it.rows, 0)
}
