import type { DdlStep } from '../../core/warehouse.ts'
import type { Connection } from '../engine.ts'
import { revealed } from '../ledger.ts'
import { postgres } from './dialect.ts'

/** Works as if the steps were taken: all of it in a transaction that is taken back. */
export async function inTrial<T>(
  connection: Connection,
  steps: DdlStep[],
  work: () => Promise<T>,
): Promise<T> {
  await connection.run('begin')
  try {
    await connection.query(postgres.ddlLock)
    for (const step of steps) await connection.run(revealed(step, postgres))
    return await work()
  } finally {
    // On a connection that is lost the server does it.
    if (connection.open) await connection.run('rollback')
  }
}
