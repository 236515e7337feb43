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
  /** The lease that the current connection is enlisted for. */
  private lease?: string

  constructor(engine: Engine) {
    this.engine = engine
  }

  /** A new one where the last was lost: staging went with it. */
  async get(): Promise<Connection> {
    if (!this.current?.open) {
      this.current = await connected(this.engine, 'work')
      this.lease = undefined
    }
    return this.current
  }

  /** For a commit: whoever takes the lease over can find the session and end it. */
  async getFor(lease: string): Promise<Connection> {
    const connection = await this.get()
    if (this.lease !== lease) await this.engine.sessions?.enlist(connection, lease)
    this.lease = lease
    return connection
  }

  async close(): Promise<void> {
    await this.turn.run(async () => this.current?.close())
  }
}
