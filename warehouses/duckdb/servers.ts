import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { ServerAddress } from '../../core/reach.ts'
import { literal } from '../ansi.ts'
import type { ServerKind } from './server-kind.ts'

type Check = (name: string) => Promise<void>

/** Rows pass through it; nothing is kept. */
const MEMORY = '64MB'

/**
 * Database servers, as DuckDB's extensions read them: attached in an instance of its own, in memory, which hands rows on to
 * the warehouse's. There they would stand in the way: whoever asks for the columns of a table is told those of all attached
 * databases, so that each such question would read the whole catalog of every server, and fail while one of them is away. And
 * what was never in the warehouse's instance, an account and its password, cannot come into its file.
 */
export class Servers {
  private readonly settings?: Record<string, string>
  private instance?: Promise<DuckDBInstance>
  private readonly attached = new Map<string, Promise<string>>()
  private made = 0

  /** @param settings  where extensions come from; absent: none may be loaded */
  constructor(settings?: Record<string, string>) {
    this.settings = settings
  }

  get isAllowed(): boolean {
    return this.settings !== undefined
  }

  /**
   * The name of the attached server. Throws DuckDB's own error.
   * @param check  asked once; throws where it is not the right one
   */
  attach(kind: ServerKind, address: ServerAddress, check: Check): Promise<string> {
    const { host, port, database, user, password } = address
    const mark = JSON.stringify([kind.type, host, port, database, user, password, kind.attach(address)])
    const known = this.attached.get(mark)
    if (known) return known
    this.made += 1
    const made = this.make(kind, address, `server_${this.made}`, check).catch((error) => {
      this.attached.delete(mark)
      throw error
    })
    this.attached.set(mark, made)
    return made
  }

  async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect()
    try {
      return await work(connection)
    } finally {
      connection.closeSync()
    }
  }

  async connect(): Promise<DuckDBConnection> {
    // One thread: rows keep the order in which the source sends them.
    this.instance ??= DuckDBInstance.create(':memory:', {
      ...this.settings,
      memory_limit: MEMORY,
      // Else what finds no room is written to a folder in the one where Polder was called.
      temp_directory: '',
      threads: '1',
    })
    const connection = await (await this.instance).connect()
    await connection.run(`set TimeZone = 'UTC'`)
    return connection
  }

  async close(): Promise<void> {
    const instance = await this.instance?.catch(() => undefined)
    this.instance = undefined
    this.attached.clear()
    instance?.closeSync()
  }

  private make(kind: ServerKind, address: ServerAddress, name: string, check: Check): Promise<string> {
    return this.use(async (connection) => {
      await attach(connection, kind, address, name)
      try {
        await check(name)
        return name
      } catch (error) {
        await connection.run(`detach ${name}`)
        throw error
      }
    })
  }
}

/** The secret is there no longer than it takes; DuckDB keeps what it made of it beside the attachment. */
async function attach(
  connection: DuckDBConnection,
  kind: ServerKind,
  address: ServerAddress,
  name: string,
): Promise<void> {
  const { host, port, database, user, password } = address
  const given = { host, port: String(port), database, user, password }
  const words = Object.entries(given).flatMap(([word, value]) =>
    value === undefined ? [] : [`${word} ${literal(value)}`],
  )
  await connection.run(`create temporary secret ${name} (type ${kind.type}, ${words.join(', ')})`)
  try {
    for (const it of kind.settings) await connection.run(it)
    await connection.run(
      `attach ${literal(kind.attach(address))} as ${name} (type ${kind.type}, secret ${name}, read_only)`,
    )
  } finally {
    await connection.run(`drop temporary secret ${name}`)
  }
}
