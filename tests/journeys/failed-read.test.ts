import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { seededRandom, testSeed } from '../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { codesOf, runReport, runsWell, told } from '../support/report.ts'
import { type Shop, seededShop } from '../support/shop.ts'
import { type CutProxy, startCutProxy } from '../support/tcpcut.ts'
import {
  digest,
  freshWarehouse,
  inWarehouse,
  type TestWarehouse,
  unifiedRows,
  WAREHOUSES,
} from '../support/warehouse.ts'

const ROWS = 3_000

const seed = testSeed()
console.info(`faults 9, 40: POLDER_TEST_SEED=${seed}`)

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function shopBehind(): Promise<{ shop: Shop; proxy: CutProxy; files: Shop['files'] }> {
  const shop = await seededShop(ROWS)
  cleanups.push(shop.database.drop)
  const proxy = await startCutProxy(shop.database.url)
  cleanups.push(proxy.close)
  return { shop, proxy, files: shop.files }
}

async function expectTruth(warehouse: TestWarehouse, shop: Shop): Promise<void> {
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth)).toEqual(FLAWLESS)
    expect(await counterFaults(session)).toEqual([])
  })
}

const digests = (warehouse: TestWarehouse, tables: string[]) =>
  inWarehouse(warehouse, async (session) => {
    const found = []
    for (const table of tables) found.push(digest(await unifiedRows(session, table)))
    return found
  })

describe.each(WAREHOUSES)('%s', (name) => {
  test('faults 9, 40: a source connection that is cut again and again shrinks nothing; when it holds, the run goes on', async () => {
    const { shop, proxy, files } = await shopBehind()
    const warehouse = await freshWarehouse(name)
    cleanups.push(warehouse.drop)
    const env = { SHOP_DB_URL: proxy.through(shop.database.url) }
    const project = await warehouseProject(warehouse, files, { commitRows: 500, env })
    cleanups.push(project.remove)
    await runsWell(project)
    await expectTruth(warehouse, shop)
    const before = await digests(warehouse, ['party', 'identifier', 'sales_order'])

    // Late enough for the catalogue queries to pass, early enough to stop in the middle of the orders.
    proxy.arm({ kind: 'cut', direction: 'down', afterBytes: 40_000 }, 'always')
    const cut = await runReport(project)
    expect(proxy.fired()).toBeGreaterThan(0)
    expect(cut.exitCode, told(cut)).not.toBe(0)
    expect(await digests(warehouse, ['party', 'identifier', 'sales_order'])).toEqual(before)

    proxy.disarm()
    await shop.trade(seededRandom(seed))
    await runsWell(project)
    await runsWell(project)
    await expectTruth(warehouse, shop)
  })

  test('fault 9: one cut in the middle of a read is healed within the run', async () => {
    const { shop, proxy, files } = await shopBehind()
    const warehouse = await freshWarehouse(name)
    cleanups.push(warehouse.drop)
    const env = { SHOP_DB_URL: proxy.through(shop.database.url) }
    const project = await warehouseProject(warehouse, files, { commitRows: 500, env })
    cleanups.push(project.remove)
    proxy.arm({ kind: 'cut', direction: 'down', afterBytes: 60_000 })
    const answer = await runReport(project)
    expect(proxy.fired()).toBe(1)
    expect(answer.exitCode, told(answer)).toBe(0)
    await expectTruth(warehouse, shop)
  })

  test('fault 40: a file that ends too early, or is empty, shrinks nothing', async () => {
    const warehouse = await freshWarehouse(name)
    cleanups.push(warehouse.drop)
    const project = await warehouseProject(warehouse, FILE_PROJECT)
    cleanups.push(project.remove)
    const whole = gzipSync(csv(5_000))
    await put(project, whole)
    await runsWell(project)
    const before = await digests(warehouse, ['party'])
    expect(before[0]!.rows).toBe(5_000)

    for (const [broken, code] of [
      [whole.subarray(0, Math.floor(whole.length / 2)), 'E424'],
      [Buffer.alloc(0), 'E424'],
      [gzipSync(HEADER), 'E702'],
    ] as const) {
      await put(project, broken)
      const answer = await runReport(project)
      expect(answer.ok, `${broken.length} bytes`).toBe(false)
      expect(codesOf(answer)).toEqual([code])
      expect(await digests(warehouse, ['party'])).toEqual(before)
    }

    await put(project, gzipSync(csv(4_990)))
    const answer = await runReport(project)
    expect(answer.exitCode, told(answer)).toBe(0)
    expect((await digests(warehouse, ['party']))[0]!.rows).toBe(4_990)
  })
})

const HEADER = 'customer_id,name\n'
const csv = (rows: number): string =>
  HEADER + Array.from({ length: rows }, (_, n) => `${n + 1},Customer ${(n * 7919) % 10_007}\n`).join('')

const FILE_PROJECT = {
  'config/connections.yaml': 'exports:\n  connector: files\n  path: ./data\n',
  'pipelines/files.yaml': `pipeline: files
connection: exports
datasets:
  customers:
    from: customers.csv.gz
    key: customer_id
    to:
      party:
        kind: { is: person }
        full_name: name
`,
  'data/.keep': '',
}

const put = (project: TestProject, bytes: Buffer): Promise<void> =>
  writeFile(join(project.root, 'data', 'customers.csv.gz'), bytes)
