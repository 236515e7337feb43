import { createHash } from 'node:crypto'
import { AuthError } from '../core/errors.ts'
import type { Fence } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { Connection, Engine } from './engine.ts'

/** What sessions are enlisted under. */
export const leaseName = (
  { leases }: Control,
  { dataset, epoch }: Pick<Fence, 'dataset' | 'epoch'>,
): string =>
  createHash('sha256')
    .update(JSON.stringify([leases, dataset, epoch]))
    .digest('hex')
    .slice(0, 32)

type Held = Fence & { valid: number }

/**
 * Ends the server's sessions of holders that stopped in the middle of a transaction. It holds the row of their lease, and
 * may do so for ever: a process can be frozen, its machine can be gone without a word. The leases are read without locks.
 * Only sessions of expired leases are ended, and of holders known to be dead.
 * @throws {AuthError} E709 the server refuses
 */
export async function endStopped(
  engine: Engine,
  control: Control,
  connection: Connection,
  isDead: (holder: string) => boolean = () => false,
): Promise<void> {
  const { sessions, dialect } = engine
  if (sessions === undefined) return
  const held = (await connection.query(
    `select dataset, epoch, holder, case when expires_at > ${dialect.now} then 1 else 0 end as valid ` +
      `from ${control.leases} where holder <> ''`,
  )) as unknown as Held[]
  for (const lease of held) {
    const dead = isDead(lease.holder)
    if (lease.valid === 1 && !dead) continue
    await sessions.end(connection, leaseName(control, lease), dead ? 'all' : 'silent').catch((error) => {
      throw engine.fault(error) === 'denied' ? refused(engine, lease, error) : error
    })
  }
}

const refused = (engine: Engine, { dataset, holder }: Fence, cause: unknown): AuthError =>
  new AuthError('E709', {
    problem:
      `The lease of ${dataset} has expired, a session of its holder ${holder} is still in the warehouse, ` +
      `and it may not be ended: ${engine.words(cause)}.`,
    remedy:
      'Stop that process, let an administrator end its session, or run as the same user of the warehouse.',
    cause,
  })
