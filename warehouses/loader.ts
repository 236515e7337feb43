import { DataError, type PolderError } from '../core/errors.ts'
import { faultPoint } from '../core/fault.ts'
import type { MappedBatch, MappedPart } from '../core/mapping.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { ApplyOptions, LoadCounts, Loader, Part, Staged, SweepCounts, Tx } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { Connection, Engine, TempTable } from './engine.ts'
import { bug, lostStaging, warehouseError } from './errors.ts'
import { type Merge, noteSeen } from './load.ts'
import { appendAll, clear, mergeAll } from './merge.ts'
import { partSource } from './parts.ts'
import { type Numbered, sharedTables, sourceColumns, stagedColumns, type Target, target } from './staging.ts'
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

/** Stages through private temporary tables of the session's work connection and merges from there. */
export class StagingLoader implements Loader {
  private readonly context: LoaderContext
  private readonly targets: Target[]
  private readonly dataset: string
  /** Holds the temporary tables; undefined before they are made. */
  private connection?: Connection
  private tally = new Tally()
  private appliedIn?: OpenTx
  /** What was staged is settled, or half staged: the tables are emptied before the next batch. */
  private spent = false
  private broken?: unknown

  constructor(context: LoaderContext, parts: { part: Part; table: UnifiedTable; names: string[] }[]) {
    this.context = context
    this.targets = parts.map((it, i) => target(context.engine.dialect, context.internal, it, i))
    this.dataset = parts.length > 0 ? partSource(parts[0]!.part) : ''
  }

  stage(batch: MappedBatch): Promise<Staged> {
    return this.context.work.turn.run(async () => {
      if (this.broken !== undefined) throw lostStaging(this.broken)
      try {
        await this.ready()
        await this.write(batch)
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
    const merge = await this.merge(open, options.runId, this.tally.replaced.length > 0)
    await clear(open, merge, this.helpers())
    await this.skipReplaced(open)
    if (options.scan !== undefined)
      await open.run(noteSeen(merge, this.context.control.seen), [this.dataset, options.scan])
    return (options.mode === 'append' ? appendAll : mergeAll)(open, merge, this.targets, this.tally)
  }

  async sweep(tx: Tx, scan: Scan): Promise<SweepCounts> {
    const open = this.own(tx)
    const merge = await this.merge(open, scan.runId, false)
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
  }

  /** The transaction that applied was committed: what was staged is settled. */
  committed(): void {
    if (this.appliedIn === undefined) return
    this.appliedIn = undefined
    this.forget()
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
    this.appliedIn = undefined
    this.broken = undefined
    this.spent = true
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
      const stages = this.targets.map((it) => it.stage)
      await clear(connection, { dialect: engine.dialect, internal }, [...stages, sharedTables.rows])
    }
    this.spent = false
  }

  private async drop(connection: Connection): Promise<void> {
    const { engine, internal } = this.context
    for (const table of this.tables()) await connection.run(engine.dialect.dropTemp(internal, table))
  }

  private async write(batch: MappedBatch): Promise<void> {
    const numbered: Numbered = { batch, first: this.tally.rows, kept: this.tally.add(batch) }
    for (const part of batch.parts) await this.writePart(numbered, part)
    faultPoint('K5')
    const { columns, rows } = sourceColumns(numbered)
    if (rows > 0) await this.connection!.bulk(sharedTables.rows, columns, rows)
  }

  private async writePart(numbered: Numbered, mapped: MappedPart): Promise<void> {
    const into = this.targets.find((it) => it.table.name === mapped.table)
    if (into === undefined) throw bug(`The loader has no part for the table ${mapped.table}.`)
    checkIds(mapped)
    const { columns, rows } = stagedColumns(numbered, mapped, into.names)
    if (rows === 0) return
    try {
      await this.connection!.bulk(into.stage, columns, rows)
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
    const { skip, touched } = sharedTables
    return [skip, touched, ...this.targets.flatMap((it) => [it.old, it.changed, it.gone])]
  }

  private tables(): TempTable[] {
    return [
      ...Object.values(sharedTables),
      ...this.targets.flatMap((it) => [it.stage, it.old, it.changed, it.gone]),
    ]
  }
}

/** @throws {DataError} E612 a source row made one id twice; engines without a key would store both */
function checkIds({ sourceRow, columns, names, rows, table }: MappedPart): void {
  const ids = columns[names.indexOf('id')]
  if (ids === undefined) throw bug(`The mapping of ${table} gave no ids.`)
  let seen: Set<unknown> | undefined
  for (let i = 1; i < rows; i++) {
    if (sourceRow[i] !== sourceRow[i - 1]) {
      seen = undefined
      continue
    }
    seen ??= new Set([ids[i - 1]])
    if (seen.has(ids[i]))
      throw new DataError('E612', {
        problem: `A source row made two rows with one id in ${table}.`,
        remedy: 'Give the items a key that is unique inside their row.',
      })
    seen.add(ids[i])
  }
}
