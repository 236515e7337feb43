import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { PlanReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { freshMysql, freshPostgres, loadSql, withDatabase } from '../support/databases.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runReport, told } from '../support/report.ts'
import { CHECKOUT } from '../support/source-files.ts'
import { unifiedTables } from '../support/unified.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, unifiedRows } from '../support/warehouse.ts'

const DATA = join(CHECKOUT, '..', 'shared', 'data', 'sql')
const isHere = existsSync(DATA)
if (!isHere) console.info('skipped: ../shared/data is not here')

const cleanups: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

async function stand(
  name: string,
  warehouse: TestWarehouse,
  url: string,
  change: (pipeline: string) => string = (it) => it,
): Promise<TestProject> {
  const copyOf = join(CHECKOUT, 'tests', 'journeys', 'projects', name)
  const env = { NORTHWIND_URL: url, SAKILA_URL: url }
  const project = await warehouseProject(warehouse, {}, { copyOf, env })
  const file = `pipelines/${name}.yaml`
  await project.write({ [file]: change(await readFile(join(copyOf, file), 'utf8')) })
  cleanups.push(warehouse.drop, project.remove)
  return project
}

const roadsOf = async (project: TestProject): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await project.json<PlanReport>(['plan'])).result.datasets.map((it) => [
      it.dataset.split('.')[1],
      it.road,
    ]),
  )

async function rowsAfterRun(project: TestProject, warehouse: TestWarehouse): Promise<Record<string, Row[]>> {
  const answer = await runReport(project)
  expect(answer.exitCode, told(answer)).toBe(0)
  return inWarehouse(warehouse, async (session) => {
    const rows: Record<string, Row[]> = {}
    for (const { name } of unifiedTables) {
      const found = await unifiedRows(session, name)
      if (found.length > 0) rows[name] = found
    }
    return rows
  })
}

/** Every dataset that says nothing of it. */
const loading = (pipeline: string, word: string, datasets: string[]): string =>
  pipeline.replace(/^( {2}(\w+):\n)( {4}from: )/gm, (whole, head, name, from) =>
    datasets.includes(name) ? `${head}    load: ${word}\n${from}` : whole,
  )

describe.skipIf(!isHere)('every road shows the same rows', () => {
  test('northwind in PostgreSQL: views over its own database, and a copy from another', async () => {
    const elsewhere = await freshPostgres('northwind')
    await loadSql(elsewhere.url, join(DATA, 'northwind/northwind-postgres.sql'))
    cleanups.push(elsewhere.drop)
    const copied = await freshWarehouse('postgres')
    const streaming = await stand('northwind', copied, elsewhere.url)
    expect(new Set(Object.values(await roadsOf(streaming)))).toEqual(new Set(['stream']))

    const inPlace = await freshWarehouse('postgres')
    const own = Object.values(inPlace.env)[0]!
    await loadSql(own, join(DATA, 'northwind/northwind-postgres.sql'))
    const viewing = await stand('northwind', inPlace, own)
    expect(await roadsOf(viewing)).toMatchObject({
      customers: 'view',
      suppliers: 'view',
      shippers: 'view',
      employees: 'view',
    })
    expect(await rowsAfterRun(viewing, inPlace)).toEqual(await rowsAfterRun(streaming, copied))
  })

  test('sakila in MariaDB: views over another database of the server, and a copy by an account that may not see it', async () => {
    const source = await freshMysql('sakila')
    await loadSql(source.url, join(DATA, 'sakila/sakila-mysql-schema.sql'), 'sakila')
    await loadSql(source.url, join(DATA, 'sakila/sakila-mysql-data.sql'), 'sakila')
    cleanups.push(source.drop)

    const copied = await freshWarehouse('mysql')
    const account = await limitedAccount(source, copied)
    const streaming = await stand('sakila', { ...copied, ...account }, source.url)
    expect(new Set(Object.values(await roadsOf(streaming)))).toEqual(new Set(['stream']))
    const expected = await rowsAfterRun(streaming, copied)

    const viewed = ['customers', 'stores', 'staff', 'copies']
    const inPlace = await freshWarehouse('mysql')
    const viewing = await stand('sakila', inPlace, source.url, (it) => loading(it, 'direct', viewed))
    expect(await roadsOf(viewing)).toMatchObject(Object.fromEntries(viewed.map((it) => [it, 'view'])))
    expect(await rowsAfterRun(viewing, inPlace)).toEqual(expected)
  })
})

/** An account that has all rights in the warehouse's databases, and none in the source's. */
async function limitedAccount(
  { query }: { query(sql: string): Promise<unknown> },
  { schema, internal, env }: TestWarehouse,
): Promise<{ env: Record<string, string> }> {
  const [[name, url]] = Object.entries(env) as [[string, string]]
  const user = `limited_${schema.slice(-8)}`
  await query(`create user '${user}'@'%' identified by 'limited-7391'`)
  for (const database of [schema, internal]) await query(`grant all on ${database}.* to '${user}'@'%'`)
  cleanups.push(() => query(`drop user if exists '${user}'@'%'`) as Promise<unknown>)
  const limited = new URL(withDatabase(url, schema))
  limited.username = user
  limited.password = 'limited-7391'
  return { env: { [name]: String(limited) } }
}
