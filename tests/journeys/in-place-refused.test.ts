import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { PlanReport } from '../../core/report.ts'
import { freshMysql, queryAt } from '../support/databases.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, unifiedRows } from '../support/warehouse.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const PIPELINE = (from: string, load: string) => `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: ${from}
    load: ${load}
    to:
      party: { kind: { is: person }, given_name: first_name }
`

async function stand(
  warehouse: TestWarehouse,
  connector: 'postgres' | 'mysql',
  url: string,
  from: string,
  load = 'auto',
): Promise<TestProject> {
  const project = await warehouseProject(
    warehouse,
    {
      'config/connections.yaml': `shop_db:\n  connector: ${connector}\n  url: \${env:SHOP_DB_URL}\n`,
      'pipelines/shop.yaml': PIPELINE(from, load),
    },
    { env: { SHOP_DB_URL: url } },
  )
  cleanups.push(project.remove)
  return project
}

const firstDataset = async (project: TestProject) =>
  (await project.json<PlanReport>(['plan'])).result.datasets[0]!

/** A PostgreSQL warehouse that works under an account of its own, with the source's tables beside it. */
async function limitedPostgres(): Promise<{ warehouse: TestWarehouse; admin: string; role: string }> {
  const whole = await freshWarehouse('postgres')
  cleanups.push(whole.drop)
  const [[name, admin]] = Object.entries(whole.env) as [[string, string]]
  const role = `limited_${randomBytes(4).toString('hex')}`
  const url = new URL(admin)
  const database = url.pathname.slice(1)
  await queryAt(
    admin,
    `create role ${role} login password 'limited-7391'; grant create on database ${database} to ${role};
     create schema shop; create table shop.customers (id int primary key, first_name text, region text);
     insert into shop.customers values (1, 'Ada', 'EU'), (2, 'Grace', 'US')`,
  )
  cleanups.push(() => queryAt(admin, `drop owned by ${role} cascade; drop role ${role}`))
  url.username = role
  url.password = 'limited-7391'
  return { warehouse: { ...whole, env: { [name]: String(url) } }, admin, role }
}

test('without the right to read the table, plan says which grant is missing, and the rows are streamed', async () => {
  const { warehouse, admin, role } = await limitedPostgres()
  const project = await stand(warehouse, 'postgres', admin, 'shop.customers')
  const dataset = await firstDataset(project)
  expect(dataset.road).toBe('stream')
  expect(dataset.obstacles).toEqual([
    expect.objectContaining({
      because: expect.stringContaining(`grant select on "shop"."customers" to "${role}"`),
    }),
  ])
  await runsWell(project)
  await queryAt(admin, `grant usage on schema shop to ${role}; grant select on shop.customers to ${role}`)
  expect((await firstDataset(project)).road).toBe('view')
})

test('row security that hides rows from the warehouse keeps a table from being mapped in place', async () => {
  const { warehouse, admin, role } = await limitedPostgres()
  await queryAt(
    admin,
    `grant usage on schema shop to ${role}; grant select on shop.customers to ${role};
     alter table shop.customers enable row level security;
     create policy near on shop.customers using (region = 'EU')`,
  )
  const project = await stand(warehouse, 'postgres', admin, 'shop.customers')
  const dataset = await firstDataset(project)
  expect(dataset.road).toBe('stream')
  expect(JSON.stringify(dataset.obstacles)).toContain('row security')
  await runsWell(project)
  expect(await inWarehouse(warehouse, (session) => unifiedRows(session, 'party'))).toHaveLength(2)
})

test('a key whose collation takes unlike texts for equal is compared by its bytes in a view', async () => {
  const warehouse = await freshWarehouse('postgres')
  cleanups.push(warehouse.drop)
  const url = Object.values(warehouse.env)[0]!
  await queryAt(
    url,
    `create schema shop;
     create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     create table shop.customers (id varchar(20) primary key, first_name text collate blind, region text);
     insert into shop.customers values ('a', 'Ada', 'EU'), ('b', 'ADA', 'EU')`,
  )
  const project = await stand(warehouse, 'postgres', url, 'shop.customers', 'direct')
  await project.write({
    'pipelines/shop.yaml': PIPELINE('shop.customers', 'direct').replace(
      '    to:',
      '    where: first_name = "Ada"\n    to:',
    ),
  })
  await runsWell(project)
  const rows = await inWarehouse(warehouse, (session) => unifiedRows(session, 'party'))
  expect(rows.map((it) => it['given_name'])).toEqual(['Ada'])
})

test('texts of another character set are shown as they are, and compared as JSONata compares them', async () => {
  const source = await freshMysql('latin')
  cleanups.push(source.drop)
  const warehouse = await freshWarehouse('mysql')
  cleanups.push(warehouse.drop)
  await source.query(
    `create table customers (id int primary key, first_name varchar(20)) character set latin1 collate latin1_general_ci`,
  )
  await source.query(`insert into customers values (1, 'Zoë'), (2, 'ZOË'), (3, 'Zoë '), (4, '€')`)
  const project = await stand(warehouse, 'mysql', source.url, 'customers', 'direct')
  await project.write({
    'pipelines/shop.yaml': PIPELINE('customers', 'direct').replace(
      '    to:',
      '    where: first_name = "Zoë" or first_name = "€"\n    to:',
    ),
  })
  await runsWell(project)
  const rows = await inWarehouse(warehouse, (session) => unifiedRows(session, 'party'))
  expect(rows.map((it) => it['given_name'])).toEqual(['Zoë', '€'])
})

test('names that are too long for the engine are cut with a hash, and stay apart', async () => {
  const warehouse = await freshWarehouse('postgres')
  cleanups.push(warehouse.drop)
  const url = Object.values(warehouse.env)[0]!
  await queryAt(
    url,
    `create schema shop; create table shop.customers (id int primary key, first_name text);
     insert into shop.customers values (1, 'Ada')`,
  )
  const project = await stand(warehouse, 'postgres', url, 'shop.customers', 'direct')
  const long = 'customers_of_a_shop_whose_name_is_long'
  const dataset = (name: string) => `  ${name}:
    from: shop.customers
    load: direct
    to:
      party: { kind: { is: person }, given_name: $uppercase(first_name) }
`
  await project.write({
    'pipelines/shop.yaml': `pipeline: a_shop_with_a_long_name_as_well\nconnection: shop_db\ndatasets:\n${dataset(`${long}_a`)}${dataset(`${long}_b`)}`,
  })
  await runsWell(project)
  const rows = await inWarehouse(warehouse, (session) =>
    session.query(`select table_name as name from information_schema.views where table_schema = 'polder'`),
  )
  const names = rows.map((it) => String(it['name']))
  expect(new Set(names).size).toBe(4)
  expect(Math.max(...names.map((it) => it.length))).toBeLessThanOrEqual(63)
})
