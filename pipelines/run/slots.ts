/** So many things at the same time and no more; whoever asks first is served first. */
export class Slots {
  readonly count: number
  private free: number
  private readonly waiting: (() => void)[] = []

  constructor(count: number) {
    this.count = count
    this.free = count
  }

  async take(): Promise<void> {
    if (this.free > 0) this.free -= 1
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  /** Takes what is free now, at most `most`; does not wait. @returns how many */
  takeFree(most: number): number {
    const taken = Math.max(0, Math.min(this.free, most))
    this.free -= taken
    return taken
  }

  give(count = 1): void {
    for (let i = 0; i < count; i++) {
      const next = this.waiting.shift()
      if (next) next()
      else this.free += 1
    }
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    await this.take()
    try {
      return await work()
    } finally {
      this.give()
    }
  }
}
