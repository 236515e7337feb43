import { AuthError } from '../core/errors.ts'
import type { Expr, Printed } from '../core/expr.ts'
import type { Field } from '../core/field.ts'
import type { JoinAsk, LookupLayout, Pushed, ReachAsk, Reached } from '../core/reach.ts'
import { shorten } from '../core/row-id.ts'
import type { UnifiedColumn, UnifiedTable } from '../core/unified.ts'
import type { Json, Value } from '../core/value.ts'
import type {
  Bind,
  DatasetRef,
  DdlStep,
  Fence,
  LoadedPart,
  Loader,
  Part,
  PartQuery,
  RejectQuery,
  Tx,
  WarehouseContext,
  WarehouseFacts,
  WarehouseSession,
} from '../core/warehouse.ts'
import { type Commit, commitOnce } from './commits.ts'
import { type Control, controlSteps, controlTables } from './control.ts'
import type { Connection, Engine, SqlDialect } from './engine.ts'
import { bug, checkName, warehouseError } from './errors.ts'
import { Room } from './held.ts'
import { joinedRelation } from './join.ts'
import { releaseLease, renewLease, takeLease } from './leases.ts'
import { dueSteps, runSteps, unlessThere } from './ledger.ts'
import { StagingLoader } from './loader.ts'
import { lookupLayout } from './lookup-tables.ts'
import { type Place, planDropView, planPart, planPartView, planRejectView, planView } from './plan-steps.ts'
import { Pool } from './pool.ts'
import { connected, repeated } from './retry.ts'
import { canonicalRows } from './rows.ts'
import { endStopped, leaseName } from './stopped.ts'
import { clock, inTransaction, type OpenTx } from './transaction.ts'
import { triedPushdown, triedQuery } from './trial.ts'
import { WorkConnection } from './work.ts'

/** What a session and its forks have in common; the last to close lets go of it. */
interface Shared {
  engine: Engine
  pool: Pool
  /** What their loaders may hold in memory. */
  room: Room
  sessions: number
}

export function openSession(engine: Engine, context: WarehouseContext): WarehouseSession {
  checkName(context.schema, engine.facts.maxNameBytes)
  checkName(context.internal, engine.facts.maxNameBytes)
  const pool = new Pool(() => connected(engine, 'pool'))
  return new Session({ engine, pool, room: new Room(), sessions: 0 }, context.schema, context.internal)
}

class Session implements WarehouseSession {
  readonly facts: WarehouseFacts
  readonly dialect: SqlDialect
  readonly schema: string
  readonly internal: string
  private readonly shared: Shared
  private readonly engine: Engine
  private readonly control: Control
  private readonly work: WorkConnection
  private current?: StagingLoader
  private closed = false

  constructor(shared: Shared, schema: string, internal: string) {
    this.shared = shared
    this.engine = shared.engine
    this.facts = shared.engine.facts
    this.dialect = shared.engine.dialect
    this.schema = schema
    this.internal = internal
    this.control = controlTables(this.dialect, internal)
    this.work = new WorkConnection(shared.engine)
    shared.sessions += 1
  }

  query<T = Record<string, Value>>(sql: string, binds?: Bind[]): Promise<T[]> {
    return this.pooled((connection) => connection.query(sql, binds)) as Promise<T[]>
  }

  clock(): Promise<string> {
    return this.pooled((connection) => clock(this.engine, connection))
  }

  prepare(): Promise<void> {
    const steps = controlSteps(this.engine, this.schema, this.internal)
    const { ddlInTransaction } = this.facts
    return this.writing(async (connection) => {
      const run = async () => {
        if (this.dialect.ddlLock) await connection.query(this.dialect.ddlLock)
        for (const sql of steps) await unlessThere(this.engine, () => connection.run(sql))
      }
      await (ddlInTransaction ? inTransaction(this.engine, connection, run) : run())
    })
  }

  ddl(steps: DdlStep[]): Promise<void> {
    return this.writing(async (connection) => {
      // DDL of a part waits for whoever writes to it.
      await this.tryEndStopped(connection)
      await runSteps(this.engine, this.control, connection, steps)
    })
  }

  pending(steps: DdlStep[]): Promise<DdlStep[]> {
    return this.pooled(async (connection) => {
      const due = await dueSteps(this.control, connection, steps)
      return due.map(({ secret, ...shown }) => shown)
    })
  }

  partSteps(part: Part, table: UnifiedTable): Promise<DdlStep[]> {
    return this.pooled((it) => planPart(it, this.place, part, table))
  }

  reach(ask: ReachAsk): Promise<Reached> {
    return this.pooled((connection) => this.engine.reach(connection, ask, this.internal))
  }

  async trial<T = Record<string, Value>>(steps: DdlStep[], sql: string): Promise<T[] | undefined> {
    const ask = (connection: Connection) => triedQuery(connection, this.engine, steps, sql)
    return this.pooled(ask) as Promise<T[] | undefined>
  }

  pushed(
    source: DatasetRef,
    table: UnifiedTable,
    query: PartQuery,
    steps: DdlStep[],
  ): Promise<Pushed | undefined> {
    return this.pooled((it) => triedPushdown(it, this.engine, { source, table, query }, steps))
  }

