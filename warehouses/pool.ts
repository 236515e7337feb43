import type { Connection } from './engine.ts'

const LARGEST = 4

/** A few connections for short queries; a broken one is thrown away, not given out again. */
export class Pool {
  private readonly connect: () => Promise<Connection>
  private readonly idle: Connection[] = []
  private readonly waiting: (() => void)[] = []
  private busy = 0

  constructor(connect: () => Promise<Connection>) {
    this.connect = connect
  }

  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.take()
    try {
      return await work(connection)
    } finally {
      await this.give(connection)
    }
  }

  async take(): Promise<Connection> {
    while (this.busy >= LARGEST) await new Promise<void>((resolve) => this.waiting.push(resolve))
    this.busy += 1
    try {
      for (let it = this.idle.pop(); it; it = this.idle.pop()) if (it.open) return it
      return await this.connect()
    } catch (error) {
      this.left()
      throw error
    }
  }

  async give(connection: Connection): Promise<void> {
    if (connection.open) this.idle.push(connection)
    else await connection.close()
    this.left()
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((it) => it.close()))
  }

  private left(): void {
    this.busy -= 1
    this.waiting.shift()?.()
  }
}
