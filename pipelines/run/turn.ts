import type { Slots } from './slots.ts'

/** One slot that somebody takes once, when it is time, and gives back in any case. */
export class Turn {
  private readonly slots: Slots
  private taken = false

  constructor(slots: Slots) {
    this.slots = slots
  }

  async take(): Promise<void> {
    if (this.taken) return
    await this.slots.take()
    this.taken = true
  }

  give(): void {
    if (this.taken) this.slots.give()
    this.taken = false
  }
}
