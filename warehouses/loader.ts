import { faultPoint } from '../core/fault.ts'
import type { MappedBatch } from '../core/mapping.ts'
import type {
  ApplyOptions,
  CopyAsk,
  CopyQuery,
  CopySlice,
  LoadCounts,
  LoadedPart,
  Loader,
  LookupRows,
  Staged,
  StagedCopy,
  SweepCounts,
  Tx,
} from '../core/warehouse.ts'
import { applyAppend, applyMerge } from './apply.ts'
import type { Control } from './control.ts'
import { Copying, copyStraight, goesStraight } from './copy.ts'
import type { CopyText } from './copy-slice.ts'
import { bug, lostStaging, warehouseError } from './errors.ts'
import { Held, type Room } from './held.ts'
import { checkIds } from './ids.ts'
import { makeIndexes } from './indexes.ts'
import type { Merge } from './load.ts'
import { LookupTables } from './lookup-tables.ts'
import { partSource } from './parts.ts'
import { PrivateTables, type TablesContext } from './private-tables.ts'
import { seeKeys } from './see.ts'
import { type Target, target } from './staging.ts'
import { type Scan, sweepAll } from './sweep.ts'
import { Tally } from './tally.ts'
import { OpenTx } from './transaction.ts'

export interface LoaderContext extends TablesContext {
  control: Control
  room: Room
}

/**
 * Stages through private temporary tables of the session's work connection and merges from there; what shall be
 * appended waits in memory instead and goes straight into its part.
 */
export class StagingLoader implements Loader {
  private readonly context: LoaderContext
  private readonly targets: Target[]
  private readonly dataset: string
  private readonly tables: PrivateTables
  private readonly held: Held
  private readonly copying: Copying
  private readonly lookups: LookupTables
  /** A slice that `apply` copies straight into the parts. */
  private straight?: CopyText
  private tally = new Tally()
  /** How the last commit was applied. */
  private mode: ApplyOptions['mode'] = 'merge'
  private indexed = false
  private swept = false
  private appliedIn?: OpenTx
  private broken?: unknown

  constructor(context: LoaderContext, parts: LoadedPart[]) {
    this.context = context
    this.targets = parts.map((it, i) => target(context.engine.dialect, context.internal, it, i))
    this.tables = new PrivateTables(context, this.targets)
    this.held = new Held(context.engine, context.room)
    this.copying = new Copying(context, this.targets)
    this.lookups = new LookupTables(context)
    this.dataset = parts.length > 0 ? partSource(parts[0]!.part) : ''
  }

  stage(batch: MappedBatch, mode: ApplyOptions['mode'] = 'merge'): Promise<Staged> {
    return this.context.work.turn.run(async () => {
      if (this.broken !== undefined) throw lostStaging(this.broken)
      try {
        await this.tables.ready(this.tally.rows > 0)
        batch.parts.forEach(checkIds)
        const numbered = { batch, first: this.tally.rows, kept: this.tally.add(batch) }
        if (this.appends(mode) && this.held.add(numbered, this.targets)) faultPoint('K5')
        else await this.tables.write(numbered)
        return { rows: batch.rows }
      } catch (error) {
        this.broken = error
        throw warehouseError(this.context.engine, error)
      }
    })
  }

  lookUp(tables: LookupRows[]): void {
    this.lookups.use(tables)
  }

  stageQuery(query: CopyQuery, slice: CopySlice, ask: CopyAsk): Promise<StagedCopy> {
    const { engine, work } = this.context
    return work.turn.run(async () => {
      if (this.broken !== undefined) throw lostStaging(this.broken)
      const text = this.copying.text(query, slice)
      try {
        await this.tables.ready(this.tally.rows > 0)
        await this.lookups.ready(await work.get())
        if (query.fetch) {
          const { whole, failure } = await this.copying.fetched(await work.get(), query.fetch, slice)
          if (!whole) return { rows: 0, among: [], ...(failure !== undefined && { failure }) }
        }
        if (goesStraight(engine.dialect, query, ask)) {
          this.straight = text
          return { rows: 0, straight: true, left: [], among: [] }
        }
        this.tables.fill()
        return await this.copying.stage(await work.get(), text, this.tally, ask)
      } catch (error) {
        // A value that the engine does not take after all: what comes of it, the stream tells.
        if (engine.fault(error) === 'refused') return { rows: 0, among: [], failure: engine.words(error) }
        this.broken = error
        throw warehouseError(engine, error)
      }
    })
  }

  async apply(tx: Tx, options: ApplyOptions): Promise<LoadCounts> {
    const open = this.own(tx)
    if (this.straight) return this.applyStraight(open, this.straight, options.runId)
    if (this.appliedIn === open || this.tally.rows === 0) return new Tally().counts(new Map())
    this.appliedIn = open
    this.mode = this.appends(options.mode) ? 'append' : 'merge'
    const { context, targets, tables, held, tally, dataset } = this
    const merge = await this.merge(open, options.runId, tally.replaced.length > 0)
    const given = { engine: context.engine, targets, tables, held, tally }
    if (this.mode === 'append') return applyAppend(open, merge, given)
    const { scan } = options
    const note = scan === undefined ? undefined : { seen: context.control.seen, dataset, scan }
    return applyMerge(open, merge, given, this.indexed, note)
  }

  async hold(tx: Tx): Promise<boolean> {
    const { engine } = this.context
    if (!this.straight || !engine.dialect.holdsTables) return false
    await tx.query(`select 1 as one from ${this.straight.query.relation} limit 0`)
    return true
  }

  private async applyStraight(open: OpenTx, text: CopyText, runId: string): Promise<LoadCounts> {
    if (this.appliedIn === open) return new Tally().counts(new Map())
    this.appliedIn = open
    this.mode = 'append'
    const merge = await this.merge(open, runId, false)
    return copyStraight(open, merge, text).catch((error) => {
      // A row that fails the guard, or a value that the engine does not take after all.
      if (this.context.engine.fault(error) !== 'refused') throw error
      return { ...new Tally().counts(new Map()), left: true }
    })
  }

  /** A state that is watched is always compared, if only with no state at all. */
  private appends(mode: ApplyOptions['mode']): boolean {
    return mode === 'append' && this.targets.every((it) => it.states === undefined)
  }

  see(tx: Tx, scan: { id: string; first: boolean }, keys: string[]): Promise<void> {
    const { engine, control, internal } = this.context
    const at = { engine, internal, relation: control.seen, dataset: this.dataset }
    return seeKeys(this.own(tx), at, scan, keys)
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
    return this.context.work.turn.run(() => this.tables.ready(this.tally.rows > 0))
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
      this.broken = bug('The loader is closed.')
      this.held.clear()
      await this.copying.close()
      await this.lookups.close()
      await this.tables.close()
    })
  }

  private forget(): void {
    this.tally = new Tally()
    this.held.clear()
    this.straight = undefined
    this.tables.forget()
    this.appliedIn = undefined
    this.broken = undefined
  }

  private own(tx: Tx): OpenTx {
    const { connection } = this.tables
    if (tx instanceof OpenTx && tx.connection === connection) return tx
    if (connection?.open === false) throw lostStaging()
    throw bug('A loader merges only inside a commit of its own session.')
  }

  private async merge(tx: OpenTx, runId: string, skips: boolean): Promise<Merge> {
    const { engine, internal } = this.context
    return { dialect: engine.dialect, internal, now: await tx.clock(), runId, skips }
  }
}
