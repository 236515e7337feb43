import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Polder } from '../../app/api.ts'
import { openProject } from '../../app/index.ts'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import type { PlanReport, RunReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import { runReport } from '../support/report.ts'
import { inWarehouse, type TestWarehouse, unifiedRows, warehouseAt } from '../support/warehouse.ts'

const POLDER = `warehouse:
  type: duckdb
  path: ./data/warehouse.duckdb
  schema: customer
  internal: polder
timezone: Europe/Amsterdam
`
const CONNECTIONS = `exports:
  connector: files
  path: ./data
  null: '\\N'
shop_db:
  connector: duckdb
  path: ./data/shop.duckdb
own:
  connector: duckdb
  path: ./data/warehouse.duckdb
`

const pipeline = (
  load: string,
  connection: string,
  from: string,
  key = '    key: customer_id\n',
) => `pipeline: shop
connection: ${connection}
datasets:
  customers:
    from: ${from}
    load: ${load}
${key}    to:
      party:
        kind: { is: person }
        given_name: first_name
        family_name: last_name
        full_name: first_name & "/" & last_name
        birth_date: born
        status: { from: state, map: { A: customer, L: lead }, default: former }
      identifier:
        - as: email
          when: $exists(email)
          type: { is: email }
          value: email
`

const ROWS: [
  id: string,
  first: string | null,
  last: string,
  email: string | null,
  born: string | null,
  state: string | null,
][] = [
  ['1', 'Ada', 'Lovelace', 'ada@example.org', '1815-12-10', 'A'],
  ['2', '', '  blanks  ', null, null, 'L'],
  ['3', null, 'Čapek 😀', 'KAREL@EXAMPLE.ORG', '2024-03-30', null],
  ['4', 'say "hi"', "van 't, Hek", 'x@example.org', '1000-01-01', 'A'],
  ['5', 'two\nlines', 'back\\slash\ttab', '\\N?', '9999-12-31', ''],
  ['0006', 'N', 'zeros in the key', 'NULL', '1970-01-01', 'L'],
  ['123456789012345678901234567890', 'big', 'number', '00.10', null, 'A'],
]

let project: TestProject
let warehouse: TestWarehouse

beforeEach(async () => {
  project = await emptyProject()
  await project.write({ 'polder.yaml': POLDER, 'config/connections.yaml': CONNECTIONS, 'data/.keep': '' })
  warehouse = warehouseAt(join(project.root, 'data', 'warehouse.duckdb'))
})
afterEach(() => project.remove())

const load = (...words: Parameters<typeof pipeline>) =>
  project.write({ 'pipelines/shop.yaml': pipeline(...words) })
async function polder<T>(work: (it: Polder) => Promise<T>): Promise<T> {
  const it = await openProject(project.root, { env: {} })
  return work(it).finally(() => it.close())
}
const planned = (): Promise<PlanReport> => polder((it) => it.plan([]))
const plan = async () => (await planned()).datasets[0]!
const { signal } = new AbortController()
const run = (): Promise<RunReport> =>
  polder((it) => it.run([], { full: false, allowShrink: false, signal, onEvent: () => {} }))
const shown = async (): Promise<Record<string, Row[]>> =>
  inWarehouse(warehouse, async (session) => ({
    party: await unifiedRows(session, 'party'),
    identifier: await unifiedRows(session, 'identifier'),
  }))

/** Copies, then maps in place, and expects the same rows. */
async function sameOnBothRoads(connection: string, from: string, count: number, key?: string): Promise<void> {
  await load('copy', connection, from, key)
  await run()
  const copied = await shown()
  expect(copied['party']).toHaveLength(count)
  await load('direct', connection, from, key)
  expect(await plan()).toMatchObject({ road: 'view' })
  const result = await run()
  expect(result.datasets.map((it) => [it.mode, it.warnings])).toEqual([['view', []]])
  expect(await shown()).toEqual(copied)
}

const cell = (text: string | null) =>
  text === null
    ? '\\N'
    : /[",\n]/.test(text)
      ? `"${text.replaceAll('"', '""')}"`
      : text === '\\N'
        ? '"\\N"'
        : text
const HEADER = 'customer_id,first_name,last_name,email,born,state'
const csv = (rows: typeof ROWS) => `${[HEADER, ...rows.map((it) => it.map(cell).join(','))].join('\n')}\n`

test('CSV files show the same rows in place as copied', async () => {
  await project.write({ 'data/a.csv': csv(ROWS.slice(0, 4)) })
  // Other columns in another order, with a mark at the head and other line ends.
  const second = ROWS.slice(4).map(([id, first, last, email, born, state]) => [
    state,
    id,
    'more',
    first,
    last,
    email,
    born,
  ])
  const text = [['state', 'customer_id', 'nickname', 'first_name', 'last_name', 'email', 'born'], ...second]
  await writeFile(
    join(project.root, 'data', 'b.csv'),
    `\uFEFF${text.map((it) => it.map(cell).join(',')).join('\r\n')}\r\n`,
  )
  await sameOnBothRoads('exports', '"*.csv"', ROWS.length)

  await project.write({ 'data/c.csv': csv([['8', 'New', 'File', null, null, 'A']]) })
  expect((await shown())['party']).toHaveLength(ROWS.length)
  await run()
  expect((await shown())['party']).toHaveLength(ROWS.length + 1)
  await unlink(join(project.root, 'data', 'c.csv'))
  await expect(shown()).rejects.toThrow(/c\.csv/)
  await run()
  expect((await shown())['party']).toHaveLength(ROWS.length)
})

test('a key that comes twice, or not at all, is counted and refused', async () => {
  await project.write({ 'data/a.csv': csv([...ROWS, ROWS[0]!]) })
  await load('direct', 'exports', 'a.csv')
  const { problems } = await planned()
  expect(problems[0]!.problem).toContain('1 row more than there are keys (customer_id)')
  await project.write({ 'data/a.csv': csv(ROWS) })
  await run()
  await project.write({ 'data/a.csv': csv([...ROWS, ROWS[0]!]) })
  expect((await run()).datasets[0]!.problem).toMatchObject({ code: 'E340' })
})

test('a file that is gone is said by plan, by run and by the query, and auto makes no view over files', async () => {
  await project.write({ 'data/a.csv': csv(ROWS) })
  await load('auto', 'exports', 'a.csv')
  expect(await plan()).not.toMatchObject({ road: 'view' })
  await load('direct', 'exports', 'a.csv')
  await run()
  await unlink(join(project.root, 'data', 'a.csv'))
  await expect(shown()).rejects.toThrow(/a\.csv/)
  expect(JSON.stringify((await planned()).problems)).toContain('a.csv')
  const answer = await runReport(project)
  expect(answer.exitCode).not.toBe(0)
  expect(JSON.stringify(answer)).toContain('a.csv')
})

const TYPED = `create table customers (customer_id bigint primary key, first_name varchar, last_name varchar,
  email varchar, born date, state varchar, seen timestamp with time zone, price decimal(38, 10))`
const typedRows = (rows: typeof ROWS) => {
  const text = (it: string | null) => (it === null ? 'null' : `'${it.replaceAll("'", "''")}'`)
  return rows
    .map(
      ([_, ...it], i) =>
        `(${i}, ${it.map(text).join(', ')}, '2026-03-29 01:30:00.123456+00', '1234567890123456789012345678.0000000001')`,
    )
    .join(', ')
}
const typed = (rows = ROWS) => `${TYPED}; insert into customers values ${typedRows(rows)}`

test('Parquet files show the same rows in place as copied', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polder-parquet-'))
  const data = join(project.root, 'data')
  await makeFile(
    join(folder, 'make.duckdb'),
    `${typed()}; copy (select * from customers where customer_id < 3) to '${data}/a 1.parquet';
     copy (select state, cast(customer_id as integer) as customer_id, first_name, last_name, email, born from customers where customer_id >= 3) to '${data}/b[x]''*.parquet'`,
  )
  await rm(folder, { recursive: true })
  await sameOnBothRoads('exports', '"*.parquet"', ROWS.length)
})

test('a table of another DuckDB file shows the same rows in place as copied', async () => {
  await makeFile(join(project.root, 'data', 'shop.duckdb'), typed())
  await sameOnBothRoads('shop_db', 'customers', ROWS.length, '')
  await makeFile(join(project.root, 'data', 'shop.duckdb'), `delete from customers where customer_id = 0`)
  expect((await shown())['party']).toHaveLength(ROWS.length - 1)
  expect((await plan()).notes?.join()).toContain('another process')
  await load('auto', 'shop_db', 'customers', '')
  expect(await plan()).not.toMatchObject({ road: 'view' })
})

test('a table of the warehouse itself shows the same rows in place as copied, also with load: auto', async () => {
  await makeFile(
    join(project.root, 'data', 'warehouse.duckdb'),
    `create schema staging; use staging; ${typed()}`,
  )
  await sameOnBothRoads('own', 'staging.customers', ROWS.length, '')
  await load('auto', 'own', 'staging.customers', '')
  expect(await plan()).toMatchObject({ road: 'view' })
  await load('direct', 'own', 'staging.customers', '    key: first_name\n')
  expect((await planned()).problems[0]!.problem).toContain('does not prove that its key comes once')
  await load('auto', 'own', 'staging.customers', '')
  await makeFile(
    join(project.root, 'data', 'warehouse.duckdb'),
    `delete from staging.customers where customer_id = 0`,
  )
  expect((await shown())['party']).toHaveLength(ROWS.length - 1)
})

test('a view of the warehouse itself is mapped in place while its key comes once', async () => {
  await makeFile(
    join(project.root, 'data', 'warehouse.duckdb'),
    `create schema staging; use staging; ${typed()}; create view twice as from customers union all from customers; create view once as from customers`,
  )
  await sameOnBothRoads('own', 'staging.once', ROWS.length)
  await load('direct', 'own', 'staging.twice')
  const { problems } = await planned()
  expect(problems[0]!.problem).toContain(`${ROWS.length} rows more than there are keys`)
})
