import { afterAll, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import type { RunReport } from '../../core/report.ts'
import { freshPostgres } from '../support/databases.ts'
import { warehouseProject } from '../support/project.ts'
import { freshWarehouse, inWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const undo: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

const CONNECTION = 'shop_db:\n  connector: postgres\n  url: ${env:SHOP_DB_URL}\n'

const pipeline = (settings: string, name = 'name') => `pipeline: shop
connection: shop_db
datasets:
  people:
    from: people
${settings}
    to:
      party:
        kind: { is: person }
        given_name: ${name}
`

/** A table of three people whose marks lie days apart, so that no look-back reaches from one to the next. */
const PEOPLE = `create table people (id int primary key, name text, gone boolean not null default false, seq bigint,
    updated_at timestamptz);
  insert into people values (1, 'Ada', false, 10, '2024-01-01T00:00:00Z'), (2, 'Grace', false, 20, '2025-01-01T00:00:00Z'),
    (3, 'Edsger', false, 30, '2026-01-01T00:00:00Z')`

async function setUp(name: (typeof WAREHOUSES)[number], settings: string) {
  const warehouse = await freshWarehouse(name)
  const source = await freshPostgres('people')
  await source.query(PEOPLE)
  const files = { 'config/connections.yaml': CONNECTION, 'pipelines/shop.yaml': pipeline(settings) }
  const project = await warehouseProject(warehouse, files, { env: { SHOP_DB_URL: source.url } })
  undo.push(source.drop, warehouse.drop, project.remove)
  const run = async (): Promise<RunReport> => {
    const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
    const options = {
      full: false,
      allowShrink: false,
      signal: new AbortController().signal,
      onEvent: () => {},
    }
    return polder.run([], options).finally(() => polder.close())
  }
  const names = () =>
    inWarehouse(warehouse, async (session) => {
      const from = session.dialect.relation(session.schema, 'party')
      const rows = await session.query<{ given_name: string }>(
        `select given_name from ${from} order by given_name`,
      )
      return rows.map((it) => it.given_name)
    })
  const rewrite = (text: string) => project.write({ 'pipelines/shop.yaml': text })
  return { source, run, names, rewrite }
}

test.each(WAREHOUSES)('%s: a cursor reads what has changed, and only that', async (name) => {
  const { source, run, names } = await setUp(name, '    cursor: updated_at')
  expect((await run()).counts).toMatchObject({ read: 3, loaded: 3 })
  await source.query(`update people set name = 'Ada L.', updated_at = '2026-02-01T00:00:00Z' where id = 1`)
  const second = await run()
  expect(second.datasets[0]).toMatchObject({ mode: 'incremental', cursor: '2026-02-01T00:00:00.000000Z' })
  expect(second.counts).toMatchObject({ read: 2, loaded: 1, unchanged: 1 })
  expect(await names()).toEqual(['Ada L.', 'Edsger', 'Grace'])
})

test.each(WAREHOUSES)('%s: an expression marks tombstones, in incremental reading too', async (name) => {
  const { source, run, names } = await setUp(name, '    cursor: updated_at\n    deletes: gone')
  await run()
  await source.query(`update people set gone = true, updated_at = '2026-02-01T00:00:00Z' where id = 2`)
  await run()
  expect(await names()).toEqual(['Ada', 'Edsger'])
})

test('a row that leaves where is marked deleted by the incremental reading that sees it', async () => {
  const { source, run, names } = await setUp('duckdb', '    cursor: updated_at\n    where: $not(gone)')
  await run()
  await source.query(`update people set gone = true, updated_at = '2026-02-01T00:00:00Z' where id = 2`)
  expect((await run()).counts).toMatchObject({ read: 2, unchanged: 1, filtered: 1 })
  expect(await names()).toEqual(['Ada', 'Edsger'])
})

test('start leaves older rows out, in full reads too', async () => {
  const { run, names } = await setUp('duckdb', '    cursor: updated_at\n    start: 2025-01-01')
  expect((await run()).counts).toMatchObject({ read: 2, loaded: 2 })
  expect(await names()).toEqual(['Edsger', 'Grace'])
})

test('a lookback in units reads again from before a numeric cursor', async () => {
  const { run } = await setUp('duckdb', '    cursor: seq\n    lookback: 10')
  await run()
  expect((await run()).counts).toMatchObject({ read: 2, unchanged: 2 })
})

test('remap: forward keeps what was read under the old mapping', async () => {
  const settings = '    cursor: updated_at\n    remap: forward'
  const { source, run, names, rewrite } = await setUp('duckdb', settings)
  await run()
  await rewrite(pipeline(settings, '$uppercase(name)'))
  await source.query(`update people set updated_at = '2026-02-01T00:00:00Z' where id = 1`)
  expect((await run()).datasets[0]).toMatchObject({ mode: 'incremental' })
  expect(await names()).toEqual(['ADA', 'EDSGER', 'Grace'])
})

test('without remap a changed mapping reads everything again', async () => {
  const { run, names, rewrite } = await setUp('duckdb', '    cursor: updated_at')
  await run()
  await rewrite(pipeline('    cursor: updated_at', '$uppercase(name)'))
  expect((await run()).datasets[0]).toMatchObject({ mode: 'full' })
  expect(await names()).toEqual(['ADA', 'EDSGER', 'GRACE'])
})
