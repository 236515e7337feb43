import { afterEach, describe, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import type { PlanReport, RunReport } from '../../core/report.ts'
import type { DatasetState } from '../../pipelines/run/mode.ts'
import { freshMysql, freshPostgres } from '../support/databases.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const SOURCES = { postgres: freshPostgres, mysql: freshMysql }

const FILES = (connector: string, settings: string, targets = TARGETS) => ({
  'config/connections.yaml': `shop_db:\n  connector: ${connector}\n  url: \${env:SHOP_DB_URL}\n`,
  'pipelines/shop.yaml': `pipeline: shop
connection: shop_db
datasets:
  people:
    from: people
    cursor: updated_at
${settings}
    to:
${targets}
`,
})

const TARGETS = `      party:
        kind: { is: person }
        given_name: name
      identifier:
        - as: email
          type: { is: email }
          value: email`

/** Marks lie days apart and behind, so that no look-back reaches from one row to the next. */
const PEOPLE = `create table people (id int primary key, name varchar(40), email varchar(90), updated_at timestamp(6) null);
  insert into people values (1, 'Ada', 'ada@example.org', '2024-01-01 00:00:00'),
    (2, 'Grace', null, '2024-02-01 00:00:00'), (3, 'Edsger', 'e@example.org', '2024-03-01 00:00:00'),
    (4, 'Tony', null, '2024-04-01 00:00:00'), (5, 'Barbara', null, '2024-05-01 00:00:00'),
    (6, 'Frances', null, '2026-01-01 00:00:00')`

interface SetUp {
  settings: string
  source?: keyof typeof SOURCES
  people?: string
  targets?: string
}

async function setUp(
  name: (typeof WAREHOUSES)[number],
  { settings, source: kind = 'postgres', people = PEOPLE, targets }: SetUp,
) {
  const warehouse = await freshWarehouse(name)
  const source = await SOURCES[kind]('people')
  await source.query(people)
  const project = await warehouseProject(warehouse, FILES(kind, settings, targets), {
    env: { SHOP_DB_URL: source.url },
  })
  undo.push(source.drop, warehouse.drop, project.remove)
  const inProject = openIn(project)
  const run = (allowShrink = false) => inProject((polder) => polder.run([], { ...RUN, allowShrink }))
  const plan = () => inProject((polder) => polder.plan([]))
  return { source, warehouse, project, run, plan, names: (table = 'party') => namesOf(warehouse, table) }
}

const RUN = { full: false, allowShrink: false, signal: new AbortController().signal, onEvent: () => {} }

type Polder = Awaited<ReturnType<typeof openProject>>

const openIn =
  (project: TestProject) =>
  async <T>(work: (polder: Polder) => Promise<T>): Promise<T> => {
    const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
    return work(polder).finally(() => polder.close())
  }

const COLUMN: Record<string, string> = { party: 'given_name', identifier: 'value', event: 'name' }

/** What people see: live rows only. */
const namesOf = (warehouse: TestWarehouse, table: string): Promise<string[]> =>
  inWarehouse(warehouse, async (session) => {
    const rows = await session.query<{ name: string }>(
      `select ${COLUMN[table]} as name from ${session.dialect.relation(session.schema, table)} where deleted_at is null`,
    )
    return rows.map((it) => it.name).sort()
  })

const ok = (report: RunReport): RunReport => {
  expect(report.datasets.map((it) => it.problem)).toEqual(report.datasets.map(() => undefined))
  return report
}

const deletesOf = (report: PlanReport) => report.datasets[0]!.deletes

describe.each(WAREHOUSES)('%s', (name) => {
  test('deletes: scan finds after every incremental reading what is gone', async () => {
    const { source, run, names } = await setUp(name, { settings: '    deletes: scan' })
    ok(await run())
    await source.query('delete from people where id = 3')
    await source.query(`insert into people values (7, 'Radia', null, '2026-02-01 00:00:00')`)
    const report = ok(await run())
    expect(report.datasets[0]).toMatchObject({ mode: 'incremental', deleted: 1 })
    expect(await names()).toEqual(['Ada', 'Barbara', 'Frances', 'Grace', 'Radia', 'Tony'])
    expect(await names('identifier')).toEqual(['ada@example.org'])
    expect(ok(await run()).datasets[0]).toMatchObject({ deleted: 0 })
  })

  test('a key that changes leaves its old id to the scan, and a row that comes back is there again', async () => {
    const { source, run, names } = await setUp(name, { settings: '    deletes: scan' })
    ok(await run())
    await source.query(`update people set id = 30, updated_at = '2026-02-01 00:00:00' where id = 3`)
    expect(ok(await run()).datasets[0]).toMatchObject({ deleted: 1 })
    expect(await names()).toEqual(['Ada', 'Barbara', 'Edsger', 'Frances', 'Grace', 'Tony'])
    await source.query(`update people set id = 3, updated_at = '2026-03-01 00:00:00' where id = 30`)
    expect(ok(await run()).datasets[0]).toMatchObject({ deleted: 1 })
    expect(await names()).toEqual(['Ada', 'Barbara', 'Edsger', 'Frances', 'Grace', 'Tony'])
  })

  test('more than a fifth gone stops the scan and asks; what was read stays read', async () => {
    const { source, run, names } = await setUp(name, { settings: '    deletes: scan' })
    ok(await run())
    await source.query(`delete from people where id in (3, 4)`)
    await source.query(`update people set name = 'Ada L.', updated_at = '2026-02-01 00:00:00' where id = 1`)
    const refused = await run()
    expect(refused.datasets[0]).toMatchObject({ status: 'failed', deleted: 0, problem: { code: 'E702' } })
    expect(await names()).toEqual(['Ada L.', 'Barbara', 'Edsger', 'Frances', 'Grace', 'Tony'])
    expect((await run()).datasets[0]).toMatchObject({ problem: { code: 'E702' } })
    expect(ok(await run(true)).datasets[0]).toMatchObject({ deleted: 2 })
    expect(await names()).toEqual(['Ada L.', 'Barbara', 'Frances', 'Grace'])
  })
})
