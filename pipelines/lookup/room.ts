/** Bytes of looked-up rows in one process: beside them a run still stays below 512 MB. */
const LOOKUP_BYTES = 64_000_000

/** There is no room now, and there will be when another dataset ends. */
export const CROWDED = Symbol('crowded')

/** The memory for what is looked up, shared by all datasets that are at work. */
export class LookupRoom {
  private readonly bytes: number
  private readonly held = new Map<object, number>()
  private waiting: (() => void)[] = []

  constructor(bytes = LOOKUP_BYTES) {
    this.bytes = bytes
  }

  /** @returns false where there is not so much left; nothing is taken then */
  take(holder: object, bytes: number): boolean {
    const used = [...this.held.values()].reduce((sum, it) => sum + it, 0)
    if (used + bytes > this.bytes) return false
    this.held.set(holder, (this.held.get(holder) ?? 0) + bytes)
    return true
  }

  isAlone(holder: object): boolean {
    return [...this.held.keys()].every((it) => it === holder)
  }

  /** Gives all back that it holds. */
  give(holder: object): void {
    if (!this.held.delete(holder)) return
    const waiting = this.waiting
    this.waiting = []
    for (const it of waiting) it()
  }

  /** Until another holder gives its room back, or the signal aborts. */
  given(holder: object, signal: AbortSignal): Promise<void> {
    if (this.isAlone(holder) || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

/** Of this process: a scheduler runs several pipelines at the same time. */
export const lookupRoom = new LookupRoom()
