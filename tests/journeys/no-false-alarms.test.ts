import { existsSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sampleData } from '../../examples/dutch-shop/generate.ts'
import { write } from '../../examples/dutch-shop/generator/files.ts'
import { freshMysql, freshPostgres, loadSql } from '../support/databases.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import { CHECKOUT } from '../support/source-files.ts'

/** Mappings that do what they should: whatever `validate` found in them would be a false alarm. */

const SMALL = { customers: 800, products: 40, orders: 2_500, subscribers: 500, tickets: 300 }
const DATA = join(CHECKOUT, '..', 'shared', 'data')
const isHere = existsSync(DATA)
if (!isHere) console.info('skipped: ../shared/data is not here')

/** Lets a project's sources be discovered, and gives what `validate` says then. */
async function findings(project: TestProject, connections: string[]): Promise<string[]> {
  for (const name of connections) await project.json(['connect', 'discover', name])
  const { problems, result } = await project.json<{ unchecked: string[] }>(['validate'])
  expect(result.unchecked).toEqual([])
  return problems.map((it) => `${it.code} ${it.file}:${it.line}: ${it.problem}`)
}

const POLDER = `warehouse: { type: duckdb, path: ./w.duckdb, schema: customer, internal: polder }
timezone: Europe/Amsterdam
`

test('the sample shop, against its files', async () => {
  const project = await emptyProject()
  for (const it of ['polder.yaml', 'config', 'pipelines'])
    await cp(join(CHECKOUT, 'examples', 'dutch-shop', it), join(project.root, it), { recursive: true })
  for (const [path, text] of Object.entries(sampleData(7, SMALL)))
    write(join(project.root, 'data', path), text)
  expect(await findings(project, [])).toEqual([])
  // The sample is looked at: one letter less, and it says so.
  const file = 'pipelines/shop.yaml'
  const text = await readFile(join(project.root, file), 'utf8')
  await project.write({ [file]: text.replace('payment.paid_at', 'payment.payd_at') })
  const [first] = await findings(project, [])
  expect(first).toMatch(/^E204 .* "payment" has no field "payd_at" in [\d,]+ sampled values\.$/)
  await project.remove()
})

test.skipIf(!isHere)('a wholesaler in PostgreSQL', async () => {
  const source = await freshPostgres('northwind')
  await loadSql(source.url, join(DATA, 'sql/northwind/northwind-postgres.sql'))
  const project = await copyOf('northwind', { NORTHWIND_URL: source.url })
  expect(await findings(project, ['northwind'])).toEqual([])
  await project.remove()
  await source.drop()
})

test.skipIf(!isHere)('a video store in MySQL', async () => {
  const source = await freshMysql('sakila')
  for (const it of ['schema', 'data'])
    await loadSql(source.url, join(DATA, `sql/sakila/sakila-mysql-${it}.sql`), 'sakila')
  const project = await copyOf('sakila', { SAKILA_URL: source.url })
  expect(await findings(project, ['sakila'])).toEqual([])
  await project.remove()
  await source.drop()
})

test.skipIf(!isHere)('a grocer in CSV files', async () => {
  const project = await copyOf('complete-journey', {})
  await cp(join(DATA, 'clv/complete-journey'), join(project.root, 'data'), { recursive: true })
  expect(await findings(project, [])).toEqual([])
  await project.remove()
})

async function copyOf(name: string, env: Record<string, string>): Promise<TestProject> {
  const project = await emptyProject(env)
  await cp(join(CHECKOUT, 'tests', 'journeys', 'projects', name), project.root, { recursive: true })
  await project.write({ 'polder.yaml': POLDER })
  return project
}
