import { noCounts } from '../core/counts.ts'
import { Fate, type MappedBatch } from '../core/mapping.ts'
import type { LoadCounts } from '../core/warehouse.ts'
import { KeyOrder } from './key-order.ts'

/** What of a batch is needed until the commit. */
interface Counted extends Pick<MappedBatch, 'rows' | 'keys' | 'versions' | 'fates'> {
  /** Number of the batch's first row in the commit. */
  first: number
  /** 1 for every row that makes at least one target row. */
  makes: Uint8Array
}

/**
 * What a commit holds so far: per source key the newest row. Rejected rows take no part: a row that cannot be read
 * replaces nothing, whether it comes in this commit or the next.
 */
export class Tally {
  /** Numbers of staged rows that a later row of the same key replaced. */
  readonly replaced: number[] = []
  rows = 0
  /** True where any row carries a version: only then can something stored be newer. */
  versioned = false
  private rejected = 0
  private superseded = 0
  /** Winners by fate, and those that make rows. */
  private readonly fates: number[] = [0, 0, 0, 0]
  private makers = 0
  private readonly batches: Counted[] = []
  private readonly order = new KeyOrder()
  /** Number of the newest row by key; not needed while the order of the keys proves that none came twice. */
  private winners?: Map<string, number>

  /** Numbers the rows of a batch. @returns 1 for every row to stage */
  add(batch: MappedBatch): Uint8Array {
    const { rows, fates, keys, versions } = batch
    const kept = new Uint8Array(rows)
    this.batches.push({ rows, keys, versions, fates, first: this.rows, makes: makers(batch) })
    for (let i = 0; i < rows; i++) {
      if (fates[i] === Fate.rejected) this.rejected += 1
      else {
        if (versions[i] !== null) this.versioned = true
        if (this.wins(keys[i]!, this.rows + i)) kept[i] = 1
      }
    }
    this.rows += rows
    return kept
  }

  /** Rows that the warehouse numbered and counted by itself: of keys that come nowhere else in this commit. */
  addCopied(fates: number[], makers: number, versioned: boolean): void {
    fates.forEach((count, fate) => {
      this.fates[fate]! += count
      this.rows += count
    })
    this.makers += makers
    this.versioned ||= versioned
  }

  private wins(key: string, row: number): boolean {
    if (this.winners === undefined && !this.order.follows(key)) this.winners = this.winnersBefore(row)
    const before = this.winners?.get(key)
    if (before !== undefined) {
      this.superseded += 1
      if (this.isOlder(row, before)) return false
      this.replaced.push(before)
      this.count(before, -1)
    }
    this.winners?.set(key, row)
    this.count(row, 1)
    return true
  }

  private winnersBefore(end: number): Map<string, number> {
    const winners = new Map<string, number>()
    for (const { rows, keys, fates, first } of this.batches)
      for (let i = 0; i < rows && first + i < end; i++)
        if (fates[i] !== Fate.rejected) winners.set(keys[i]!, first + i)
    return winners
  }

  private isOlder(row: number, than: number): boolean {
    const [a, b] = [row, than].map((it) => {
      const { versions, first } = this.of(it)
      return versions[it - first] ?? null
    })
    return a !== null && b !== null && a! < b!
  }

  private count(row: number, one: 1 | -1): void {
    const { fates, first, makes } = this.of(row)
    this.fates[fates[row - first]!]! += one
    if (makes[row - first] === 1) this.makers += one
  }

  private of(row: number): Counted {
    let i = this.batches.length - 1
    while (this.batches[i]!.first > row) i -= 1
    return this.batches[i]!
  }

  /**
   * @param skipped  winners by fate that a newer stored row keeps out
   * @param touched  winners of fate load or deleted that inserted, updated or deleted something; undefined: all that make rows
   */
  counts(skipped: Map<number, number>, touched?: number): LoadCounts {
    const fates = [...this.fates]
    let superseded = this.superseded
    for (const [fate, count] of skipped) {
      fates[fate]! -= count
      superseded += count
    }
    const loaded = touched ?? this.makers
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
