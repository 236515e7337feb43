import type { Knex } from 'knex'
import { LeaseError } from '../../core/errors.ts'
import type { Json } from '../../core/value.ts'
import type { Tx, WarehouseSession } from '../../core/warehouse.ts'
import { execute, rowsOf, sqlBuilder } from './sql.ts'
import { stateSteps } from './tables.ts'

export interface StoredCheckpoint {
  version: number
  state: Json
}

/** Polder's memory in the internal schema: runs, checkpoints, counters, rejects. No state lies anywhere else. */
export class StateStore {
  readonly session: WarehouseSession
  readonly knex: Knex

  private constructor(session: WarehouseSession, knex: Knex) {
    this.session = session
    this.knex = knex
  }

  /** Creates what is missing. */
  static async open(session: WarehouseSession): Promise<StateStore> {
    const store = new StateStore(session, await sqlBuilder(session))
    await session.prepare()
    await session.ddl(stateSteps(store.knex, session.internal))
    return store
  }

  table(name: string): Knex.QueryBuilder {
    return this.knex(name).withSchema(this.session.internal)
  }

  /** The warehouse's clock, canonical. */
  async now(tx: Pick<Tx, 'query'> = this.session): Promise<string> {
    const clock = this.session.facts.builder === 'mysql2' ? 'current_timestamp(6)' : 'current_timestamp'
    const [row] = await tx.query<{ now: string }>(`select ${clock} as now`)
    return row!.now
  }

  async checkpoint(dataset: string, rangeId: string): Promise<StoredCheckpoint | undefined> {
    const query = this.table('checkpoints').select('version', 'state').where({ dataset, range_id: rangeId })
    const [row] = await rowsOf<{ version: number; state: string }>(this.session, query)
    return row && { version: Number(row.version), state: JSON.parse(row.state) }
  }

  /**
   * Moves a checkpoint from `expected` (undefined: there was none) to its next version.
   * @throws {LeaseError} E706 it is not at `expected`
   */
  async moveCheckpoint(
    tx: Tx,
    at: { dataset: string; rangeId: string },
    expected: number | undefined,
    state: Json,
  ): Promise<number> {
    const key = { dataset: at.dataset, range_id: at.rangeId }
    const next = (expected ?? 0) + 1
    const values = { version: next, state: JSON.stringify(state), updated_at: await this.now(tx) }
    const [row] = await rowsOf<{ version: number }>(
      tx,
      this.table('checkpoints').select('version').where(key),
    )
    if ((row && Number(row.version)) !== expected) {
      throw new LeaseError('E706', {
        problem: `The checkpoint of "${at.dataset}" was moved by another process.`,
        remedy: 'Run again; it goes on from the stored checkpoint.',
      })
    }
    if (expected === undefined) await execute(tx, this.table('checkpoints').insert({ ...key, ...values }))
    else await execute(tx, this.table('checkpoints').where(key).update(values))
    return next
  }

  /** Drops the checkpoints of a dataset's ranges: the dataset's own stands for all of them now. */
  async forgetRanges(tx: Tx, dataset: string): Promise<void> {
    await execute(tx, this.table('checkpoints').where({ dataset }).whereNot({ range_id: '0' }).delete())
  }
}
