import { setTimeout as sleep } from 'node:timers/promises'
import { PolderError, TransientError } from '../core/errors.ts'
import type { Connection, Engine } from './engine.ts'
import { warehouseError } from './errors.ts'

const ATTEMPTS = 5
const FIRST_PAUSE_MS = 40
const CONNECT_PAUSES_MS = [200, 400, 800, 1600]

/**
 * Repeats a transaction on deadlock, conflict or lock time-out, at most five times in all, with growing random pauses.
 * @param between  before each repetition
 * @throws {TransientError} E604 the fifth attempt failed too
 */
export async function repeated<T>(
  engine: Engine,
  attempt: () => Promise<T>,
  between: () => Promise<void> = async () => {},
): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      if (error instanceof PolderError || engine.fault(error) !== 'retry' || count === ATTEMPTS)
        throw warehouseError(engine, error)
      await between()
      await sleep(FIRST_PAUSE_MS * 2 ** count * (0.5 + Math.random()))
    }
  }
}

/**
 * A new connection; a server that restarts gets three seconds.
 * @throws {TransientError} E602 none could be made
 */
export async function connected(engine: Engine, purpose: 'work' | 'pool'): Promise<Connection> {
  for (let count = 0; ; count++) {
    try {
      return await engine.connect(purpose)
    } catch (error) {
      if (error instanceof PolderError || engine.fault(error) !== 'lost') throw warehouseError(engine, error)
      if (count === CONNECT_PAUSES_MS.length) throw unreachable(engine, error)
      await sleep(CONNECT_PAUSES_MS[count])
    }
  }
}

const unreachable = (engine: Engine, cause: unknown): TransientError =>
  new TransientError('E602', {
    problem: `The warehouse cannot be reached: ${engine.words(cause)}.`,
    remedy: 'Check that the server runs and that host and port in polder.yaml are right.',
    cause,
  })
