import { noCounts } from '../core/counts.ts'
import { Fate, type MappedBatch } from '../core/mapping.ts'
import type { LoadCounts } from '../core/warehouse.ts'

interface Winner {
  row: number
  version: string | null
  fate: number
  /** It makes at least one target row. */
  makes: boolean
}

/**
 * What a commit holds so far: per source key the newest row. Rejected rows take no part: a row that cannot be read
 * replaces nothing, whether it comes in this commit or the next.
 */
export class Tally {
  /** Numbers of staged rows that a later row of the same key replaced. */
  readonly replaced: number[] = []
  rows = 0
  private rejected = 0
  private superseded = 0
  private readonly winners = new Map<string, Winner>()

  /** True where any row carries a version: only then can something stored be newer. */
  versioned = false

  /** Numbers the rows of a batch. @returns 1 for every row to stage */
  add(batch: MappedBatch): Uint8Array {
    const makes = makers(batch)
    const kept = new Uint8Array(batch.rows)
    for (let i = 0; i < batch.rows; i++) {
      const row = this.rows + i
      const fate = batch.fates[i]!
      if (fate === Fate.rejected) this.rejected += 1
      else if (this.wins(batch.keys[i]!, { row, version: batch.versions[i]!, fate, makes: makes[i] === 1 }))
        kept[i] = 1
    }
    this.rows += batch.rows
    return kept
  }

  private wins(key: string, next: Winner): boolean {
    const before = this.winners.get(key)
    if (next.version !== null) this.versioned = true
    if (before !== undefined) {
      this.superseded += 1
      if (before.version !== null && next.version !== null && next.version < before.version) return false
      this.replaced.push(before.row)
    }
    this.winners.set(key, next)
    return true
  }

  /**
   * @param skipped  winners by fate that a newer stored row keeps out
   * @param touched  winners of fate load or deleted that inserted, updated or deleted something; undefined: all that make rows
   */
  counts(skipped: Map<number, number>, touched?: number): LoadCounts {
    const fates = [0, 0, 0, 0]
    let makers = 0
    for (const { fate, makes } of this.winners.values()) {
      fates[fate]! += 1
      if (makes) makers += 1
    }
    let superseded = this.superseded
    for (const [fate, count] of skipped) {
      fates[fate]! -= count
      superseded += count
    }
    const loaded = touched ?? makers
    const unchanged = fates[Fate.load]! + fates[Fate.deleted]! - loaded
    const counts = { loaded, unchanged, superseded, filtered: fates[Fate.filtered]!, rejected: this.rejected }
    return { ...noCounts(), ...counts, read: this.rows, parts: {} }
  }
}

function makers(batch: MappedBatch): Uint8Array {
  const makes = new Uint8Array(batch.rows)
  for (const { sourceRow } of batch.parts) for (const row of sourceRow) makes[row] = 1
  return makes
}
