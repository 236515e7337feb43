import { faultPoint } from '../core/fault.ts'
import type { Json } from '../core/value.ts'
import type { Fence } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { Connection, Engine } from './engine.ts'
import { lockLease } from './leases.ts'
import { connected } from './retry.ts'
import { OpenTx, rollback } from './transaction.ts'

export interface Commit<T> {
  id: string
  fence: Fence
  work: (tx: OpenTx) => Promise<T>
}

type Outcome<T> = { done: T } | { already: T }

/** One attempt, on the connection that holds the staging. Throws the driver's own errors. */
export async function commitOnce<T extends Json>(
  engine: Engine,
  control: Control,
  connection: Connection,
  commit: Commit<T>,
): Promise<Outcome<T>> {
  await connection.run('begin')
  let done: T
  try {
    if (!(await claim(engine, control, connection, commit))) {
      await rollback(connection)
      return { already: (await storedResult<T>(control, connection, commit.id))! }
    }
    const tx = new OpenTx(engine, connection)
    await lockLease(tx, engine.dialect, control, commit.fence)
    done = await commit.work(tx)
    await tx.run(`update ${control.commits} set result = ? where commit_id = ?`, [
      JSON.stringify(done),
      commit.id,
    ])
    faultPoint('K7')
  } catch (error) {
    await rollback(connection)
    throw error
  }
  return finish(engine, control, connection, commit, done)
}

async function finish<T extends Json>(
  engine: Engine,
  control: Control,
  connection: Connection,
  commit: Commit<T>,
  done: T,
): Promise<Outcome<T>> {
  try {
    await connection.run('commit')
  } catch (error) {
    if (engine.fault(error) !== 'lost') await rollback(connection)
    else if (await wasCommitted(engine, control, commit)) return { done }
    throw error
  }
  faultPoint('K8')
  return { done }
}

/** Inserts the id. @returns false where it is there: committed before */
async function claim(
  engine: Engine,
  { commits }: Control,
  connection: Connection,
  { id, fence }: Pick<Commit<unknown>, 'id' | 'fence'>,
): Promise<boolean> {
  try {
    await connection.run(
      `insert into ${commits} (commit_id, dataset, result, committed_at) values (?, ?, 'null', ${engine.dialect.now})`,
      [id, fence.dataset],
    )
    return true
  } catch (error) {
    if (engine.fault(error) === 'duplicate') return false
    throw error
  }
}

/**
 * After a lost reply. Inserting the id waits for the lost transaction to end and then tells how it ended;
 * only looking it up could miss a commit that is still under way.
 */
async function wasCommitted(
  engine: Engine,
  control: Control,
  commit: Pick<Commit<unknown>, 'id' | 'fence'>,
): Promise<boolean> {
  const connection = await connected(engine, 'pool')
  try {
    await connection.run('begin')
    return !(await claim(engine, control, connection, commit))
  } finally {
    await rollback(connection)
    await connection.close()
  }
}

async function storedResult<T>(
  { commits }: Control,
  connection: Connection,
  id: string,
): Promise<T | undefined> {
  const [row] = await connection.query(`select result from ${commits} where commit_id = ?`, [id])
  return row === undefined ? undefined : (JSON.parse(String(row['result'])) as T)
}
