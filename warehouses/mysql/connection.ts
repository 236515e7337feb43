import mysql, { type Connection as Base, type FieldPacket, type ResultSetHeader } from 'mysql2'
import type { Connection as Driver } from 'mysql2/promise'
import type { Value } from '../../core/value.ts'
import type { Bind } from '../../core/warehouse.ts'
import type { Block, Connection, Encoded, StoredTable, TempTable } from '../engine.ts'
import { roadOf } from './bulk.ts'
import { quote } from './dialect.ts'
import type { Server } from './server.ts'
import { canonicalRows } from './values.ts'

const STREAM_ROWS = 1000

export class MysqlConnection implements Connection {
  /** Streams only come from the driver's callback form. */
  private readonly base: Base
  private readonly driver: Driver
  private readonly server: Server
  private ended = false

  private constructor(base: Base, server: Server) {
    this.base = base
    this.driver = base.promise()
    this.server = server
    const gone = () => {
      this.ended = true
    }
    base.on('error', gone)
    base.on('end', gone)
  }

  /** The driver tells a statement that its connection broke, and nobody else. */
  get open(): boolean {
    return !this.ended && this.base.state !== 'error' && this.base.state !== 'disconnected'
  }

  static async connect(server: Server): Promise<MysqlConnection> {
    const connection = new MysqlConnection(mysql.createConnection(server.address), server)
    await connection.driver.connect()
    for (const setting of server.settings) await connection.driver.query(`set ${setting}`)
    return connection
  }

  async query(sql: string, binds: Bind[] = []): Promise<Record<string, Value>[]> {
    const [rows, fields] = await this.send(sql, binds)
    if (!Array.isArray(rows)) return []
    const names = fields.map((it) => it.name)
    return canonicalRows(rows as Value[][], fields).map((row) =>
      Object.fromEntries(names.map((name, i) => [name, row[i]!])),
    )
  }

  async run(sql: string, binds: Bind[] = []): Promise<number> {
    const [result] = await this.send(sql, binds)
    return Array.isArray(result) ? -1 : (result as ResultSetHeader).affectedRows
  }

  bulk(table: TempTable, block: Block): Promise<void> {
    const encoded = roadOf(this.server.localInfile).encode(table.columns, block)
    return this.append({ ...table, schema: this.server.internal }, [encoded], [])
  }

  append(table: StoredTable, blocks: Iterable<Encoded>, constants: Value[]): Promise<void> {
    const into = `${quote(table.schema)}.${quote(table.name)}`
    return roadOf(this.server.localInfile).load(this.driver, into, table.columns, { blocks, constants })
  }

  async *stream(sql: string): AsyncGenerator<Value[][]> {
    const query = this.base.query({ sql, rowsAsArray: true })
    let fields: FieldPacket[] = []
    query.on('fields', (it: FieldPacket[]) => {
      fields = it
    })
    let rows: Value[][] = []
    let ended = false
    try {
      for await (const row of query.stream({ highWaterMark: STREAM_ROWS })) {
        rows.push(row)
        if (rows.length < STREAM_ROWS) continue
        yield canonicalRows(rows, fields)
        rows = []
      }
      ended = true
      if (rows.length > 0) yield canonicalRows(rows, fields)
    } finally {
      // Rows not fetched would stand before the next answer.
      if (!ended) this.destroy()
    }
  }

  async close(): Promise<void> {
    if (!this.open) return this.driver.destroy()
    this.ended = true
    await this.driver.end().catch(() => this.driver.destroy())
  }

  private destroy(): void {
    this.ended = true
    this.driver.destroy()
  }

  private send(sql: string, binds: Bind[]): Promise<[unknown, FieldPacket[]]> {
    return this.driver.query({ sql, values: binds, rowsAsArray: true })
  }
}
