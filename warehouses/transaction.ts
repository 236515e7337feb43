import type { Value } from '../core/value.ts'
import type { Bind, Tx } from '../core/warehouse.ts'
import type { Connection, Engine } from './engine.ts'
import { instantText } from './instants.ts'

/** A transaction that is open on `connection`. Its errors are the driver's own, so that they can be judged. */
export class OpenTx implements Tx {
  readonly connection: Connection
  private readonly engine: Engine
  private time?: Promise<string>

  constructor(engine: Engine, connection: Connection) {
    this.engine = engine
    this.connection = connection
  }

  async query<T = Record<string, Value>>(sql: string, binds?: Bind[]): Promise<T[]> {
    return (await this.connection.query(sql, binds)) as T[]
  }

  run(sql: string, binds?: Bind[]): Promise<number> {
    return this.connection.run(sql, binds)
  }

  /** One instant of the warehouse's clock for all that this transaction writes. */
  clock(): Promise<string> {
    this.time ??= clock(this.engine, this.connection)
    return this.time
  }
}

export async function clock(engine: Engine, connection: Connection): Promise<string> {
  const [row] = await connection.query(`select ${engine.dialect.now} as now`)
  return instantText(String(row!['now']))
}

/** Begins, works, commits; rolls back and throws the driver's own error on failure. */
export async function inTransaction<T>(
  engine: Engine,
  connection: Connection,
  work: (tx: OpenTx) => Promise<T>,
): Promise<T> {
  await connection.run('begin')
  try {
    const result = await work(new OpenTx(engine, connection))
    await connection.run('commit')
    return result
  } catch (error) {
    await rollback(connection)
    throw error
  }
}

/** After a failure the connection may be gone, and the transaction with it. */
export async function rollback(connection: Connection): Promise<void> {
  await connection.run('rollback').catch(() => connection.close())
}
