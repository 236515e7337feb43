import type { DatasetRequest, Position, Range, SplitWant } from '../sdk/index.ts'
import type { Looked } from './sql-look.ts'
import { findColumn } from './sql-names.ts'
import { selectExtremes, selectKeyAt } from './sql-statement.ts'
import type { Raw, SqlColumn, SqlEngine, SqlSession, SqlTable } from './sql-types.ts'

type Keyset = Extract<Position, { kind: 'keyset' }>

const LEAST_ROWS = 50_000
/** Numbers this much sparser than the rows may lie in heaps: they are counted off instead. */
const SPARSE = 4

const WHOLE: Range[] = [{ id: '0' }]

export interface RangesAsk {
  engine: SqlEngine
  looked: Looked
  dataset: DatasetRequest
  connection: string
  want: SplitWant
}

/**
 * Cuts a full read by its key into ranges of about equal size, in key order and without gaps: the first has no start
 * and the last no end, so that a row is in exactly one of them whatever comes meanwhile.
 */
export async function keyRanges(session: SqlSession, ask: RangesAsk): Promise<Range[]> {
  const { engine, looked, dataset, connection } = ask
  const names = dataset.key ?? looked.key
  const key = names.map((it) => findColumn(it, looked.columns, dataset.from, connection))
  if (ask.want.ranges < 2 || !engine.parallel || key.length === 0 || key.some((it) => it.nullable))
    return WHOLE
  const rows = (await session.estimate(looked.table)) ?? 0
  const count = Math.min(ask.want.ranges, Math.floor(rows / (ask.want.leastRows ?? LEAST_ROWS)))
  if (count < 2) return WHOLE
  const table: Table = { engine, table: looked.table, key, rows, count }
  const cuts = (await evenNumbers(session, table)) ?? (await countedOff(session, table))
  return rangesBetween(cuts)
}

interface Table {
  engine: SqlEngine
  table: SqlTable
  key: SqlColumn[]
  rows: number
  count: number
}

/** Cuts between the smallest and the largest number; undefined where the key is no number, or its numbers are sparse. */
async function evenNumbers(
  session: SqlSession,
  { engine, table, key, rows, count }: Table,
): Promise<string[][] | undefined> {
  const [column, ...more] = key
  if (column?.type !== 'integer' || more.length > 0) return undefined
  const [found] = await session.rows(await selectExtremes(engine, table, column))
  const [least, most] = (found ?? []).map((it: Raw) => (it === null ? undefined : BigInt(column.keyText(it))))
  if (least === undefined || most === undefined) return []
  const span = most - least + 1n
  if (span > BigInt(rows) * BigInt(SPARSE)) return undefined
  const cut = (i: number) => least + (span * BigInt(i)) / BigInt(count) - 1n
  return Array.from({ length: count - 1 }, (_, i) => [String(cut(i + 1))])
}

/** Steps through the key's index, from cut to cut. */
async function countedOff(
  session: SqlSession,
  { engine, table, key, rows, count }: Table,
): Promise<string[][]> {
  const cuts: string[][] = []
  const step = Math.floor(rows / count)
  for (let i = 1; i < count; i++) {
    const from = cuts.at(-1)
    const at = await selectKeyAt(engine, { table, key, step, ...(from ? { from: keyset(from) } : {}) })
    const [found] = await session.rows(at)
    // The estimate was too high: the last range takes what is left.
    if (!found) break
    cuts.push(key.map((it, column) => it.keyText(found[column]!)))
  }
  return cuts
}

function rangesBetween(cuts: string[][]): Range[] {
  if (cuts.length === 0) return WHOLE
  const ends = [...cuts.map(keyset), undefined]
  return ends.map((to, i) => ({
    id: String(i + 1),
    ...(i > 0 ? { from: ends[i - 1]! } : {}),
    ...(to ? { to } : {}),
  }))
}

const keyset = (key: string[]): Keyset => ({ kind: 'keyset', mark: null, key, inclusive: false })
