import { DataError, type PolderError } from '../core/errors.ts'
import { faultPoint } from '../core/fault.ts'
import type { MappedBatch, MappedPart } from '../core/mapping.ts'
import type {
  ApplyOptions,
  LoadCounts,
  LoadedPart,
  Loader,
  Staged,
  SweepCounts,
  Tx,
} from '../core/warehouse.ts'
import { appendHeld, Held } from './append.ts'
import type { Control } from './control.ts'
import type { Connection, Engine, TempTable } from './engine.ts'
import { bug, lostStaging, warehouseError } from './errors.ts'
import { checkIds } from './ids.ts'
import { makeIndexes } from './indexes.ts'
import { type Merge, noteSeen } from './load.ts'
import { addCounts, appendAll, clear, mergeAll } from './merge.ts'
import { partSource } from './parts.ts'
import { seeKeys } from './see.ts'
import {
  type Numbered,
  ownTables,
  sharedTables,
  sourceColumns,
  stagedColumns,
  stagedInto,
  type Target,
  target,
} from './staging.ts'
import { type Scan, sweepAll } from './sweep.ts'
import { Tally } from './tally.ts'
import { OpenTx } from './transaction.ts'
import type { WorkConnection } from './work.ts'

export interface LoaderContext {
  engine: Engine
  control: Control
  internal: string
  work: WorkConnection
}

/**
 * Stages through private temporary tables of the session's work connection and merges from there; what shall be
 * appended waits in memory instead and goes straight into its part.
 */
export class StagingLoader implements Loader {
  private readonly context: LoaderContext
  private readonly targets: Target[]
  private readonly dataset: string
  /** Holds the temporary tables; undefined before they are made. */
  private connection?: Connection
  private tally = new Tally()
  private held = new Held()
  /** How the last commit was applied: the next one will be, as a rule. */
  private mode: ApplyOptions['mode'] = 'merge'
  /** Rows lie in the temporary tables. */
  private staged = false
  private indexed = false
  private swept = false
  private appliedIn?: OpenTx
  /** What was staged is settled, or half staged: the tables are emptied before the next batch. */
  private spent = false
  private broken?: unknown

  constructor(context: LoaderContext, parts: LoadedPart[]) {
    this.context = context
    this.targets = parts.map((it, i) => target(context.engine.dialect, context.internal, it, i))
    this.dataset = parts.length > 0 ? partSource(parts[0]!.part) : ''
  }

  stage(batch: MappedBatch, mode: ApplyOptions['mode'] = this.mode): Promise<Staged> {
    return this.context.work.turn.run(async () => {
      if (this.broken !== undefined) throw lostStaging(this.broken)
      try {
        await this.ready()
        batch.parts.forEach(checkIds)
        const numbered = { batch, first: this.tally.rows, kept: this.tally.add(batch) }
        if (this.appends(mode) && this.held.add(numbered)) faultPoint('K5')
        else await this.write(numbered)
        return { rows: batch.rows }
      } catch (error) {
        this.broken = error
        throw warehouseError(this.context.engine, error)
      }
    })
  }

  async apply(tx: Tx, options: ApplyOptions): Promise<LoadCounts> {
    const open = this.own(tx)
    if (this.appliedIn === open || this.tally.rows === 0) return new Tally().counts(new Map())
    this.appliedIn = open
    this.mode = this.appends(options.mode) ? 'append' : 'merge'
    const merge = await this.merge(open, options.runId, this.tally.replaced.length > 0)
    return this.appends(options.mode) ? this.append(open, merge) : this.mergeInto(open, merge, options.scan)
  }

  /** A state that is watched is always compared, if only with no state at all. */
  private appends(mode: ApplyOptions['mode']): boolean {
    return mode === 'append' && this.targets.every((it) => it.states === undefined)
  }

  /** Nothing is noted as seen: all that a scan appends is written after it began, so its sweep leaves it alone. */
  private async append(tx: OpenTx, merge: Merge): Promise<LoadCounts> {
    this.held.leaveOut(this.tally.replaced)
    if (this.staged) {
      await clear(tx, merge, [sharedTables.skip])
      await this.skipReplaced(tx)
    }
    const counts = await appendAll(tx, merge, this.staged ? this.targets : [], this.tally)
    for (const target of this.targets)
      for (const numbered of this.held.batches) {
        const inserted = await appendHeld(tx, merge, target, numbered).catch((error) => {
          throw this.refused(error, target) ?? error
        })
        addCounts(counts, target, { inserted, updated: 0, deleted: 0 })
      }
    return counts
  }

  private async mergeInto(tx: OpenTx, merge: Merge, scan?: string): Promise<LoadCounts> {
    // These were expected to be appended. A rollback takes their staging back, and the next attempt stages them again.
    for (const numbered of this.held.batches) await this.write(numbered)
    await clear(tx, merge, this.helpers())
    await this.skipReplaced(tx)
    if (scan !== undefined) await tx.run(noteSeen(merge, this.context.control.seen), [this.dataset, scan])
    if (!this.indexed) await makeIndexes(this.context.engine, tx, this.targets)
    return mergeAll(tx, merge, this.targets, this.tally)
  }

