import { describe, expect, test } from 'vitest'
import { tableOf } from '../sql-forms/engines.ts'
import { generated } from './generated.ts'
import { PAIRS } from './pairs.ts'
import { sameOnAllRoads } from './roads.ts'

const SEED = Number(process.env['PAIRS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = Number(process.env['PAIRS_RUNS'] ?? 6)

for (const { name, missing } of PAIRS)
  if (missing !== undefined) console.warn(`SKIPPED: ${name}: ${missing}.`)

describe.each(PAIRS)('$name', (pair) => {
  test.skipIf(pair.missing !== undefined)(
    `generated mappings of a generated table make the same rows on every road (seed ${SEED})`,
    async () => {
      const stand = await pair.open()
      try {
        const { columns, rows, suite } = generated(SEED, RUNS, stand.from('src'), pair.files === 'csv')
        const key = 'alter table src add primary key (id)'
        await stand.fill([...tableOf(pair.source, columns, rows), key], ['src'])
        const taken = await sameOnAllRoads(pair, stand, suite)
        console.info(pair.name, JSON.stringify(taken))
        expect(taken.datasets).toBe(RUNS)
        expect(taken.rows).toBeGreaterThan(0)
      } finally {
        await stand.close()
      }
    },
    300_000,
  )
})
