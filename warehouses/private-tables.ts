import { faultPoint } from '../core/fault.ts'
import type { MappedPart } from '../core/mapping.ts'
import type { Connection, Engine, TempTable } from './engine.ts'
import { bug, lostStaging, refusedValue, warehouseError } from './errors.ts'
import { Leading } from './leading.ts'
import { clear } from './merge.ts'
import {
  type Numbered,
  ownTables,
  sharedTables,
  sourceColumns,
  stagedColumns,
  stagedInto,
  type Target,
} from './staging.ts'
import type { WorkConnection } from './work.ts'

export interface TablesContext {
  engine: Engine
  internal: string
  work: WorkConnection
}

/** The temporary tables of one loader, on the work connection of its session: they go with it. */
export class PrivateTables {
  /** Rows lie in them. */
  filled = false
  /** Rows lie in `rows`. */
  rows = false
  readonly leading: Leading
  /** Holds them; undefined before they are made. */
  connection?: Connection
  private readonly context: TablesContext
  private readonly targets: Target[]
  /** What was staged is settled, or half staged: they are emptied before the next batch. */
  private spent = false

  constructor(context: TablesContext, targets: Target[]) {
    this.context = context
    this.targets = targets
    this.leading = new Leading(targets)
  }

  /**
   * Makes them, or empties them where the last rows are settled.
   * @param needed  rows of this commit are expected in them or beside them
   */
  async ready(needed: boolean): Promise<void> {
    const { engine, internal, work } = this.context
    const connection = await work.get()
    if (connection !== this.connection) {
      if (needed) throw lostStaging()
      await this.drop(connection)
      for (const table of this.all()) await connection.run(engine.dialect.createTemp(internal, table))
      this.connection = connection
    } else if (this.spent) {
      const stages = this.targets.map(stagedInto)
      await clear(connection, { dialect: engine.dialect, internal }, [...stages, sharedTables.rows])
    }
    this.spent = false
  }

  async write(numbered: Numbered): Promise<void> {
    this.filled = true
    const stand = this.leading.add(numbered)
    for (const part of numbered.batch.parts) await this.writePart(numbered, part)
    faultPoint('K5')
    const block = sourceColumns(numbered, stand)
    if (block.rows === 0) return
    this.rows = true
    await this.connection!.bulk(sharedTables.rows, block)
  }

  /** Statements fill them, `rows` with all source rows. */
  fill(): void {
    this.filled = true
    this.rows = true
    this.leading.break()
  }

  forget(): void {
    this.spent ||= this.filled
    this.filled = false
    this.rows = false
    this.leading.clear()
  }

  async close(): Promise<void> {
    const { connection } = this
    this.connection = undefined
    if (!connection?.open) return
    try {
      await this.drop(connection)
    } catch (error) {
      // They went with it.
      if (connection.open) throw warehouseError(this.context.engine, error)
    }
  }

  /** Those that a merge fills for itself. */
  helpers(): TempTable[] {
    const { skip, touched, floor, winner } = sharedTables
    const own = this.targets.flatMap((it) => ownTables(it).filter((table) => table !== stagedInto(it)))
    const watches = this.targets.some((it) => it.states)
    return [skip, touched, ...(watches ? [floor, winner] : []), ...own]
  }

  private async writePart(numbered: Numbered, mapped: MappedPart): Promise<void> {
    const into = this.targets.find((it) => it.table.name === mapped.table)
    if (into === undefined) throw bug(`The loader has no part for the table ${mapped.table}.`)
    const block = stagedColumns(numbered, mapped, into)
    if (block.rows === 0) return
    try {
      await this.connection!.bulk(stagedInto(into), block)
    } catch (error) {
      throw refusedValue(this.context.engine, error, into.table.name) ?? error
    }
  }

  private async drop(connection: Connection): Promise<void> {
    const { engine, internal } = this.context
    for (const table of this.all()) await connection.run(engine.dialect.dropTemp(internal, table))
  }

  private all(): TempTable[] {
    return [...Object.values(sharedTables), ...this.targets.flatMap(ownTables)]
  }
}
