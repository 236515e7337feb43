import { describe, expect, test } from 'vitest'
import { tableOf } from '../sql-forms/engines.ts'
import type { TestColumn } from '../sql-forms/pools.ts'
import { generated } from './generated.ts'
import { PAIRS, type Pair } from './pairs.ts'
import { sameOnAllRoads } from './roads.ts'

const SEED = Number(process.env['PAIRS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = Number(process.env['PAIRS_RUNS'] ?? 4)

for (const { name, missing } of PAIRS)
  if (missing !== undefined) console.warn(`SKIPPED: ${name}: ${missing}.`)

describe.each(PAIRS)('$name', (pair) => {
  test.skipIf(pair.missing !== undefined)(
    `generated mappings of a generated table make the same rows on every road (seed ${SEED})`,
    async () => {
      const stand = await pair.open()
      try {
        const { columns, rows, suite } = generated(SEED, RUNS, stand.from('src'), pair)
        await stand.fill(statements(pair, columns, rows), ['src'])
        const taken = await sameOnAllRoads(pair, stand, suite)
        console.info(pair.name, JSON.stringify(taken))
        expect(taken.datasets).toBe(RUNS + 1)
        expect(taken.rows).toBeGreaterThan(0)
        expect(taken.views > 0).toBe(pair.roads.includes('view'))
        expect(taken.pushed > 0).toBe(pair.roads.includes('pushdown'))
      } finally {
        await stand.close()
      }
    },
    300_000,
  )
})

function statements({ source }: Pair, columns: TestColumn[], rows: (string | null)[][]): string[] {
  if (source !== 'sqlite') return [...tableOf(source, columns, rows), 'alter table src add primary key (id)']
  // SQLite adds no key to a table.
  const [create, ...inserts] = tableOf('duckdb', columns, rows)
  return [create!.replace('INTEGER not null', 'INTEGER primary key not null'), ...inserts]
}