  see(tx: Tx, scan: { id: string; first: boolean }, keys: string[]): Promise<void> {
    const { control, internal } = this.context
    return seeKeys(this.own(tx), { internal, relation: control.seen, dataset: this.dataset }, scan, keys)
  }

  async sweep(tx: Tx, scan: Scan): Promise<SweepCounts> {
    const open = this.own(tx)
    const merge = await this.merge(open, scan.runId, false)
    this.swept = true
    const { seen } = this.context.control
    return sweepAll(open, merge, { targets: this.targets, dataset: this.dataset, seen, scan })
  }

  /** Makes the temporary tables, which must not be undone by a rollback. */
  open(): Promise<void> {
    return this.context.work.turn.run(() => this.ready())
  }

  /** A commit begins: what an earlier one applied was not written. */
  began(): void {
    this.appliedIn = undefined
    this.swept = false
  }

  /** The transaction that applied was committed: what was staged is settled. */
  async committed(): Promise<void> {
    if (this.appliedIn !== undefined) {
      this.indexed ||= this.mode === 'merge'
      this.forget()
    }
    if (this.swept) await this.index()
  }

  /** After a load that only appended. Where the connection is lost, the next run's DDL makes them. */
  private async index(): Promise<void> {
    const { engine, work } = this.context
    this.swept = false
    if (this.indexed) return
    try {
      await makeIndexes(engine, await work.get(), this.targets)
      this.indexed = true
    } catch (error) {
      const fault = engine.fault(error)
      if (fault !== 'lost' && fault !== 'retry') throw warehouseError(engine, error)
    }
  }

  reset(): Promise<void> {
    return this.context.work.turn.run(async () => this.forget())
  }

  close(): Promise<void> {
    return this.context.work.turn.run(async () => {
      const { connection } = this
      this.connection = undefined
      this.broken = bug('The loader is closed.')
      if (connection?.open) await this.drop(connection)
    })
  }

  private forget(): void {
    this.tally = new Tally()
    this.held = new Held()
    this.appliedIn = undefined
    this.broken = undefined
    this.spent ||= this.staged
    this.staged = false
  }

  /** Temporary tables, empty where the last rows are settled. */
  private async ready(): Promise<void> {
    const { engine, internal, work } = this.context
    const connection = await work.get()
    if (connection !== this.connection) {
      if (this.tally.rows > 0) throw lostStaging()
      await this.drop(connection)
      for (const table of this.tables()) await connection.run(engine.dialect.createTemp(internal, table))
      this.connection = connection
    } else if (this.spent) {
      const stages = this.targets.map(stagedInto)
      await clear(connection, { dialect: engine.dialect, internal }, [...stages, sharedTables.rows])
    }
    this.spent = false
  }

  private async drop(connection: Connection): Promise<void> {
    const { engine, internal } = this.context
    for (const table of this.tables()) await connection.run(engine.dialect.dropTemp(internal, table))
  }

  private async write(numbered: Numbered): Promise<void> {
    this.staged = true
    for (const part of numbered.batch.parts) await this.writePart(numbered, part)
    faultPoint('K5')
    const { columns, rows } = sourceColumns(numbered)
    if (rows > 0) await this.connection!.bulk(sharedTables.rows, columns, rows)
  }

  private async writePart(numbered: Numbered, mapped: MappedPart): Promise<void> {
    const into = this.targets.find((it) => it.table.name === mapped.table)
    if (into === undefined) throw bug(`The loader has no part for the table ${mapped.table}.`)
    const { columns, rows } = stagedColumns(numbered, mapped, into)
    if (rows === 0) return
    try {
      await this.connection!.bulk(stagedInto(into), columns, rows)
    } catch (error) {
      throw this.refused(error, into) ?? error
    }
  }

  private refused(cause: unknown, { table }: Target): PolderError | undefined {
    const { engine } = this.context
    if (engine.fault(cause) !== 'refused') return undefined
    const column = engine.refusedColumn(cause)
    return new DataError('E605', {
      problem: `${engine.facts.version} refused a value of ${table.name}${column ? `.${column}` : ''}: ${engine.words(cause)}.`,
      remedy: 'See polder explain E605.',
      cause,
    })
  }

  private async skipReplaced(tx: OpenTx): Promise<void> {
    const { replaced } = this.tally
    if (replaced.length === 0) return
    const none = new Array<null>(replaced.length).fill(null)
    await tx.connection.bulk(sharedTables.skip, [replaced, none], replaced.length)
  }

  private own(tx: Tx): OpenTx {
    if (tx instanceof OpenTx && tx.connection === this.connection) return tx
    if (this.connection?.open === false) throw lostStaging()
    throw bug('A loader merges only inside a commit of its own session.')
  }

  private async merge(tx: OpenTx, runId: string, skips: boolean): Promise<Merge> {
    const { engine, internal } = this.context
    return { dialect: engine.dialect, internal, now: await tx.clock(), runId, skips }
  }

  private helpers(): TempTable[] {
    const { skip, touched, floor, winner } = sharedTables
    const own = this.targets.flatMap((it) => ownTables(it).filter((table) => table !== stagedInto(it)))
    const watches = this.targets.some((it) => it.states)
    return [skip, touched, ...(watches ? [floor, winner] : []), ...own]
  }

  private tables(): TempTable[] {
    return [...Object.values(sharedTables), ...this.targets.flatMap(ownTables)]
  }
}
