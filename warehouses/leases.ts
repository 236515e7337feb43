import { LeaseError } from '../core/errors.ts'
import type { Fence, LeaseHolder } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { SqlDialect } from './engine.ts'
import type { OpenTx } from './transaction.ts'

interface Stored extends LeaseHolder {
  valid: number
}

/** Inside a short transaction: takes the lease, or renews it for the holder who has it. */
export async function takeLease(
  tx: OpenTx,
  dialect: SqlDialect,
  { leases }: Control,
  ask: { dataset: string; holder: string; lengthMs: number; isDead?: (holder: string) => boolean },
): Promise<Fence> {
  const { dataset, holder, lengthMs, isDead } = ask
  const until = dialect.later(Math.round(lengthMs))
  const [stored] = await tx.query<Stored>(
    `select epoch, holder, expires_at as ${dialect.quote('expiresAt')}, ` +
      `case when expires_at > ${dialect.now} then 1 else 0 end as valid ` +
      `from ${leases} where dataset = ?${dialect.updateLock}`,
    [dataset],
  )
  if (stored === undefined) {
    await tx.run(
      `insert into ${leases} (dataset, epoch, holder, expires_at, n) values (?, 1, ?, ${until}, 0)`,
      [dataset, holder],
    )
    return { dataset, epoch: 1, holder }
  }
  const valid = stored.valid === 1 && stored.holder !== ''
  if (valid && stored.holder !== holder && !isDead?.(stored.holder)) throw held(dataset, stored)
  const epoch = valid && stored.holder === holder ? stored.epoch : stored.epoch + 1
  await tx.run(
    `update ${leases} set epoch = ?, holder = ?, expires_at = ${until}, n = n + 1 where dataset = ?`,
    [epoch, holder, dataset],
  )
  return { dataset, epoch, holder }
}

/** @throws {LeaseError} E703 somebody took it over */
export async function renewLease(
  tx: OpenTx,
  dialect: SqlDialect,
  { leases }: Control,
  fence: Fence,
  lengthMs: number,
): Promise<void> {
  const until = dialect.later(Math.round(lengthMs))
  const found = await tx.run(
    `update ${leases} set expires_at = ${until}, n = n + 1 where ${OURS}`,
    ours(fence),
  )
  if (found !== 1) throw stale(fence)
}

/** The row stays, so that epochs never repeat; a lease that was taken over is left to its new holder. */
export async function releaseLease(tx: OpenTx, dialect: SqlDialect, { leases }: Control, fence: Fence) {
  await tx.run(
    `update ${leases} set expires_at = ${dialect.now}, holder = '', n = n + 1 where ${OURS}`,
    ours(fence),
  )
}

/**
 * Holds the lease row until the transaction ends, so that nobody takes the dataset over meanwhile.
 * DuckDB has no row locks: there a real change of the row conflicts with a takeover.
 */
export async function lockLease(
  tx: OpenTx,
  dialect: SqlDialect,
  { leases }: Control,
  fence: Fence,
): Promise<void> {
  if (dialect.shareLock === '') {
    if ((await tx.run(`update ${leases} set n = n + 1 where ${OURS}`, ours(fence))) !== 1) throw stale(fence)
    return
  }
  const rows = await tx.query(`select epoch from ${leases} where ${OURS}${dialect.shareLock}`, ours(fence))
  if (rows.length !== 1) throw stale(fence)
}

const OURS = 'dataset = ? and epoch = ? and holder = ?'

const ours = ({ dataset, epoch, holder }: Fence) => [dataset, epoch, holder]

const held = (dataset: string, { holder, expiresAt }: Stored): LeaseError =>
  new LeaseError('E701', {
    problem: `The dataset ${dataset} is being loaded by ${holder}, whose lease lasts until ${expiresAt}.`,
    remedy: 'Wait for that run or stop it.',
  })

const stale = ({ dataset, holder, epoch }: Fence): LeaseError =>
  new LeaseError('E703', {
    problem: `The lease of ${dataset} (epoch ${epoch}, held by ${holder}) was taken over; nothing was written.`,
    remedy: 'Nothing to repair: the other run goes on from the last commit.',
  })
