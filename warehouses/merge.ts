import type { LoadCounts } from '../core/warehouse.ts'
import type { TempTable } from './engine.ts'
import { countOld, findChangedByLead, findGoneByLead, findOldByLead, type Lead } from './leading.ts'
import {
  countSuperseded,
  countTouched,
  deleteGone,
  findChanged,
  findGone,
  findOld,
  findSuperseded,
  findTouched,
  insertNew,
  type Merge,
  raiseVersions,
  updateChanged,
} from './load.ts'
import { keepRevisions } from './revisions.ts'
import type { Target } from './staging.ts'
import { settleStates } from './states.ts'
import type { Tally } from './tally.ts'
import type { OpenTx } from './transaction.ts'

type PartCounts = LoadCounts['parts'][string]

/** The part holds nothing of what comes: no comparison. */
export async function appendAll(
  tx: OpenTx,
  merge: Merge,
  targets: Target[],
  tally: Tally,
): Promise<LoadCounts> {
  const counts = tally.counts(new Map())
  for (const target of targets) {
    const inserted = await tx.run(insertNew(merge, target, true))
    addCounts(counts, target, { inserted, updated: 0, deleted: 0 })
  }
  return counts
}

/** Merges what is staged into the parts: see `Loader.apply`. */
export async function mergeAll(
  tx: OpenTx,
  given: Merge,
  targets: Target[],
  tally: Tally,
  staged: StagedRows,
): Promise<LoadCounts> {
  let merge = given
  const { joinTarget, joinStaging } = merge.dialect
  await all(tx, joinTarget)
  const old: number[] = []
  for (const target of targets) old.push(await stored(tx, merge, target, staged))
  const isStored = old.some((it) => it > 0)
  const watching = await settleStates(tx, merge, targets, old)
  const superseded = new Map<number, number>()
  if (isStored && tally.versioned && (await tx.run(findSuperseded(merge, targets))) > 0) {
    merge = { ...merge, skips: true }
    for (const row of await tx.query<{ fate: number; count: number }>(countSuperseded(merge)))
      superseded.set(row.fate, row.count)
  }
  const changes: Changes[] = []
  for (const [i, target] of targets.entries())
    changes.push(await find(tx, merge, target, old[i]!, staged.lead))
  await all(tx, joinStaging)
  const touched = isStored || watching ? await touchedRows(tx, merge, targets, changes) : undefined
  const counts = tally.counts(superseded, touched)
  for (const [i, target] of targets.entries())
    addCounts(counts, target, await write(tx, merge, target, changes[i]!))
  return counts
}

/** Where a commit's source rows lie. */
export interface StagedRows {
  lead: Lead | undefined
  /** Some are in `rows`. */
  rows: boolean
}

async function stored(tx: OpenTx, merge: Merge, target: Target, { lead, rows }: StagedRows): Promise<number> {
  const byLead = lead ? await tx.run(findOldByLead(merge, target, lead)) : 0
  return byLead + (rows ? await tx.run(findOld(merge, target)) : 0)
}

interface Changes {
  old: number
  changed: number
  gone: number
  /** All staged rows are stored already. */
  known: boolean
}

async function find(
  tx: OpenTx,
  merge: Merge,
  target: Target,
  old: number,
  lead: Lead | undefined,
): Promise<Changes> {
  if (old === 0) return { old, changed: 0, gone: 0, known: false }
  const { joinTarget, joinStaging } = merge.dialect
  if (lead?.target === target) return { old, ...(await findByLead(tx, merge, lead)) }
  await all(tx, joinTarget)
  const changed = await tx.run(findChanged(merge, target))
  await all(tx, joinStaging)
  const gone = target.append ? 0 : await tx.run(findGone(merge, target))
  return { old, changed, gone, known: false }
}

async function findByLead(tx: OpenTx, merge: Merge, lead: Lead): Promise<Omit<Changes, 'old'>> {
  const { target } = lead
  await all(tx, merge.dialect.joinStaging)
  const [row] = await tx.query<{ [name in 'staged' | 'met' | 'different' | 'lone']: number }>(
    countOld(merge, target),
  )
  const { staged, met, different, lone } = row!
  const changed = different > 0 ? await tx.run(findChangedByLead(merge, target)) : 0
  const gone = lone > 0 && !target.append ? await tx.run(findGoneByLead(merge, target)) : 0
  return { changed, gone, known: met === staged }
}

const isUntouched = ({ changed, gone, known }: Changes): boolean => known && changed === 0 && gone === 0

async function touchedRows(tx: OpenTx, merge: Merge, targets: Target[], changes: Changes[]): Promise<number> {
  if (changes.every(isUntouched)) return 0
  for (const [i, target] of targets.entries())
    if (!isUntouched(changes[i]!)) await tx.run(findTouched(merge, target))
  const [row] = await tx.query<{ count: number }>(countTouched(merge))
  return row!.count
}

async function write(
  tx: OpenTx,
  merge: Merge,
  target: Target,
  { old, changed, gone, known }: Changes,
): Promise<PartCounts> {
  await all(tx, merge.dialect.joinStaging)
  const inserted = known ? 0 : await tx.run(insertNew(merge, target, old === 0))
  if (old === 0) return { inserted, updated: 0, deleted: 0 }
  await all(tx, merge.dialect.joinTarget)
  if (changed > 0 && target.append) await keepRevisions(tx, merge, target)
  if (changed > 0) await tx.run(updateChanged(merge, target))
  if (gone > 0) await tx.run(deleteGone(merge, target))
  await tx.run(raiseVersions(merge, target))
  return { inserted, updated: changed, deleted: gone }
}

export function addCounts(counts: LoadCounts, target: Target, more: PartCounts): void {
  const sum = counts.parts[target.table.name] ?? { inserted: 0, updated: 0, deleted: 0 }
  sum.inserted += more.inserted
  sum.updated += more.updated
  sum.deleted += more.deleted
  counts.parts[target.table.name] = sum
}

async function all(tx: OpenTx, statements: string[]): Promise<void> {
  if (statements.length > 0) await tx.run(statements.join('; '))
}

/** Empties temporary tables inside or outside a transaction. */
export async function clear(
  connection: { run(sql: string): Promise<number> },
  { dialect, internal }: Pick<Merge, 'dialect' | 'internal'>,
  tables: TempTable[],
): Promise<void> {
  for (const table of tables) for (const sql of dialect.clearTemp(internal, table)) await connection.run(sql)
}
