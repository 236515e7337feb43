import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { Value } from '../../core/value.ts'
import type { Bind } from '../../core/warehouse.ts'
import type { Block, Connection, Encoded, StoredTable, TempTable } from '../engine.ts'
import { bug } from '../errors.ts'
import { duckdb } from './dialect.ts'
import { feeding, rowGroups } from './feed.ts'
import { canonical, canonicalRows, typedBind } from './values.ts'
import { dataChunks, encode, storedAs, type Vectors } from './vectors.ts'

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

  /** By an appender: a statement for each batch would take longer than its rows. */
  async bulk(table: TempTable, block: Block): Promise<void> {
    const rows = encode(table.columns, block)
    const types = table.columns.map((it) => storedAs(it.type).type)
    try {
      await this.appending(table.name, (appender) => {
        for (const chunk of dataChunks(types, rows.chunks)) appender.appendDataChunk(chunk)
        appender.flushSync()
      })
    } finally {
      rows.release()
    }
  }

  /** Chunks of any instance, as they are, into a temporary table of the same types. */
  take(table: string, chunks: AsyncIterable<DuckDBDataChunk>): Promise<void> {
    return this.appending(table, async (appender) => {
      for await (const chunk of chunks) {
        appender.appendDataChunk(chunk)
        appender.flushSync()
      }
    })
  }

  private async appending(
    table: string,
    work: (appender: DuckDBAppender) => Promise<void> | void,
  ): Promise<void> {
    const appender = await this.connection.createAppender(table, 'main', 'temp')
    try {
      await work(appender)
    } catch (error) {
      // Closing writes what is left, and would fail in its turn.
      appender.clear()
      throw error
    } finally {
      appender.closeSync()
    }
  }

  /** By a statement: the threads of DuckDB write the rows, and this one goes on. */
  async append(
    { schema, name, columns }: StoredTable,
    blocks: Iterable<Encoded>,
    constants: Value[],
  ): Promise<void> {
    // Whatever becomes of the statement, nobody else gets their memory before it has ended.
    const given = Array.from(blocks as Iterable<Vectors>, (it) => it.share())
    const rows = given.reduce((sum, it) => sum + it.rows, 0)
    const varying = columns.slice(0, columns.length - constants.length)
    const ends = columns.slice(varying.length).map((it) => duckdb.cast(it.type, '?'))
    const values = [...varying.map((_, i) => `c${i}`), ...ends].join(', ')
    const names = columns.map((it) => duckdb.quote(it.name)).join(', ')
    const stored = varying.map((it) => storedAs(it.type))
    const groups = rowGroups(given.flatMap((it) => it.chunks))
    const written = await feeding(stored, groups, (relation) =>
      this.run(
        `insert into ${duckdb.relation(schema, name)} (${names}) select ${values} from ${relation}`,
        constants as Bind[],
      ),
    ).finally(() => {
      for (const it of given) it.release()
    })
    if (written !== rows) throw bug(`Of ${rows} rows DuckDB took ${written}.`)
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
