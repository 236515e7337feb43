import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diedAt, runKilledAt } from '../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { type Shop, seededShop } from '../support/shop.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const ROWS = 2_000
const COMMIT_ROWS = 300

describe.each(WAREHOUSES)('%s', (name) => {
  let shop: Shop
  beforeAll(async () => {
    shop = await seededShop(ROWS)
  })
  afterAll(() => shop?.database.drop())

  test('a killed reading goes on in the same ranges, each from its own checkpoint', async () => {
    await withProject(name, shop, 4, async (project, warehouse) => {
      const killed = await runKilledAt(project, 'K8', 4, ['run', 'shop.orders'])
      expect(diedAt(killed, 'K8'), killed.stderr).toBe(true)
      const ranges = await checkpoints(warehouse)
      expect(ranges.filter((it) => it !== '0').length).toBeGreaterThan(0)
      await runsWell(project)
      expect(await checkpoints(warehouse)).toEqual(['0', '0'])
      expect(await readRows(warehouse)).toBeLessThanOrEqual(ROWS + COMMIT_ROWS)
      await expectFlawless(warehouse, shop)
    })
  })

  test('a later run with fewer readings at a time ends what more of them began', async () => {
    await withProject(name, shop, 4, async (project, warehouse) => {
      const killed = await runKilledAt(project, 'K8', 3, ['run', 'shop.orders'])
      expect(diedAt(killed, 'K8'), killed.stderr).toBe(true)
      await project.write({ 'polder.yaml': settings(warehouse, 1) })
      await runsWell(project)
      expect(await checkpoints(warehouse)).toEqual(['0', '0'])
      await expectFlawless(warehouse, shop)
    })
  })

  test('rows that are gone are found although ranges were read one by one', async () => {
    await withProject(name, shop, 3, async (project, warehouse) => {
      await runsWell(project)
      await shop.database.query('delete from orders where order_id % 9 = 0')
      const { result } = await runsWell(project)
      expect(result.datasets.find((it) => it.dataset === 'shop.orders')!.deleted).toBe(Math.floor(ROWS / 9))
      await expectFlawless(warehouse, shop)
      await shop.database.query(
        `insert into orders select n, 1 + n * 7 % ${ROWS}, timestamptz '2024-06-01 12:00:00+00' + n * interval '61 seconds', n * 1.37
           from generate_series(9, ${ROWS}, 9) n`,
      )
    })
  })
})

const settings = ({ yaml }: TestWarehouse, parallel: number): string =>
  `${yaml}timezone: Europe/Amsterdam\nparallel: ${parallel}\ncommit:\n  rows: ${COMMIT_ROWS}\n`

async function withProject(
  name: (typeof WAREHOUSES)[number],
  shop: Shop,
  parallel: number,
  work: (project: TestProject, warehouse: TestWarehouse) => Promise<void>,
): Promise<void> {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, shop.files, { env: shop.env })
  await project.write({ 'polder.yaml': settings(warehouse, parallel) })
  try {
    await work(project, warehouse)
  } finally {
    await project.remove()
    await warehouse.drop()
  }
}

const checkpoints = (warehouse: TestWarehouse): Promise<string[]> =>
  inWarehouse(warehouse, async (session) => {
    const stored = session.dialect.relation(session.internal, 'checkpoints')
    const rows = await session.query<{ range_id: string }>(`select range_id from ${stored} order by range_id`)
    return rows.map((it) => it.range_id)
  })

const readRows = (warehouse: TestWarehouse): Promise<number> =>
  inWarehouse(warehouse, async (session) => {
    const batches = session.dialect.relation(session.internal, 'batches')
    const sql = `select sum(rows_read) as sum from ${batches} where dataset = 'shop.orders'`
    const [row] = await session.query<{ sum: string | number }>(sql)
    return Number(row!.sum)
  })

async function expectFlawless(warehouse: TestWarehouse, shop: Shop): Promise<void> {
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth)).toEqual(FLAWLESS)
    expect(await counterFaults(session)).toEqual([])
  })
}
