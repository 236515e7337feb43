import { setImmediate as othersTurn } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Value } from '../../core/value.ts'
import type { Bind } from '../../core/warehouse.ts'
import type { Block, Connection, Encoded, StoredTable, TempTable } from '../engine.ts'
import { duckdb } from './dialect.ts'
import { canonical, canonicalRows, typedBind } from './values.ts'
import { dataChunks, encode, nothing, type Origin, type Stored, storedAs, type Vectors } from './vectors.ts'

export class DuckConnection implements Connection {
  open = true
  private readonly connection: DuckDBConnection

  constructor(connection: DuckDBConnection) {
    this.connection = connection
  }

  async query(sql: string, binds: Bind[] = []): Promise<Record<string, Value>[]> {
    const reader = await this.connection.runAndReadAll(sql, ...typed(binds))
    const names = reader.columnNames()
    return reader
      .getRows()
      .map((row) => Object.fromEntries(names.map((name, i) => [name, canonical(row[i]!)])))
  }

  async run(sql: string, binds: Bind[] = []): Promise<number> {
    return (await this.connection.run(sql, ...typed(binds))).rowsChanged
  }

  bulk(table: TempTable, block: Block): Promise<void> {
    const staged = table.columns.map((it) => storedAs(it.type))
    const origins = table.columns.map((_, i) => i)
    const into = { name: table.name, schema: 'main', catalog: 'temp' }
    return this.fill(into, staged, origins, [encode(table.columns, block)])
  }

  async append(table: StoredTable, blocks: Iterable<Encoded>, constants: Value[]): Promise<void> {
    const stored = await this.query(duckdb.columnsOf, [table.schema, table.name])
    const given = new Map(table.columns.map((it, i) => [it.name, i]))
    const varying = table.columns.length - constants.length
    const places = stored.map(({ name }) => given.get(String(name)))
    const types = places.map((i) => (i === undefined ? nothing : storedAs(table.columns[i]!.type)))
    const origins = places.map((i): Origin => {
      if (i === undefined) return { constant: null }
      return i < varying ? i : { constant: constants[i - varying]! }
    })
    await this.fill({ name: table.name, schema: table.schema }, types, origins, blocks as Iterable<Vectors>)
  }

  /** By an appender, which takes whole rows: all columns of the table in its own order. */
  private async fill(
    into: { name: string; schema: string; catalog?: string },
    stored: Stored[],
    origins: Origin[],
    blocks: Iterable<Vectors>,
  ): Promise<void> {
    const appender = await this.connection.createAppender(into.name, into.schema, into.catalog)
    try {
      for (const block of blocks) {
        for (const chunk of dataChunks(stored, origins, block)) appender.appendDataChunk(chunk)
        // What waits in the appender is outside of `memory_limit`.
        appender.flushSync()
        // A whole commit at once would keep the process from everything else for a second.
        await othersTurn()
      }
    } catch (error) {
      // Closing writes what is left, and would fail in its turn.
      appender.clear()
      throw error
    } finally {
      appender.closeSync()
    }
  }

  /** Counted before, in the same snapshot: short of memory, DuckDB ends some streamed results early without an error. */
  async *stream(sql: string): AsyncGenerator<Value[][]> {
    await this.connection.run('begin transaction read only')
    try {
      const counted = await this.connection.runAndReadAll(`select count(*) from (${sql}) as counted`)
      const expected = Number(counted.getRows()[0]![0])
      const result = await this.connection.stream(sql)
      let rows = 0
      for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
        rows += chunk.rowCount
        yield canonicalRows(chunk)
      }
      if (rows !== expected)
        throw new Error(`Out of Memory Error: the result ended after ${rows} of ${expected} rows`)
    } finally {
      await this.connection.run('rollback')
    }
  }

  async close(): Promise<void> {
    if (this.open) this.connection.closeSync()
    this.open = false
  }
}

function typed(
  binds: Bind[],
): Parameters<DuckDBConnection['run']> extends [string, ...infer Rest] ? Rest : never {
  if (binds.length === 0) return []
  const pairs = binds.map(typedBind)
  return [pairs.map(([value]) => value), pairs.map(([, type]) => type)]
}
