import type { MappedPart } from '../core/mapping.ts'
import type { Encoded, Engine, StoredTable } from './engine.ts'
import { VERSION_COLUMN } from './parts.ts'
import { type Numbered, stagedColumns, type Target } from './staging.ts'

/** About what 250,000 rows of twelve columns take: two commits of their usual size fit. */
const MOST_BYTES = 60 * 1024 * 1024

/** What all loaders of a warehouse may hold in memory together; what finds no room there is staged. */
export class Room {
  private free: number

  constructor(bytes = MOST_BYTES) {
    this.free = bytes
  }

  get isFull(): boolean {
    return this.free <= 0
  }

  /** The last one to come may take more than there is. */
  take(bytes: number): void {
    this.free -= bytes
  }

  give(bytes: number): void {
    this.free += bytes
  }
}

/** Rows of one part in one batch. */
interface Waiting {
  target: Target
  rows: Encoded
  /** The source row of each, as numbered in the commit; ascending. */
  sources: Uint32Array
}

/**
 * Rows that wait in memory for a commit that appends, as the engine takes them: they go straight into their parts, inside
 * the transaction. They stay until it is committed, so a repeated transaction finds them again.
 */
export class Held {
  private waiting: Waiting[] = []
  private readonly engine: Engine
  private readonly room: Room
  private bytes = 0

  constructor(engine: Engine, room: Room) {
    this.engine = engine
    this.room = room
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0
  }

  /** @returns false where there is no room */
  add(numbered: Numbered, targets: Target[]): boolean {
    if (this.room.isFull) return false
    const more = numbered.batch.parts
      .flatMap((part) =>
        targets.filter((it) => it.table.name === part.table).map((it) => this.encoded(numbered, part, it)),
      )
      .filter((it) => it.sources.length > 0)
    const bytes = more.reduce((sum, it) => sum + it.rows.bytes, 0)
    this.room.take(bytes)
    this.bytes += bytes
    this.waiting.push(...more)
    return true
  }

  private encoded(numbered: Numbered, part: MappedPart, target: Target): Waiting {
    const { columns, rows } = stagedColumns(numbered, part, target)
    const [sources, ...rest] = columns
    return {
      target,
      rows: this.engine.encode(heldColumns(target), { columns: rest, rows }),
      sources: Uint32Array.from(sources as ArrayLike<number>),
    }
  }

  /** @param rows  numbers of source rows that later ones replaced */
  leaveOut(rows: number[]): void {
    const out = new Set(rows)
    if (out.size === 0) return
    this.waiting = this.waiting.flatMap((it) => {
      const dropped = Uint8Array.from(it.sources, (source) => (out.has(source) ? 1 : 0))
      const sources = it.sources.filter((_, i) => dropped[i] === 0)
      const left = sources.length > 0 ? [{ ...it, rows: it.rows.without(dropped), sources }] : []
      it.rows.release?.()
      return left
    })
  }

  /** What a part gets. */
  of(target: Target): Encoded[] {
    return this.waiting.filter((it) => it.target === target).map((it) => it.rows)
  }

  clear(): void {
    for (const { rows } of this.waiting) rows.release?.()
    this.waiting = []
    this.room.give(this.bytes)
    this.bytes = 0
  }
}

const id = { kind: 'id' } as const
const text = { kind: 'text' } as const

/** The columns of a part that rows bring with them, in the order in which they are held. */
export function heldColumns({ table, names }: Target): StoredTable['columns'] {
  const types = new Map(table.columns.map((it) => [it.name, it.type]))
  return [
    { name: 'source_id', type: id },
    { name: VERSION_COLUMN, type: text },
    ...names.map((name) => ({ name, type: types.get(name)! })),
  ]
}