  async unusedLinkSteps(dataset: string, used: string[] = []): Promise<DdlStep[]> {
    const { links } = this.engine
    return links ? this.pooled((it) => links.unused(it, this.internal, dataset, used)) : []
  }

  lookupLayout(at: number, key: 'integer' | 'hash', fields: Field[]): LookupLayout | undefined {
    return lookupLayout(this.dialect, this.internal, at, key, fields)
  }

  joined(ask: JoinAsk): string {
    return joinedRelation(this.dialect, this.engine.print, ask)
  }

  print(expr: Expr): Printed {
    return this.engine.print(expr)
  }

  partViewSteps(part: Part, table: UnifiedTable, query: PartQuery): Promise<DdlStep[]> {
    return this.pooled((it) => planPartView(it, this.place, part, table, query))
  }

  rejectViewSteps(query: RejectQuery): Promise<DdlStep[]> {
    return this.pooled((it) => planRejectView(it, this.place, query))
  }

  dropViewSteps(name: string): Promise<DdlStep[]> {
    return this.pooled((it) => planDropView(it, this.place, name))
  }

  viewSteps(table: UnifiedTable, parts: Part[]): Promise<DdlStep[]> {
    return this.pooled((it) => planView(it, this.place, table, parts))
  }

  lease(
    dataset: string,
    holder: string,
    lengthMs: number,
    isDead?: (holder: string) => boolean,
  ): Promise<Fence> {
    return this.writing(async (connection) => {
      await this.tryEndStopped(connection, isDead)
      return inTransaction(this.engine, connection, (tx) =>
        takeLease(tx, this.dialect, this.control, { dataset, holder, lengthMs, isDead }),
      )
    })
  }

  renew(fence: Fence, lengthMs: number): Promise<void> {
    return this.short((tx) => renewLease(tx, this.dialect, this.control, fence, lengthMs))
  }

  release(fence: Fence): Promise<void> {
    return this.short((tx) => releaseLease(tx, this.dialect, this.control, fence))
  }

  forgetCommits(before: string): Promise<void> {
    const old = `delete from ${this.control.commits} where committed_at < ${this.dialect.instant(before)}`
    return this.short(async (tx) => void (await tx.run(old)))
  }

  commit<T extends Json>(
    id: string,
    fence: Fence,
    work: (tx: Tx) => Promise<T>,
  ): Promise<{ done: T } | { already: T }> {
    const { engine, control } = this
    const commit: Commit<T> = { id: shorten(id), fence, work }
    const lease = leaseName(control, fence)
    return this.work.turn.run(() =>
      engine.exclusive(async () => {
        this.current?.began()
        const outcome = await repeated(engine, async () =>
          commitOnce(engine, control, await this.work.getFor(lease), commit),
        )
        if ('done' in outcome) await this.current?.committed()
        return outcome
      }),
    )
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.short(work)
  }

  async loader(parts: LoadedPart[]): Promise<Loader> {
    await this.current?.close()
    const { engine, control, internal, work } = this
    const { room } = this.shared
    const loader = new StagingLoader({ engine, control, internal, work, room }, parts)
    await loader.open().catch((error) => {
      throw warehouseError(engine, error)
    })
    this.current = loader
    return loader
  }

  async *rows(
    relation: { schema: string; name: string },
    columns: UnifiedColumn[],
    orderBy: string[],
  ): AsyncGenerator<Value[][]> {
    const connection = await this.shared.pool.take()
    try {
      yield* canonicalRows(connection, this.dialect, relation, columns, orderBy)
    } catch (error) {
      throw warehouseError(this.engine, error)
    } finally {
      await this.shared.pool.give(connection)
    }
  }

  fork(): WarehouseSession {
    return new Session(this.shared, this.schema, this.internal)
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.work.close()
    this.shared.sessions -= 1
    if (this.shared.sessions > 0) return
    await this.shared.pool.close()
    await this.engine.close()
  }

  private get place(): Place {
    const { engine, control, schema, internal } = this
    return { engine, control, schema, internal }
  }

  private async pooled<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.closed) throw bug('The session is closed.')
    try {
      return await this.shared.pool.use(work)
    } catch (error) {
      throw warehouseError(this.engine, error)
    }
  }

  /** In the engine's queue of writers, repeated on conflict. */
  private writing<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.closed) throw bug('The session is closed.')
    const { pool } = this.shared
    const attempt = () => pool.use(work)
    const between = () => pool.use((it) => this.endStopped(it))
    return this.engine.exclusive(() => repeated(this.engine, attempt, between))
  }

  /** Where nothing can be done, what follows tells: it may not even have to wait for them. */
  private async tryEndStopped(connection: Connection, isDead?: (holder: string) => boolean): Promise<void> {
    await endStopped(this.engine, this.control, connection, isDead).catch(() => {})
  }

  /** After a lock was waited for in vain. */
  private async endStopped(connection: Connection): Promise<void> {
    await endStopped(this.engine, this.control, connection).catch((error) => {
      // The repetition meets any other trouble again.
      if (error instanceof AuthError) throw error
    })
  }

  private short<T>(work: (tx: OpenTx) => Promise<T>): Promise<T> {
    return this.writing((connection) => inTransaction(this.engine, connection, work))
  }
}
