import type { MappedBatch } from '../core/mapping.ts'
import type { Numbered } from './staging.ts'

/** About what 100,000 rows of twelve columns take: a commit of its usual size fits. */
const MOST_BYTES = 48 * 1024 * 1024

/** What all loaders of a warehouse may hold in memory together; what finds no room there is staged. */
export class Room {
  private free: number

  constructor(bytes = MOST_BYTES) {
    this.free = bytes
  }

  /** The last one to get room may take more than there is. */
  take(bytes: number): boolean {
    if (this.free <= 0) return false
    this.free -= bytes
    return true
  }

  give(bytes: number): void {
    this.free += bytes
  }
}

/**
 * Batches that wait in memory for a commit that appends: they go straight into their parts, inside the transaction. They
 * stay until it is committed, so a repeated transaction finds them again.
 */
export class Held {
  batches: Numbered[] = []
  private readonly room: Room
  private bytes = 0

  constructor(room: Room) {
    this.room = room
  }

  /** @returns false where there is no room */
  add(numbered: Numbered): boolean {
    const bytes = bytesOf(numbered.batch)
    if (!this.room.take(bytes)) return false
    this.batches.push(numbered)
    this.bytes += bytes
    return true
  }

  /** @param rows  numbers of source rows that later ones replaced */
  leaveOut(rows: number[]): void {
    for (const row of rows) {
      const it = this.batches.find(({ first, batch }) => row >= first && row < first + batch.rows)
      if (it !== undefined) it.kept[row - it.first] = 0
    }
  }

  clear(): void {
    this.batches = []
    this.room.give(this.bytes)
    this.bytes = 0
  }
}

/** Of a value in an array, and of a text beside its characters. */
const SLOT_BYTES = 8
const TEXT_BYTES = 16

/** About what a batch takes in memory. */
function bytesOf({ parts }: MappedBatch): number {
  let bytes = 0
  for (const { columns, rows } of parts)
    for (const column of columns)
      for (let row = 0; row < rows; row++) {
        const value = column[row]
        bytes += typeof value === 'string' ? SLOT_BYTES + TEXT_BYTES + value.length : SLOT_BYTES
      }
  return bytes
}
