import type { Batch } from '../core/batch.ts'
import type { ErrorCode } from '../core/errors.ts'
import { Fate, type FilledPart, type MappedBatch, type ValueChange } from '../core/mapping.ts'
import type { PendingChange } from './column.ts'
import { storableJson } from './plain.ts'
import type { PartBuilder, RowOutput } from './rows.ts'

/** What a batch becomes, while it is mapped. */
export interface Output extends RowOutput {
  mapped: MappedBatch
  counts: Map<string, ValueChange>
  /** The parts, and their sizes before the row in hand. */
  list: PartBuilder[]
  before: number[]
}

export function newOutput(planned: FilledPart[], batch: Batch): Output {
  const rows = batch.rows + (batch.broken?.length ?? 0)
  const parts = planned.map((it): [string, PartBuilder] => [
    it.table,
    {
      table: it.table,
      names: it.names,
      sourceRow: [],
      columns: it.names.map(() => []),
      ...(it.watch && { watched: [] }),
    },
  ])
  return {
    parts: new Map(parts),
    list: parts.map(([, it]) => it),
    before: [],
    changes: [],
    counts: new Map(),
    mapped: {
      rows,
      keys: [],
      versions: [],
      fates: new Uint8Array(rows),
      parts: [],
      rejects: [],
      changes: [],
    },
  }
}

/** Rows per part, for `takeBack`. */
export function sizesOf(out: Output, sizes: number[]): number[] {
  for (let at = 0; at < out.list.length; at++) sizes[at] = out.list[at]!.sourceRow.length
  return sizes
}

/** Forgets what the row in hand has made. `before`: rows per part when it began. */
export function takeBack({ list }: Output, before: number[]): void {
  list.forEach(({ sourceRow, watched }, at) => {
    sourceRow.length = before[at]!
    if (watched) watched.length = before[at]!
  })
}

export function countChanges(out: Output): void {
  if (out.changes.length === 0) return
  for (const change of out.changes) count(out.counts, change)
  out.changes.length = 0
}

function count(counts: Map<string, ValueChange>, { table, column, code }: PendingChange): void {
  const name = `${table} ${column} ${code}`
  const known = counts.get(name)
  if (known) known.count += 1
  else counts.set(name, { table, column, code, count: 1 })
}

/** Rows that the source could not give whole count as rejected, behind the others. */
export function addBroken({ rows, broken = [] }: Batch, { mapped }: Output): void {
  broken.forEach(({ code, reason, row, place }, at) => {
    const sourceRow = rows + at
    mapped.keys.push('')
    mapped.versions.push(null)
    mapped.fates[sourceRow] = Fate.rejected
    const where = place === undefined ? reason : `${reason} (${place})`
    mapped.rejects.push({ sourceRow, code: code as ErrorCode, reason: where, row: storableJson(row) })
  })
}

export function finish({ mapped, parts, counts }: Output): MappedBatch {
  mapped.parts = [...parts.values()].map(({ table, names, sourceRow, columns, watched }) => {
    const rows = sourceRow.length
    for (const column of columns) column.length = rows
    return {
      table,
      rows,
      sourceRow: new Uint32Array(sourceRow),
      names,
      columns,
      ...(watched && { watched }),
    }
  })
  mapped.changes = [...counts.values()]
  return mapped
}
