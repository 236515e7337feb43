import { afterEach, expect, test } from 'vitest'
import type { RunReport } from '../../../core/report.ts'
import { freshMysql } from '../../support/databases.ts'
import { seededRandom, testSeed } from '../../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../../support/oracle.ts'
import { warehouseProject } from '../../support/project.ts'
import { codesOf, runReport, runsWell, told } from '../../support/report.ts'
import { seededShop } from '../../support/shop.ts'
import { startCutProxy } from '../../support/tcpcut.ts'
import { freshWarehouse, inWarehouse, unifiedRows } from '../../support/warehouse.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

test('fault 7: a run beside another of the same dataset ends with 7 and is recorded; the first goes on', async () => {
  const shop = await seededShop(1_000)
  const proxy = await startCutProxy(shop.database.url)
  const warehouse = await freshWarehouse('postgres')
  const env = { SHOP_DB_URL: proxy.through(shop.database.url) }
  const project = await warehouseProject(warehouse, shop.files, { commitRows: 100, parallel: 1, env })
  cleanups.push(shop.database.drop, proxy.close, warehouse.drop, project.remove)
  await runsWell(project)

  // The first run waits for a source that says nothing more, while it holds the lease of the orders.
  proxy.arm({ kind: 'stall', direction: 'down', afterBytes: 20_000 }, 'always')
  const first = project.polder(['run', 'shop.orders', '--json'], { onStart: (child) => (stop = child.kill) })
  let stop = (_: NodeJS.Signals): void => {}
  while (!(await isHeld())) await new Promise((resolve) => setTimeout(resolve, 100))
  proxy.disarm()
  const second = await runReport(project, ['shop.orders'])
  expect(second.exitCode, told(second)).toBe(7)
  expect(codesOf(second)).toEqual(['E701'])
  const runs = await project.json<{ runs: { runId: string; exitCode: number }[] }>(['runs', 'list'])
  expect(runs.result.runs.find((it) => it.runId === second.result.runId)).toMatchObject({ exitCode: 7 })
  stop('SIGTERM')
  expect((JSON.parse((await first).stdout) as { result: RunReport }).result.status).not.toBe('failed')
  await runsWell(project)
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => expect(await judge(session, truth)).toEqual(FLAWLESS))

  async function isHeld(): Promise<boolean> {
    return inWarehouse(warehouse, async (session) => {
      const leases = session.dialect.relation(session.internal, 'leases')
      const held = await session.query(
        `select 1 as held from ${leases} where dataset = 'shop.orders' and holder <> ''`,
      )
      return held.length > 0 && proxy.fired() > 0
    })
  }
})

const PEOPLE = `pipeline: far
connection: source
datasets:
  people:
    from: people
    to:
      party:
        kind: { is: person }
        full_name: name
`

async function mysqlProject() {
  const source = await freshMysql('people')
  await source.query(`create table people (id int primary key, name varchar(100));
    insert into people select seq, concat('Person ', seq, repeat('x', 60)) from seq_1_to_5000`)
  const proxy = await startCutProxy(source.url)
  const warehouse = await freshWarehouse('duckdb')
  const files = {
    'config/connections.yaml': 'source:\n  connector: mysql\n  url: ${env:SOURCE_URL}\n',
    'pipelines/far.yaml': PEOPLE,
  }
  const env = { SOURCE_URL: proxy.through(source.url) }
  const project = await warehouseProject(warehouse, files, { commitRows: 500, parallel: 1, env })
  cleanups.push(source.drop, proxy.close, warehouse.drop, project.remove)
  const count = () =>
    inWarehouse(warehouse, async (session) => {
      expect(await counterFaults(session)).toEqual([])
      return (await unifiedRows(session, 'party')).length
    })
  return { source, proxy, project, count }
}

test('fault 9: a MariaDB source that is cut in the middle of a page is read on from the last commit', async () => {
  const { proxy, project, count } = await mysqlProject()
  const seed = testSeed()
  console.info(`fault 9: POLDER_TEST_SEED=${seed}`)
  const afterBytes = 60_000 + Math.floor(seededRandom(seed)() * 250_000)
  proxy.arm({ kind: 'cut', direction: 'down', afterBytes })
  await runsWell(project)
  expect(proxy.fired()).toBe(1)
  expect(await count()).toBe(5_000)
  // Before the first commit, in every attempt: further on, each attempt would go on from the last and come to the end.
  proxy.arm({ kind: 'cut', direction: 'down', afterBytes: 35_000 }, 'always')
  const cut = await runReport(project)
  expect(cut.exitCode, told(cut)).toBe(5)
  expect(await count()).toBe(5_000)
})

test('fault 30: a column that is renamed at the source fails the run; no row is emptied or deleted', async () => {
  const { source, project, count } = await mysqlProject()
  await runsWell(project)
  await source.query('alter table people rename column name to label')
  const broken = await runReport(project)
  expect([2, 4], told(broken)).toContain(broken.exitCode)
  expect(JSON.stringify(broken)).toContain('name')
  expect(await count()).toBe(5_000)
  await source.query('alter table people rename column label to name, add column more int')
  await runsWell(project)
  expect(await count()).toBe(5_000)
})
