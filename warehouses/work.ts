import type { Connection, Engine } from './engine.ts'
import { Mutex } from './mutex.ts'
import { connected } from './retry.ts'

/**
 * The one connection that holds a loader's staging and runs its commits. Both take turns, so that nothing is staged
 * inside a transaction.
 */
export class WorkConnection {
  readonly turn = new Mutex()
  private readonly engine: Engine
  private current?: Connection

  constructor(engine: Engine) {
    this.engine = engine
  }

  /** A new one where the last was lost: staging went with it. */
  async get(): Promise<Connection> {
    if (!this.current?.open) this.current = await connected(this.engine, 'work')
    return this.current
  }

  async close(): Promise<void> {
    await this.turn.run(async () => this.current?.close())
  }
}
