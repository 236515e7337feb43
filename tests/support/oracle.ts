import { canonicalJson } from '../../core/json.ts'
import type { Row } from '../../core/value.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { unifiedRows } from './warehouse.ts'

/** What a source says must stand in a unified table: every row by its id, with the columns that are compared. */
export type Truth = Record<string, Map<string, Row>>

export interface Verdict {
  /** In the source, not in the warehouse. */
  missing: string[]
  /** Twice or more in the warehouse. */
  duplicate: string[]
  /** In both, with other values: `id: what the warehouse has ≠ what the source says`. */
  stale: string[]
  /** In the warehouse, no longer in the source. */
  surplus: string[]
}

export const byId = (rows: Row[]): Map<string, Row> => new Map(rows.map((row) => [String(row['id']), row]))

/** I2: compares the warehouse's unified tables with the truth, keys and fields. */
export async function judge(session: WarehouseSession, truth: Truth): Promise<Verdict> {
  const verdict: Verdict = { missing: [], duplicate: [], stale: [], surplus: [] }
  for (const [table, expected] of Object.entries(truth)) {
    compare(expected, await unifiedRows(session, table), verdict)
  }
  return verdict
}

export const FLAWLESS: Verdict = { missing: [], duplicate: [], stale: [], surplus: [] }

/** Adds what differs to `verdict`. */
export function compare(expected: Map<string, Row>, actual: Row[], verdict: Verdict): void {
  const seen = new Set<string>()
  for (const row of actual) {
    const id = String(row['id'])
    if (seen.has(id)) verdict.duplicate.push(id)
    seen.add(id)
    const truth = expected.get(id)
    if (truth === undefined) verdict.surplus.push(id)
    else {
      const listed = Object.fromEntries(Object.keys(truth).map((name) => [name, row[name] ?? null]))
      const [has, wants] = [canonicalJson(listed), canonicalJson(truth)]
      if (has !== wants) verdict.stale.push(`${id}: ${has} ≠ ${wants}`)
    }
  }
  for (const id of expected.keys()) if (!seen.has(id)) verdict.missing.push(id)
}

/** I1: commits whose counters do not add up, and dataset runs whose counters are not the sum of their commits. */
export async function counterFaults(session: WarehouseSession): Promise<string[]> {
  const relation = (name: string) => session.dialect.relation(session.internal, name)
  const sum = COUNTERS.map((it) => `rows_${it}`).join(' + ')
  const wrong = await session.query<{ commit_id: string }>(
    `select commit_id from ${relation('batches')} where rows_read <> ${sum}`,
  )
  const of = (name: string) => ['read', ...COUNTERS].map((it) => `${name}rows_${it}`)
  const sums = ['read', ...COUNTERS].map((it) => `coalesce(sum(b.rows_${it}), 0) as rows_${it}`)
  const runs = await session.query<Record<string, string | number>>(
    `select run_id, dataset, ${of('').join(', ')} from ${relation('run_datasets')}`,
  )
  const commits = await session.query<Record<string, string | number>>(
    `select b.run_id, b.dataset, ${sums.join(', ')} from ${relation('batches')} b group by b.run_id, b.dataset`,
  )
  const key = (it: Record<string, string | number>) => `${it['run_id']} ${it['dataset']}`
  const summed = new Map(commits.map((it) => [key(it), of('').map((name) => Number(it[name]))]))
  const differing = runs.filter((it) => {
    const stored = of('').map((name) => Number(it[name]))
    return String(stored) !== String(summed.get(key(it)) ?? stored.map(() => 0))
  })
  return [...wrong.map((it) => `commit ${it.commit_id}`), ...differing.map((it) => `run ${key(it)}`)]
}

const COUNTERS = ['loaded', 'unchanged', 'superseded', 'filtered', 'rejected']
