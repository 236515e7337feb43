import { afterEach, expect, test } from 'vitest'
import { freshPostgres, queryAt } from '../support/databases.ts'
import { diedAt, runKilledAt } from '../support/kill.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, unifiedRows } from '../support/warehouse.ts'

const ROWS = 1000

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function people(settings: string): Promise<{ project: TestProject; warehouse: TestWarehouse }> {
  const source = await freshPostgres('append')
  cleanups.push(source.drop)
  await source.query(`create table people (id int primary key, code text not null, name text, changed timestamptz not null);
    insert into people select n, 'c' || n % 900, 'Person ' || n, timestamptz '2024-01-01' + n * interval '1 minute'
      from generate_series(1, ${ROWS}) n`)
  const warehouse = await freshWarehouse('postgres')
  cleanups.push(warehouse.drop)
  const files = {
    'config/connections.yaml': 'source:\n  connector: postgres\n  url: ${env:SOURCE_URL}\n',
    'pipelines/crm.yaml': `pipeline: crm
connection: source
datasets:
  people:
    from: public.people
${settings}    to:
      party:
        kind: { is: person }
        full_name: name
`,
  }
  const project = await warehouseProject(warehouse, files, { env: { SOURCE_URL: source.url } })
  await project.write({ 'polder.yaml': `${warehouse.yaml}parallel: 1\ncommit:\n  rows: 200\n` })
  cleanups.push(project.remove)
  return { project, warehouse }
}

/** After a first run that was killed behind its third commit of rows: keys are made behind the last append, or before a merge. */
async function wasAppended(project: TestProject, warehouse: TestWarehouse): Promise<boolean> {
  const killed = await runKilledAt(project, 'K8', 3)
  expect(diedAt(killed, 'K8'), killed.stderr).toBe(true)
  const url = Object.values(warehouse.env)[0]!
  const found = await queryAt(
    url,
    `select 1 from pg_indexes where schemaname = 'polder' and tablename = 'party__crm__people'`,
  )
  return found.length === 0
}

const idsOf = (warehouse: TestWarehouse) =>
  inWarehouse(warehouse, async (session) => (await unifiedRows(session, 'party')).map((it) => it['id']))

test('a first read by the key of the source appends, and goes on so after a kill', async () => {
  const { project, warehouse } = await people('')
  expect(await wasAppended(project, warehouse)).toBe(true)
  await runsWell(project)
  const ids = await idsOf(warehouse)
  expect([ids.length, new Set(ids).size]).toEqual([ROWS, ROWS])
})

test('a first read by a stated key, which the source does not enforce, merges', async () => {
  const { project, warehouse } = await people('    key: code\n')
  expect(await wasAppended(project, warehouse)).toBe(false)
  await runsWell(project)
  const ids = await idsOf(warehouse)
  expect([ids.length, new Set(ids).size]).toEqual([900, 900])
})

test('a first read with a start, which goes by the cursor, merges', async () => {
  const { project, warehouse } = await people(`    cursor: changed\n    start: '2024-01-01T01:00:00Z'\n`)
  expect(await wasAppended(project, warehouse)).toBe(false)
})
