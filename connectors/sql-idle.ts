import type { SqlEngine, SqlSession } from './sql-types.ts'

const MOST_IDLE = 4
const IDLE_MS = 2000

/**
 * An engine whose sessions wait a moment for more work once theirs is done: to connect takes longer than most of it, and a run
 * asks many short questions. While they wait they hold nothing at the server.
 */
export class IdleSessions {
  readonly engine: SqlEngine
  private idle: { session: SqlSession; timer: NodeJS.Timeout }[] = []
  private isClosed = false

  constructor(engine: SqlEngine) {
    this.engine = {
      ...engine,
      connect: () => this.take(engine),
      done: (session) => this.keep(session),
    }
  }

  private async take(engine: SqlEngine): Promise<SqlSession> {
    for (let found = this.idle.pop(); found; found = this.idle.pop()) {
      clearTimeout(found.timer)
      try {
        await found.session.wake!()
        return found.session
      } catch {
        // The server or the network has ended it meanwhile.
        await drop(found.session)
      }
    }
    return engine.connect()
  }

  private async keep(session: SqlSession): Promise<void> {
    if (!session.rest || this.isClosed || this.idle.length >= MOST_IDLE) return session.close()
    // What it was asked for is there, however it ends.
    const rests = await session.rest().then(
      () => true,
      () => false,
    )
    // The reader may have been closed in between.
    if (!rests || this.isClosed) return drop(session)
    const timer = setTimeout(() => {
      this.idle = this.idle.filter((it) => it.session !== session)
      void drop(session)
    }, IDLE_MS)
    this.idle.push({ session, timer })
  }

  async close(): Promise<void> {
    this.isClosed = true
    const all = this.idle.splice(0)
    for (const { timer } of all) clearTimeout(timer)
    await Promise.all(all.map(({ session }) => drop(session)))
  }
}

const drop = (session: SqlSession): Promise<void> => session.close().catch(() => {})
