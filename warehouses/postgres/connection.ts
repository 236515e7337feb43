import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import type { Value } from '../../core/value.ts'
import type { Bind } from '../../core/warehouse.ts'
import { quote } from '../ansi.ts'
import { numbered } from '../binds.ts'
import { encodeLines, lineBytes } from '../delimited.ts'
import type { Block, Connection, Encoded, StoredTable, TempTable } from '../engine.ts'
import { postgres } from './dialect.ts'
import { insistOnOwnSession } from './own-session.ts'
import type { Server } from './server.ts'
import { canonicalRows, written } from './values.ts'

const CONNECT_TIMEOUT_MS = 10_000
const STREAM_ROWS = 1000

/** Text of values and meaning of statements must not depend on the server's or the role's settings. */
const SETTINGS = [
  `timezone = 'UTC'`,
  `datestyle = 'ISO, YMD'`,
  `intervalstyle = 'iso_8601'`,
  'extra_float_digits = 3',
  'standard_conforming_strings = on',
  'default_transaction_isolation = "read committed"',
  'jit = off',
  // A stopped process must let go of its locks before its lease ends.
  `idle_in_transaction_session_timeout = '15s'`,
  `lock_timeout = '30s'`,
]

/** Staging and its joins stay in memory. */
const WORK_SETTINGS = [`temp_buffers = '64MB'`, `work_mem = '64MB'`, `maintenance_work_mem = '128MB'`]

// The default parsers round microseconds and long numbers.
const types = { getTypeParser: () => (text: string) => text }

export class PostgresConnection implements Connection {
  open = true
  private readonly client: pg.Client

  private constructor(client: pg.Client) {
    this.client = client
    const gone = () => {
      this.open = false
    }
    client.on('error', gone)
    client.on('end', gone)
  }

  static async connect(server: Server, purpose: 'work' | 'pool'): Promise<PostgresConnection> {
    const client = new pg.Client({
      ...server,
      application_name: 'polder',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      types: types as unknown as pg.CustomTypesConfig,
    })
    const connection = new PostgresConnection(client)
    await client.connect()
    // Before anything is set: it would stay in sessions of others.
    await insistOnOwnSession(client, server).catch(async (error) => {
      await connection.close()
      throw error
    })
    const settings = purpose === 'work' ? [...SETTINGS, ...WORK_SETTINGS] : SETTINGS
    await client.query(settings.map((it) => `set ${it}`).join('; '))
    return connection
  }

  async query(sql: string, binds: Bind[] = []): Promise<Record<string, Value>[]> {
    const { rows, fields } = await this.send(sql, binds)
    const names = fields.map((it) => it.name)
    return canonicalRows(rows, fields).map((row) =>
      Object.fromEntries(names.map((name, i) => [name, row[i]!])),
    )
  }

  async run(sql: string, binds: Bind[] = []): Promise<number> {
    return (await this.send(sql, binds)).rowCount ?? -1
  }

  bulk(table: TempTable, block: Block): Promise<void> {
    return this.copy(postgres.temp('', table.name), table.columns, [encode(table.columns, block)], [])
  }

  append(table: StoredTable, blocks: Iterable<Encoded>, constants: Value[]): Promise<void> {
    return this.copy(postgres.relation(table.schema, table.name), table.columns, blocks, constants)
  }

  private async copy(
    into: string,
    stored: StoredTable['columns'],
    blocks: Iterable<Encoded>,
    constants: Value[],
  ): Promise<void> {
    const names = stored.map((it) => quote(it.name)).join(', ')
    const lines = lineBytes(blocks, constants, noInstants(constants), written)
    const copy = this.client.query(copyStreams.from(`copy ${into} (${names}) from stdin`))
    await pipeline(Readable.from(lines), copy)
  }

  async *stream(sql: string): AsyncGenerator<Value[][]> {
    const cursor = this.client.query(new Cursor<(string | null)[]>(sql, [], { rowMode: 'array' }))
    try {
      for (;;) {
        const { rows, fields } = await read(cursor)
        if (rows.length === 0) return
        yield canonicalRows(rows, fields)
      }
    } finally {
      // On a lost connection nobody would answer.
      if (this.open) await cursor.close()
    }
  }

  async close(): Promise<void> {
    this.open = false
    await this.client.end().catch(() => {})
  }

  private async send(sql: string, binds: Bind[]): Promise<pg.QueryArrayResult<(string | null)[]>> {
    // Without values pg takes the simple protocol, which allows several statements at once and answers each.
    const values = binds.length > 0 ? binds : undefined
    type Result = pg.QueryArrayResult<(string | null)[]>
    const result: Result | Result[] = await this.client.query({
      text: numbered(sql),
      values,
      rowMode: 'array',
    })
    return Array.isArray(result) ? result.at(-1)! : result
  }
}

/** Instants are written as they are. */
const noInstants = (columns: unknown[]): boolean[] => columns.map(() => false)

/** As COPY reads it. */
export const encode = (columns: StoredTable['columns'], block: Block): Encoded =>
  encodeLines(block, noInstants(columns), written)

function read(
  cursor: Cursor<(string | null)[]>,
): Promise<{ rows: (string | null)[][]; fields: pg.FieldDef[] }> {
  return new Promise((resolve, reject) => {
    cursor.read(STREAM_ROWS, (error, rows, result) => {
      if (error) reject(error)
      else resolve({ rows, fields: rows.length > 0 ? result.fields : [] })
    })
  })
}
