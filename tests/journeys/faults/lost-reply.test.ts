import { afterEach, describe, expect, onTestFailed, test } from 'vitest'
import type { DatasetRun } from '../../../core/report.ts'
import { seededRandom, tellCommands, testSeed } from '../../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../../support/oracle.ts'
import { type TestProject, warehouseProject } from '../../support/project.ts'
import { runReport, runsWell, told } from '../../support/report.ts'
import { type Shop, seededShop } from '../../support/shop.ts'
import { type CutProxy, startCutProxy } from '../../support/tcpcut.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse } from '../../support/warehouse.ts'

const ROWS = 1_500
const COMMIT_ROWS = 250

/** A COMMIT of rows, and of nothing else: the result that it stores with its id stands right before it. */
const COMMIT_OF_ROWS = /counts\\?"[\s\S]{0,600}commit\0?$/i

/** The one that ends a full reading and deletes. */
const COMMIT_OF_END = /\{\\?"deleted\\?":\d+,\\?"version\\?":[\s\S]{0,600}commit\0?$/i

/** While a run asks whether its commit has happened: so long it waits for an answer. */
const ASKING_MS = 2_000
/** Longer than it asks, shorter than it goes on trying from the stored checkpoint. */
const PAST_ASKING_MS = 4_500

const seed = testSeed()
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Rig {
  shop: Shop
  proxy: CutProxy
  warehouse: TestWarehouse
  project: TestProject
}

async function setUp(name: 'postgres' | 'mysql'): Promise<Rig> {
  const server = name === 'postgres' ? 'POLDER_TEST_POSTGRES_URL' : 'POLDER_TEST_MYSQL_URL'
  const shop = await seededShop(ROWS)
  const proxy = await startCutProxy(process.env[server]!)
  const warehouse = await freshWarehouse(name, proxy.through)
  const project = await warehouseProject(warehouse, shop.files, { commitRows: COMMIT_ROWS, env: shop.env })
  cleanups.push(shop.database.drop, proxy.close, warehouse.drop, project.remove)
  onTestFailed(() => tellCommands(name, project))
  return { shop, proxy, warehouse, project }
}

/** Runs, and loses the server together with the reply to its first commit that `pattern` knows. */
async function runsThrough(
  { proxy, project }: Rig,
  words: string[],
  awayMs: number,
  pattern = COMMIT_OF_ROWS,
): Promise<DatasetRun> {
  const before = proxy.fired()
  proxy.arm({ kind: 'dropReply', pattern, awayMs })
  const answer = await runReport(project, words)
  expect(answer.exitCode, told(answer)).toBe(0)
  expect(proxy.fired(), 'replies lost').toBe(before + 1)
  return answer.result.datasets[0]!
}

async function expectTruth({ shop, warehouse }: Rig): Promise<void> {
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth)).toEqual(FLAWLESS)
    expect(await counterFaults(session)).toEqual([])
  })
}

const committed = ({ warehouse }: Rig): Promise<number> =>
  inWarehouse(warehouse, async (session) => {
    const from = session.dialect.relation(session.internal, 'batches')
    const [row] = await session.query<{ n: string | number }>(`select sum(rows_read) as n from ${from}`)
    return Number(row!.n)
  })

describe.each(['postgres', 'mysql'] as const)('%s', (name) => {
  test('fault 3: a commit whose reply is lost is neither lost nor done twice', async () => {
    console.info(`${name}, fault 3: POLDER_TEST_SEED=${seed}`)
    const rig = await setUp(name)
    await runsWell(rig.project)
    await rig.shop.trade(seededRandom(seed))
    await runsThrough(rig, ['shop.orders', '--full'], ASKING_MS)
    await runsWell(rig.project)
    await expectTruth(rig)
  })

  test('fault 3: nor where the warehouse cannot be asked: the run goes on from the stored checkpoint', async () => {
    console.info(`${name}, fault 3: POLDER_TEST_SEED=${seed}`)
    const rig = await setUp(name)
    // A first reading appends, a later one merges.
    await runsThrough(rig, ['shop.orders'], PAST_ASKING_MS)
    expect(await committed(rig)).toBe(ROWS)
    await rig.shop.trade(seededRandom(seed))
    const { deleted } = await runsThrough(rig, ['shop.orders', '--full'], PAST_ASKING_MS)
    await rig.shop.database.query('delete from orders where order_id <= 30')
    const gone = ROWS + 1 - (await rig.shop.truth())['sales_order']!.size
    const ended = await runsThrough(rig, ['shop.orders'], PAST_ASKING_MS, COMMIT_OF_END)
    expect(ended.deleted).toBe(gone - deleted)
    await runsWell(rig.project, ['shop.customers'])
    await expectTruth(rig)
  })
})
