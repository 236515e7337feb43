import type { ColumnFacts, Expr } from '../../core/expr.ts'
import type { Connection } from '../engine.ts'
import { print } from './expr.ts'

/**
 * Columns of dates and times whose table lets no value in that `isFinite` refuses. The planner is asked, which knows the
 * valid constraints of a table and of its partitions: it reads no row where they leave none.
 */
export async function finiteColumns(
  connection: Connection,
  relation: string,
  columns: ColumnFacts[],
): Promise<string[]> {
  const found: string[] = []
  for (const { name, stored } of columns) {
    if (stored?.kind !== 'date' && stored?.kind !== 'datetime' && stored?.kind !== 'timestamp') continue
    const { kind } = stored
    const item: Expr = { op: 'column', name, stored, kind, nullable: true }
    const finite = print({ op: 'unary', name: 'isFinite', item, kind: 'boolean', nullable: true })
    if ('sql' in finite && (await isNever(connection, relation, `not ${finite.sql}`))) found.push(name)
  }
  return found
}

async function isNever(connection: Connection, relation: string, condition: string): Promise<boolean> {
  // Both in one message, which is a transaction: the setting ends with it.
  const plan = await connection.query(
    `set local constraint_exclusion = on; explain (costs off) select 1 from ${relation} where ${condition}`,
  )
  const lines = plan.map((it) => String(Object.values(it)[0]))
  return lines.includes('  One-Time Filter: false') && !lines.some((it) => it.includes('->'))
}
