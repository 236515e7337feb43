import { DataError } from '../core/errors.ts'
import { plural } from '../core/text.ts'
import type { SweepCounts } from '../core/warehouse.ts'
import { doesNotOutlive, type Merge } from './load.ts'
import { clear } from './merge.ts'
import { sharedTables, type Target } from './staging.ts'
import type { OpenTx } from './transaction.ts'

export interface Scan {
  id: string
  startedAt: string
  maxDrop: number
  runId: string
  fresh?: boolean
}

interface Sweep {
  targets: Target[]
  dataset: string
  /** The table of seen keys. */
  seen: string
  scan: Scan
}

/** Soft-deletes what a complete scan did not see: see `Loader.sweep`. */
export async function sweepAll(tx: OpenTx, merge: Merge, given: Sweep): Promise<SweepCounts> {
  const { dataset, seen, scan } = given
  const targets = given.targets.filter((it) => !it.append)
  const deleted =
    !scan.fresh && (await hasOld(tx, merge, targets, scan))
      ? await sweepOld(tx, merge, { ...given, targets })
      : 0
  // Also what abandoned scans of this dataset left behind.
  await tx.run(`delete from ${seen} where dataset = ?`, [dataset])
  return { deleted }
}

/** Where the scan wrote every live row there is nothing to compare. */
async function hasOld(tx: OpenTx, merge: Merge, targets: Target[], { startedAt }: Scan): Promise<boolean> {
  for (const target of targets) {
    const old = `t.loaded_at < ${merge.dialect.instant(startedAt)}`
    const found = await tx.query(
      `select 1 as found from ${target.relation} as t where ${isLive(merge, target)} and ${old} limit 1`,
    )
    if (found.length > 0) return true
  }
  return false
}

async function sweepOld(tx: OpenTx, merge: Merge, given: Sweep): Promise<number> {
  const { targets, dataset, scan } = given
  const slices = await keySlices(tx, merge, targets)
  const deleted = await findSwept(tx, merge, given, slices)
  if (deleted === 0) return 0
  guard(dataset, scan, deleted, await countLive(tx, merge, targets, slices))
  for (const target of targets) for (const slice of slices) await tx.run(deleteSwept(merge, target, slice))
  return deleted
}

/** Gives the condition by which a slice of all keys is met in a column; '' where all keys go at once. */
type Slice = (column: string) => string

async function keySlices(tx: OpenTx, { dialect }: Merge, targets: Target[]): Promise<Slice[]> {
  const { slices } = dialect
  if (slices === undefined) return [() => '']
  let count = 1
  for (const { relation } of targets) {
    const [row] = await tx.query<{ count: number }>(slices.count(relation))
    count = Math.max(count, row!.count)
  }
  return Array.from({ length: count }, (_, i) => (column) => ` and ${slices.ofKeys(column, count, i)}`)
}

const inSlot = ({ slot }: Target): string => (slot === undefined ? '' : ` and t.slot = ${slot}`)

/** Live rows that a sweep may delete: what outlives its source row does not make it live. */
const isLive = (merge: Merge, target: Target): string =>
  `t.deleted_at is null${inSlot(target)}${target.outlives ? ` and ${doesNotOutlive(merge, 't.id')}` : ''}`

const liveRows = (merge: Merge, targets: Target[], columns: string, slice: Slice): string =>
  targets
    .map(
      (it) => `select ${columns} from ${it.relation} as t where ${isLive(merge, it)}${slice('t.source_id')}`,
    )
    .join(' union all ')

async function countLive(tx: OpenTx, merge: Merge, targets: Target[], slices: Slice[]): Promise<number> {
  let live = 0
  for (const slice of slices) {
    const rows = liveRows(merge, targets, 't.source_id', slice)
    const [row] = await tx.query<{ count: number }>(
      `select count(distinct source_id) as count from (${rows}) as live`,
    )
    live += row!.count
  }
  return live
}

async function findSwept(
  tx: OpenTx,
  merge: Merge,
  { targets, dataset, seen, scan }: Sweep,
  slices: Slice[],
): Promise<number> {
  const { dialect, internal } = merge
  await clear(tx, merge, [sharedTables.swept])
  for (const sql of dialect.joinSeen.before) await tx.run(sql)
  let found = 0
  for (const slice of slices)
    found += await tx.run(
      `insert into ${dialect.temp(internal, sharedTables.swept.name)} (source_id) select k.source_id from ` +
        `(select source_id, max(loaded_at) as written from (${liveRows(merge, targets, 't.source_id, t.loaded_at', slice)}) as live ` +
        `group by source_id) as k where k.written < ${dialect.instant(scan.startedAt)} and not exists ` +
        `(select 1 from ${seen} as n where n.dataset = ? and n.scan_id = ? and n.source_id = k.source_id${slice('n.source_id')})`,
      [dataset, scan.id],
    )
  for (const sql of dialect.joinSeen.after) await tx.run(sql)
  return found
}

function guard(dataset: string, { maxDrop }: Scan, gone: number, live: number): void {
  if (gone / live <= maxDrop) return
  throw new DataError('E702', {
    problem:
      `A complete scan of ${dataset} did not find ${plural(gone, 'row')} of ${live.toLocaleString('en-US')} stored ` +
      `(${percent(gone / live)}; ${percent(maxDrop)} is allowed). Nothing was deleted.`,
    remedy: 'If the rows are really gone: polder run … --allow-shrink',
  })
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`

const deleteSwept = (merge: Merge, target: Target, slice: Slice): string =>
  merge.dialect.update({
    target: target.relation,
    from: merge.dialect.temp(merge.internal, sharedTables.swept.name),
    on: `t.source_id = s.source_id and ${isLive(merge, target)}${slice('t.source_id')}${slice('s.source_id')}`,
    by: 'source',
    set: [
      ['deleted_at', merge.dialect.instant(merge.now)],
      ['loaded_at', merge.dialect.instant(merge.now)],
      ['run_id', merge.dialect.literal(merge.runId)],
    ],
  })
