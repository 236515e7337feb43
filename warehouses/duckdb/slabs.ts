import { bug } from '../errors.ts'

/** Memory of many pieces, and what of it is lent. */
interface Slab {
  memory: Buffer
  used: number
  borrowers: number
}

const SLAB_BYTES = 1 << 20
/** Larger pieces have memory of their own: the rest of a slab would lie idle for them. */
const LARGEST_LENT = SLAB_BYTES / 4
/** So that cells of every kind can be read where they lie. */
const ALIGNMENT = 8
/** About one commit. */
const MOST_IDLE = 32

const idle: Slab[] = []
let current: Slab | undefined

/**
 * Memory for what waits, lent again and again. It lies outside of V8's heap, and V8, which sees only small objects that
 * name it, is in no hurry to free it: the rows of several commits would be in memory at once.
 */
export class Borrowed {
  private readonly slabs = new Set<Slab>()
  private holders = 1

  /** The same bytes, in memory that stays until it is given back. */
  copyOf(bytes: Uint8Array): Uint8Array {
    const copy = this.room(bytes.length)
    copy.set(bytes)
    return copy
  }

  /** For one more who reads it, and gives it back for himself. */
  share(): this {
    if (this.holders === 0) throw bug('Memory was given back before it was read.')
    this.holders += 1
    return this
  }

  giveBack(): void {
    this.holders -= 1
    if (this.holders > 0) return
    for (const slab of this.slabs) {
      slab.borrowers -= 1
      if (slab.borrowers > 0) continue
      slab.used = 0
      if (slab !== current && idle.length < MOST_IDLE) idle.push(slab)
    }
    this.slabs.clear()
  }

  private room(length: number): Buffer {
    if (length > LARGEST_LENT) return Buffer.allocUnsafeSlow(length)
    if (current === undefined || current.used + length > SLAB_BYTES) current = idle.pop() ?? newSlab()
    const from = current.used
    current.used += Math.ceil(length / ALIGNMENT) * ALIGNMENT
    if (!this.slabs.has(current)) {
      this.slabs.add(current)
      current.borrowers += 1
    }
    return current.memory.subarray(from, from + length)
  }
}

const newSlab = (): Slab => ({ memory: Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0, borrowers: 0 })
