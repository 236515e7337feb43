import type { LoadCounts } from '../core/warehouse.ts'
import { appendHeld } from './append.ts'
import type { Engine } from './engine.ts'
import { bug, refusedValue } from './errors.ts'
import type { Held } from './held.ts'
import { makeIndexes } from './indexes.ts'
import { noteSeenByLead } from './leading.ts'
import { type Merge, noteSeen } from './load.ts'
import { addCounts, appendAll, clear, mergeAll, type StagedRows } from './merge.ts'
import type { PrivateTables } from './private-tables.ts'
import { sharedTables, type Target } from './staging.ts'
import type { Tally } from './tally.ts'
import type { OpenTx } from './transaction.ts'

/** All that a commit writes into the parts. */
export interface Commitment {
  engine: Engine
  targets: Target[]
  tables: PrivateTables
  held: Held
  tally: Tally
}

/** Nothing is noted as seen: all that a scan appends is written after it began, so its sweep leaves it alone. */
export async function applyAppend(tx: OpenTx, merge: Merge, given: Commitment): Promise<LoadCounts> {
  const { engine, targets, tables, held, tally } = given
  held.leaveOut(tally.replaced)
  if (tables.filled) {
    await clear(tx, merge, [sharedTables.skip])
    await skipReplaced(tx, tally)
  }
  const counts = await appendAll(tx, merge, tables.filled ? targets : [], tally)
  for (const target of targets) {
    const inserted = await appendHeld(tx, merge, target, held.of(target)).catch((error) => {
      throw refusedValue(engine, error, target.table.name) ?? error
    })
    addCounts(counts, target, { inserted, updated: 0, deleted: 0 })
  }
  return counts
}

/** Notes the keys of a scan as seen in the relation `seen`. */
export interface Noted {
  seen: string
  dataset: string
  scan: string
}

/** @param indexed  the parts have their keys already */
export async function applyMerge(
  tx: OpenTx,
  merge: Merge,
  given: Commitment,
  indexed: boolean,
  note: Noted | undefined,
): Promise<LoadCounts> {
  const { engine, targets, tables, held, tally } = given
  if (!held.isEmpty) throw bug('Rows that were staged to be appended cannot be merged.')
  await clear(tx, merge, tables.helpers())
  await skipReplaced(tx, tally)
  const lead = await tables.leading.settle(tx, merge)
  const staged = { lead, rows: tables.rows || lead === undefined }
  if (note) await noteAll(tx, merge, staged, note)
  if (!indexed) await makeIndexes(engine, tx, targets)
  return mergeAll(tx, merge, targets, tally, staged)
}

async function noteAll(tx: OpenTx, merge: Merge, { lead, rows }: StagedRows, note: Noted): Promise<void> {
  const binds = [note.dataset, note.scan]
  if (lead) await tx.run(noteSeenByLead(merge, note.seen, lead), binds)
  if (rows) await tx.run(noteSeen(merge, note.seen), binds)
}

async function skipReplaced(tx: OpenTx, { replaced }: Tally): Promise<void> {
  if (replaced.length === 0) return
  const none = new Array<null>(replaced.length).fill(null)
  await tx.connection.bulk(sharedTables.skip, { columns: [replaced, none], rows: replaced.length })
}
