import { type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { Column } from '../../core/batch.ts'
import type { Value } from '../../core/value.ts'
import type { Bind } from '../../core/warehouse.ts'
import type { Connection, TempTable } from '../engine.ts'
import { canonical, canonicalRows, stagedAs, stagedValues, typedBind } from './values.ts'

/** A chunk of DuckDB holds no more. */
const CHUNK_ROWS = 2048

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

  async bulk(table: TempTable, columns: Column[], rows: number): Promise<void> {
    const staged = table.columns.map((it) => stagedAs(it.type))
    const types = staged.map((it) => it.type)
    const appender = await this.connection.createAppender(table.name, 'main', 'temp')
    try {
      for (let start = 0; start < rows; start += CHUNK_ROWS) {
        const end = Math.min(rows, start + CHUNK_ROWS)
        const chunk = DuckDBDataChunk.create(types, end - start)
        chunk.setColumns(columns.map((column, i) => stagedValues(column, staged[i]!.convert, start, end)))
        appender.appendDataChunk(chunk)
      }
      appender.flushSync()
    } finally {
      appender.closeSync()
    }
  }

  async *stream(sql: string): AsyncGenerator<Value[][]> {
    const result = await this.connection.stream(sql)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      yield canonicalRows(chunk)
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
