import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import type { FaultPoint } from '../../core/fault.ts'
import {
  diedAt,
  FAULT_POINTS,
  runKilledAfter,
  runKilledAt,
  seededRandom,
  tellCommands,
  testSeed,
} from '../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { type Shop, seededShop } from '../support/shop.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const ROWS = 1_500
const COMMIT_ROWS = 250
/** About when a run has begun to commit, on a machine that does nothing else. */
const FIRST_KILL_MS = 900
const MAX_RESUMES = 4

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
        // Its own choices, so that it makes the same ones where it runs alone.
        const random = seededRandom(seed + FAULT_POINTS.indexOf(point))
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
      const random = seededRandom(seed)
      let ended = false
      for (let i = 0; i < MAX_RESUMES && !ended; i++) {
        const { code } = await runKilledAfter(project, FIRST_KILL_MS * (1 + random()))
        ended = code === 0
      }
      await runsWell(project)
      expect(await firstReads(warehouse, 'shop.customers')).toBe((await shop.truth()).party!.size)
      await expectFlawless(warehouse, shop)
    })
  })
})

async function withProject(
  name: (typeof WAREHOUSES)[number],
  shop: Shop,
  work: (project: TestProject, warehouse: TestWarehouse) => Promise<void>,
): Promise<void> {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, shop.files, { commitRows: COMMIT_ROWS, env: shop.env })
  onTestFailed(() => tellCommands(name, project))
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

/** Source rows in the commits of the first reading: the incremental ones after it read the look-back again. */
function firstReads(warehouse: TestWarehouse, dataset: string): Promise<number> {
  return inWarehouse(warehouse, async (session) => {
    const batches = session.dialect.relation(session.internal, 'batches')
    const commits = session.dialect.relation(session.internal, 'commits')
    const [row] = await session.query<{ sum: string | number }>(
      `select sum(b.rows_read) as sum from ${batches} b join ${commits} c on c.commit_id = b.commit_id
        where b.dataset = ? and c.committed_at < (select min(committed_at) from ${commits} where commit_id like ?)`,
      [dataset, `%:${dataset}:%:end:%`],
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
