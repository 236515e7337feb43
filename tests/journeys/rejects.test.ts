import { afterEach, describe, expect, test } from 'vitest'
import type { StatusReport } from '../../core/report.ts'
import { CRM_FILES } from '../support/crm.ts'
import { freshPostgres, type TestDatabase } from '../support/databases.ts'
import { counterFaults } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { codesOf, listRejects, runReport, runsWell, told } from '../support/report.ts'
import {
  freshWarehouse,
  inWarehouse,
  type TestWarehouse,
  unifiedRows,
  WAREHOUSES,
  type WarehouseName,
} from '../support/warehouse.ts'

const PEOPLE = `create table people (person_id integer primary key, name text not null, email text, born text);
insert into people
select n, 'Person ' || n, 'p' || n || '@example.org', (date '1950-01-01' + n)::text from generate_series(1, 1000) n;`

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Crm {
  source: TestDatabase
  warehouse: TestWarehouse
  project: TestProject
}

async function crm(name: WarehouseName, commitRows: number, parallel = 1): Promise<Crm> {
  const source = await freshPostgres('crm')
  cleanups.push(source.drop)
  await source.query(PEOPLE)
  const warehouse = await freshWarehouse(name)
  cleanups.push(warehouse.drop)
  const env = { CRM_DB_URL: source.url }
  // In ranges side by side, which rows are committed before the threshold is a matter of chance.
  const project = await warehouseProject(warehouse, CRM_FILES, { commitRows, parallel, env })
  cleanups.push(project.remove)
  return { source, warehouse, project }
}

const idsIn = (warehouse: TestWarehouse, table: string): Promise<string[]> =>
  inWarehouse(warehouse, async (session) => (await unifiedRows(session, table)).map((it) => String(it['id'])))

describe.each(WAREHOUSES)('%s', (name) => {
  test('a row that fails is set aside whole with its reason, and comes in when the source mends it', async () => {
    const { source, warehouse, project } = await crm(name, 300)
    await source.query("update people set born = 'the day before' where person_id = 777")

    const first = await runReport(project)
    expect(first.exitCode, told(first)).toBe(0)
    expect(first.result.counts).toMatchObject({ read: 1000, loaded: 999, rejected: 1 })
    expect(await idsIn(warehouse, 'party')).not.toContain('crm:people:777')
    expect(await idsIn(warehouse, 'identifier')).not.toContain('crm:people:777#email')

    const [reject, ...more] = await listRejects(project)
    expect(more).toEqual([])
    expect(reject).toMatchObject({
      dataset: 'crm.people',
      sourceId: '777',
      table: 'party',
      column: 'birth_date',
    })
    expect(JSON.stringify(reject)).not.toContain('the day before')
    expect(JSON.stringify(reject)).not.toContain('p777@example.org')
    const [revealed] = await listRejects(project, ['--reveal'])
    expect(revealed!.row).toMatchObject({ person_id: 777, born: 'the day before', email: 'p777@example.org' })

    await source.query("update people set born = '1999-12-31' where person_id = 777")
    const second = await runReport(project)
    expect(second.result.counts).toMatchObject({ loaded: 1, unchanged: 999, rejected: 0 })
    expect(await idsIn(warehouse, 'party')).toContain('crm:people:777')
    const status = await project.json<StatusReport>(['status'])
    expect(status.result.datasets[0]!.openRejects).toBe(0)
    expect(await inWarehouse(warehouse, counterFaults)).toEqual([])
  })

  test('fault 41: too many rejected rows stop the run; what was committed before stays', async () => {
    const { source, warehouse, project } = await crm(name, 200)
    await source.query("update people set born = 'unknown' where person_id > 600")

    const answer = await runReport(project)
    expect(answer.exitCode, told(answer)).toBe(1)
    expect(codesOf(answer)).toContain('E704')
    expect(await idsIn(warehouse, 'party')).toHaveLength(600)
    expect((await listRejects(project, ['--limit', '1000'])).length).toBeGreaterThanOrEqual(200)
    expect(await inWarehouse(warehouse, counterFaults)).toEqual([])

    await source.query("update people set born = '2000-01-01' where person_id > 600")
    const mended = await runReport(project)
    expect(mended.exitCode, told(mended)).toBe(0)
    expect(await idsIn(warehouse, 'party')).toHaveLength(1000)
  })

  test('no commit of ranges side by side takes the dataset past the threshold', async () => {
    const { source, warehouse, project } = await crm(name, 200, 4)
    await source.query("update people set born = 'unknown' where person_id > 500 and person_id % 8 = 0")
    await source.query('analyze people')
    const answer = await runReport(project)
    expect(answer.exitCode, told(answer)).toBe(1)
    expect(codesOf(answer)).toContain('E704')
    await inWarehouse(warehouse, async (session) => {
      const record = session.dialect.relation(session.internal, 'run_datasets')
      const [row] = await session.query(`select rows_read, rows_rejected, commits from ${record}`)
      expect(Number(row!['rows_rejected'])).toBeLessThanOrEqual(Number(row!['rows_read']) / 20)
      expect(await counterFaults(session)).toEqual([])
    })
  })

  test('fault 40: a source that lost over a fifth of its rows deletes nothing until it is allowed to', async () => {
    const { source, warehouse, project } = await crm(name, 300)
    await runsWell(project)
    await source.query('delete from people where person_id > 700')

    const refused = await runReport(project)
    expect(refused.exitCode, told(refused)).toBe(1)
    expect(codesOf(refused)).toContain('E702')
    expect(await idsIn(warehouse, 'party')).toHaveLength(1000)

    const allowed = await runReport(project, ['--allow-shrink'])
    expect(allowed.exitCode, told(allowed)).toBe(0)
    expect(allowed.result.datasets[0]!.deleted).toBe(300)
    expect(await idsIn(warehouse, 'party')).toHaveLength(700)
    expect(await idsIn(warehouse, 'identifier')).toHaveLength(700)
  })
})
