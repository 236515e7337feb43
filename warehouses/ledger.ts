import { createHash } from 'node:crypto'
import { faultPoint } from '../core/fault.ts'
import type { DdlStep } from '../core/warehouse.ts'
import type { Control } from './control.ts'
import type { Connection, Engine, SqlDialect } from './engine.ts'
import { inTransaction } from './transaction.ts'

/** The text that each step name had when it last ran, as a hash. */
export type Ledger = Map<string, string>

export const hashOf = (sql: string): string =>
  createHash('sha256').update(sql, 'utf8').digest('hex').slice(0, 32)

export async function readLedger(
  connection: Connection,
  { ledger }: Control,
  names: string[],
): Promise<Ledger> {
  if (names.length === 0) return new Map()
  const rows = await connection.query(
    `select name, hash from ${ledger} where name in (${names.map(() => '?').join(', ')})`,
    names,
  )
  return new Map(rows.map(({ name, hash }) => [String(name), String(hash)]))
}

/** Those which the ledger does not hold with this very text. */
export async function dueSteps(
  control: Control,
  connection: Connection,
  steps: DdlStep[],
): Promise<DdlStep[]> {
  const known = await readLedger(connection, control, [...new Set(steps.map((it) => it.name))])
  return steps.filter((it) => it.always || known.get(it.name) !== hashOf(it.sql))
}

/** Where DDL is transactional all steps happen or none; elsewhere each can be repeated after a kill. */
export async function runSteps(
  engine: Engine,
  control: Control,
  connection: Connection,
  steps: DdlStep[],
): Promise<void> {
  const due = await dueSteps(control, connection, steps)
  if (due.length === 0) return
  if (!engine.facts.ddlInTransaction) return runEach(engine, control, connection, due)
  await inTransaction(engine, connection, async () => {
    if (engine.dialect.ddlLock) await connection.query(engine.dialect.ddlLock)
    await runEach(engine, control, connection, due)
  })
}

async function runEach(engine: Engine, { ledger }: Control, connection: Connection, steps: DdlStep[]) {
  for (const step of steps) {
    const { name, sql } = step
    await unlessThere(engine, () => connection.run(revealed(step, engine.dialect)))
    faultPoint('K9')
    await connection.run(`delete from ${ledger} where name = ?`, [name])
    await connection.run(
      `insert into ${ledger} (name, hash, applied_at) values (?, ?, ${engine.dialect.now})`,
      [name, hashOf(sql)],
    )
  }
}

/** Text of a step as the engine must have it. */
export const revealed = ({ sql, secret }: DdlStep, { literal }: Pick<SqlDialect, 'literal'>): string =>
  secret === undefined ? sql : sql.replace("'***'", () => literal(secret))

/** Only where DDL is not transactional: another process, or this one before a kill, was faster. */
export async function unlessThere(engine: Engine, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (engine.facts.ddlInTransaction || engine.fault(error) !== 'exists') throw error
  }
}
