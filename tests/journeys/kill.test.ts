import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FaultPoint } from '../../core/fault.ts'
import { diedAt, FAULT_POINTS, runKilledAfter, runKilledAt, seededRandom, testSeed } from '../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { type Shop, seededShop } from '../support/shop.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const ROWS = 1_500
const COMMIT_ROWS = 250
/** 60 in all on three warehouses; the long run: POLDER_TEST_KILLS=200. */
const RANDOM_KILLS = Number(process.env.POLDER_TEST_KILLS ?? 20)

/** So many trades delete less than the fifth of all orders that the shrink guard takes for a broken source. */
const KILLS_BETWEEN_ENDS = 20

/** About when a run has begun to commit, on a machine that does nothing else. */
const FIRST_KILL_MS = 900
const MAX_RESUMES = Math.max(4, RANDOM_KILLS / 10)
/** What the kills of a CI run may take for one warehouse: 60 kills in three minutes. */
const KILLS_LIMIT_MS = (RANDOM_KILLS * 180_000) / 60

/** How often a run passes each point at least, with 12 commits: the kill falls on any of them. */
const PASSES: Record<FaultPoint, number> = {
  K1: 2,
  K2: 12,
  K3: 12,
  K4: 12,
  K5: 12,
  K6: 12,
  K7: 12,
  K8: 12,
  K9: 2,
  K10: 2,
}

const seed = testSeed()

describe.each(WAREHOUSES)('%s', (name) => {
  const random = seededRandom(seed)
  let shop: Shop
  beforeAll(async () => {
    console.info(`${name}: POLDER_TEST_SEED=${seed}`)
    shop = await seededShop(ROWS)
  })
  afterAll(() => shop.database.drop())

  test.each(FAULT_POINTS)(
    'faults 1, 28, 38: a kill at %s leaves nothing that the next run does not heal',
    async (point) => {
      await withProject(name, shop, async (project, warehouse) => {
        const pass = 1 + Math.floor(random() * PASSES[point])
        const killed = await runKilledAt(project, point, pass)
        expect(diedAt(killed, point), `${point}:${pass}\n${killed.stdout}\n${killed.stderr}`).toBe(true)
        await runsWell(project)
        const truth = await shop.truth()
        await expectFlawless(warehouse, shop)
        expect(await committedReads(warehouse, 'shop.customers')).toBeLessThanOrEqual(
          truth.party!.size + COMMIT_ROWS,
        )

        await shop.trade(random)
        await runsWell(project)
        await expectFlawless(warehouse, shop)
      })
    },
  )

  test('fault 2: a first reading that is killed again and again reads no committed row twice', async () => {
    await withProject(name, shop, async (project, warehouse) => {
      let ended = false
      for (let i = 0; i < MAX_RESUMES && !ended; i++) {
        const { code } = await runKilledAfter(project, FIRST_KILL_MS * (1 + random()))
        ended = code === 0
      }
      await runsWell(project)
      // With a cursor, what comes after the first reading is its newest row alone.
      expect(await committedReads(warehouse, 'shop.customers')).toBeLessThanOrEqual(
        (await shop.truth()).party!.size + COMMIT_ROWS,
      )
      await expectFlawless(warehouse, shop)
    })
  })

  test(
    `fault 2: ${RANDOM_KILLS} kills at random times, with the shop trading on, lose and double nothing`,
    async () => {
      await withProject(name, shop, async (project, warehouse) => {
        const started = performance.now()
        await runsWell(project)
        const wholeRunMs = performance.now() - started
        let hits = 0
        const killing = performance.now()
        for (let i = 0; i < RANDOM_KILLS; i++) {
          await shop.trade(random)
          const { signal } = await runKilledAfter(project, random() * wholeRunMs, [
            'run',
            ...(i % 2 ? ['--full'] : []),
          ])
          if (signal === 'SIGKILL') hits += 1
          if (i % KILLS_BETWEEN_ENDS !== KILLS_BETWEEN_ENDS - 1) continue
          await endsFlawless(project, warehouse, shop)
        }
        console.info(`${name}: ${hits} of ${RANDOM_KILLS} kills hit`)
        expect(hits).toBeGreaterThan(RANDOM_KILLS / 4)
        expect(performance.now() - killing).toBeLessThan(KILLS_LIMIT_MS)
        await endsFlawless(project, warehouse, shop)
      })
    },
    KILLS_LIMIT_MS + 300_000,
  )
})

/** The first run ends a reading that was under way, the second reads what was traded since that began. */
async function endsFlawless(project: TestProject, warehouse: TestWarehouse, shop: Shop): Promise<void> {
  await runsWell(project)
  await runsWell(project)
  await expectFlawless(warehouse, shop)
}

async function withProject(
  name: (typeof WAREHOUSES)[number],
  shop: Shop,
  work: (project: TestProject, warehouse: TestWarehouse) => Promise<void>,
): Promise<void> {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, shop.files, { commitRows: COMMIT_ROWS, env: shop.env })
  try {
    await work(project, warehouse)
  } finally {
    await project.remove()
    await warehouse.drop()
  }
}

/** Source rows in all commits of a dataset: what the killed run had committed is not read again, but for one commit. */
function committedReads(warehouse: TestWarehouse, dataset: string): Promise<number> {
  return inWarehouse(warehouse, async (session) => {
    const batches = session.dialect.relation(session.internal, 'batches')
    const [row] = await session.query<{ sum: string | number }>(
      `select sum(rows_read) as sum from ${batches} where dataset = ?`,
      [dataset],
    )
    return Number(row!.sum)
  })
}

async function expectFlawless(warehouse: TestWarehouse, shop: Shop): Promise<void> {
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth)).toEqual(FLAWLESS)
    expect(await counterFaults(session)).toEqual([])
  })
}
