import type { Value } from '../core/value.ts'
import type { Block, StoredTable } from './engine.ts'
import type { Merge } from './load.ts'
import { VERSION_COLUMN } from './parts.ts'
import { type Numbered, stagedColumns, type Target } from './staging.ts'
import type { OpenTx } from './transaction.ts'

const text = { kind: 'text' } as const
const id = { kind: 'id' } as const
const integer = { kind: 'integer' } as const
const timestamp = { kind: 'timestamp' } as const

/** Writes the rows of a part in all batches of a commit, in one go. @returns rows written */
export async function appendHeld(
  tx: OpenTx,
  merge: Merge,
  target: Target,
  batches: Numbered[],
): Promise<number> {
  const wanted = batches.some(({ batch }) =>
    batch.parts.some((it) => it.table === target.table.name && it.rows > 0),
  )
  if (!wanted) return 0
  let written = 0
  const counted = function* (): Generator<Block> {
    for (const block of blocksOf(target, batches)) {
      written += block.rows
      yield block
    }
  }
  await appendBlocks(tx, merge, target, counted())
  return written
}

function* blocksOf(target: Target, batches: Numbered[]): Generator<Block> {
  for (const numbered of batches)
    for (const mapped of numbered.batch.parts) {
      if (mapped.table !== target.table.name) continue
      const { columns, rows } = stagedColumns(numbered, mapped, target)
      // The first one only numbers the rows of the staging.
      if (rows > 0) yield { columns: columns.slice(1), rows }
    }
}

function appendBlocks(tx: OpenTx, merge: Merge, target: Target, blocks: Iterable<Block>): Promise<void> {
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
    blocks,
    constants.map(([, value]) => value),
  )
}
