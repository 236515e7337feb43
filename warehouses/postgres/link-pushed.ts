import type { Pushed } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'

const SENT = /^Remote (?:SQL|query): (.*)$/

/**
 * Reads the warehouse's own plans. A filter is answered over there where nothing more is left to test here, and no
 * statement is sent as it is without the filter.
 */
export async function pushed(
  connection: Connection,
  whole: string,
  filtered: Map<string, string>,
): Promise<Pushed> {
  const plain = await planOf(connection, whole)
  const sent = new Set(sentIn(plain))
  const kept = new Set(testsIn(plain))
  const found: Pushed = { sent: [...sent], tests: kept.size > 0, there: [], here: [] }
  for (const [column, sql] of filtered) {
    const plan = await planOf(connection, sql)
    const isThere = testsIn(plan).every((it) => kept.has(it)) && !sentIn(plan).some((it) => sent.has(it))
    found[isThere ? 'there' : 'here'].push(column)
  }
  return found
}

async function planOf(connection: Connection, sql: string): Promise<string[]> {
  const rows = await connection.query(`explain (verbose, costs off) ${sql}`)
  return rows.map((it) => String(it['QUERY PLAN']).trim())
}

const sentIn = (plan: string[]): string[] => plan.flatMap((line) => SENT.exec(line)?.[1] ?? [])

/** Conditions that the warehouse tests itself; one that is never true reads nothing. */
const testsIn = (plan: string[]): string[] => plan.filter((line) => line.startsWith('Filter:'))
