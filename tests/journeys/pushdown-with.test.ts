import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openProject, type Polder } from '../../app/index.ts'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import type { RunReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { freshMysql, queryAt, type TestDatabase } from '../support/databases.ts'
import { emptyProject, type TestProject, warehouseProject } from '../support/project.ts'
import {
  freshWarehouse,
  inWarehouse,
  type TestWarehouse,
  unifiedRows,
  WAREHOUSES,
  warehouseAt,
} from '../support/warehouse.ts'

const ROWS = 120

/** The types of one engine, where they differ. */
const TYPES = {
  postgres: { text: 'text', double: 'double precision', stamp: 'timestamptz' },
  mysql: { text: 'varchar(400)', double: 'double', stamp: 'datetime(6)' },
  duckdb: { text: 'varchar', double: 'double', stamp: 'timestamptz' },
}

/** Keys that differ only in what a collation may take for the same, that hold what ids escape, that are long. */
const CODES = ['a', 'A', 'a ', 'é', '', 'a|b', 'x:y%', 'k'.repeat(300)]

const tables = (name: keyof typeof TYPES, schema: string): string[] => {
  const { text, double } = TYPES[name]
  const collated = name === 'mysql' ? `${text} collate utf8mb4_general_ci` : text
  const some = (list: (string | null)[], n: number) => {
    const it = list[n % list.length]!
    return it === null ? 'null' : `'${it.replaceAll("'", "''")}'`
  }
  const rows = Array.from({ length: ROWS }, (_, i) => i + 1)
  return [
    `create table ${schema}groups (group_id integer primary key, title ${text}, rate decimal(9, 3), weight ${double}, since date, open boolean)`,
    `insert into ${schema}groups values (1, 'Bread', 1.500, 0.1, '1999-01-31', true), (2, 'Käse', null, null, null, false), (3, null, 3, 3, '2024-02-29', null)`,
    `create table ${schema}codes (nr integer primary key, code ${collated}, label ${text})`,
    `insert into ${schema}codes values ${CODES.map((it, i) => `(${i}, '${it}', 'code ${i}')`).join(', ')}`,
    `create table ${schema}prices (shop ${name === 'mysql' ? 'varchar(20) collate utf8mb4_bin' : text}, price_group decimal(6, 2), net decimal(14, 2), primary key (shop, price_group))`,
    `insert into ${schema}prices values ('b', 1, 10.50), ('b', 2.5, 20), ('B', 1, 30), ('a|b', 1, 12345678901.25)`,
    `create table ${schema}order_lines (product_id integer, line_no integer, qty integer, points bigint, price decimal(9, 2), primary key (product_id, line_no))`,
    `insert into ${schema}order_lines values ${rows
      .filter((n) => n % 4)
      .flatMap((n) =>
        Array.from(
          { length: n % 4 },
          (_, i) => `(${n}, ${i}, ${i === 2 ? 'null' : n - i}, ${n}, ${n % 3 ? `${n}.15` : 'null'})`,
        ),
      )
      .join(', ')}`,
    `create table ${schema}products (product_id bigint primary key, name ${text}, group_id bigint, code ${collated}, shop ${text}, price_group integer, born date, version bigint not null)`,
    `insert into ${schema}products values ${rows
      .map(
        (n) =>
          `(${n}, 'Product ${n}', ${n % 5 || 'null'}, ${some([...CODES, 'none', null, null], n)}, ${some(['b', 'B', 'a|b', null, 'c', 'b', 'a|b'], n)}, ${n % 3 || 'null'}, '2020-01-01', ${n})`,
      )
      .join(', ')}`,
  ]
}

const pipeline = (schema: string, more = '', contract = 'evolve') => `pipeline: shop
connection: shop_db
contract: ${contract}
datasets:
  products:
    from: ${schema}products
    load: copy
${more}    with:
      group: { from: ${schema}groups, on: group_id }
      label: { from: ${schema}codes, on: code, key: code }
      price: { from: ${schema}prices, on: [shop, price_group] }
    where: $not(group.open = false)
    to:
      product:
        sku: $string(product_id)
        name: name & " (" & group.title & ")"
        category: label.label
        brand: 'group.weight > 1 ? "heavy" : "light"'
        attributes:
          net: price.net
          rate: group.rate
          since: group.since
          born: born
      party:
        kind: { is: person }
        full_name: name
        birth_date: born
`

const lists = (schema: string, load: string, contract = 'evolve') => `pipeline: shop
connection: shop_db
contract: ${contract}
datasets:
  products:
    from: ${schema}products
    load: ${load}
    with:
      group: { from: ${schema}groups, on: group_id }
      lines: { from: ${schema}order_lines, on: product_id, key: product_id, many: true }
    where: $count(lines) < 3 or $exists(lines.price)
    to:
      product:
        sku: $string(product_id)
        name: name & " of " & group.title
        category: '$count(lines) = 0 ? "none" : $sum(lines.qty) > 100 ? "many" : "few"'
        attributes:
          lines: $count(lines)
          priced: $count(lines.price)
          large: $count(lines.(qty > 50 ? qty))
          quantity: $sum(lines.qty)
          points: $sum(lines.points)
          net: $decimal($sum(lines.(qty * price)) + 1)
`

describe.each(WAREHOUSES)('%s', (name) => {
  let warehouse: TestWarehouse
  let source: TestDatabase | undefined
  let project: TestProject
  const schema = { postgres: 'shop.', mysql: '', duckdb: 'shop.' }[name]

  beforeEach(async () => {
    if (name === 'duckdb') {
      project = await emptyProject()
      warehouse = warehouseAt(join(project.root, 'data', 'warehouse.duckdb'))
      await project.write({
        'data/.keep': '',
        'polder.yaml': `${warehouse.yaml}timezone: UTC\ncommit:\n  rows: 30\n`,
        'config/connections.yaml': 'shop_db:\n  connector: duckdb\n  path: ./data/warehouse.duckdb\n',
      })
    } else {
      warehouse = await freshWarehouse(name)
      if (name === 'mysql') source = await freshMysql('with')
      const url = source?.url ?? Object.values(warehouse.env)[0]!
      const files = {
        'config/connections.yaml': `shop_db:\n  connector: ${name}\n  url: \${env:SHOP_DB_URL}\n`,
      }
      project = await warehouseProject(warehouse, files, { env: { SHOP_DB_URL: url }, commitRows: 30 })
    }
    await write()
    if (name !== 'mysql') await says('create schema shop')
    for (const sql of tables(name, schema)) await says(sql)
  })
  afterEach(async () => {
    await project.remove()
    await warehouse.drop?.()
    await source?.drop()
    source = undefined
  })

  const says = (sql: string): Promise<unknown> =>
    name === 'duckdb'
      ? makeFile(join(project.root, 'data', 'warehouse.duckdb'), sql)
      : queryAt(project.env['SHOP_DB_URL']!, sql)
  const write = (more?: string, contract?: string) =>
    project.write({ 'pipelines/shop.yaml': pipeline(schema, more, contract) })
  async function polder<T>(work: (it: Polder) => Promise<T>): Promise<T> {
    const it = await openProject(project.root, { env: { ...process.env, ...project.env } })
    return work(it).finally(() => it.close())
  }
  const run = (full = false, stopAfter = Number.POSITIVE_INFINITY): Promise<RunReport> => {
    const stop = new AbortController()
    let commits = 0
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind === 'committed' && ++commits >= stopAfter) stop.abort()
    }
    return polder((it) => it.run([], { full, allowShrink: false, signal: stop.signal, onEvent }))
  }
  const insistOnPushdown = async () => {
    const [it] = (await polder((it) => it.plan([]))).datasets
    expect(it!.road, it!.because.join('; ')).toBe('pushdown')
  }
  const shown = (): Promise<Row[][]> =>
    inWarehouse(warehouse, async (session) => [
      await unifiedRows(session, 'product'),
      await unifiedRows(session, 'party'),
    ])
  const outcome = ({ datasets: [it] }: RunReport) => {
    expect(it!.problem).toBeUndefined()
    return { road: it!.road, mode: it!.mode, read: it!.counts.read, loaded: it!.counts.loaded }
  }

  test('a copy inside the warehouse joins what the stream joins, row for row, guards and changes included', async () => {
    // Left to JavaScript, with all that it looks up.
    await says(`update ${schema}products set born = '0999-01-01' where product_id = 7`)
    await insistOnPushdown()
    expect(outcome(await run())).toMatchObject({ road: 'pushdown', mode: 'full', read: ROWS })
    const copied = await shown()
    expect(copied[0]!.length).toBeGreaterThan(80)
    expect(new Set(copied[0]!.map((it) => it['category'])).size).toBe(CODES.length + 1)
    expect(
      copied[0]!.filter((it) => String(it['attributes']).includes('12345678901.25')).length,
    ).toBeGreaterThan(3)

    await write(undefined, 'discard_row')
    expect(outcome(await run(true))).toEqual({ road: 'stream', mode: 'full', read: ROWS, loaded: 0 })
    expect(await shown()).toEqual(copied)

    await write()
    await says(`update ${schema}groups set title = 'Brood' where group_id = 1`)
    await says(`delete from ${schema}codes where nr = 0`)
    expect(outcome(await run())).toMatchObject({ road: 'pushdown', mode: 'full', read: ROWS })
    const changed = await shown()
    expect(changed).not.toEqual(copied)
    await write(undefined, 'discard_row')
    expect(outcome(await run(true)).loaded).toBe(0)
    expect(await shown()).toEqual(changed)
  })

  test('a changed look-up is read in full, an unchanged one incrementally, and a stopped reading begins anew', async () => {
    const cursor = '    cursor: version\n    lookback: 5\n'
    await write(cursor)
    expect((await run(false, 1)).status).toBe('interrupted')
    expect(outcome(await run(false, 1)).mode).toBe('resume')
    await says(`update ${schema}groups set title = 'Brood' where group_id = 1`)
    expect(outcome(await run())).toMatchObject({ road: 'pushdown', mode: 'full', read: ROWS })
    // Writers in other databases of a busy server hold its marks back.
    let incremental = outcome(await run())
    for (let tries = 0; incremental.mode === 'full' && tries < 20; tries++) incremental = outcome(await run())
    expect([incremental.road, incremental.mode]).toEqual(['pushdown', 'incremental'])
    expect(incremental.read).toBeLessThan(20)
    await says(`update ${schema}products set name = 'New', version = 1000 where product_id = 1`)
    await run()
    const [products] = await shown()
    expect(products!.find((it) => it['sku'] === '1')).toMatchObject({ name: 'New (Brood)' })
    await says(`update ${schema}groups set title = 'Bread' where group_id = 1`)
    expect(outcome(await run())).toMatchObject({ road: 'pushdown', mode: 'full', read: ROWS })
    expect((await shown())[0]!.filter((it) => String(it['name']).includes('Brood'))).toEqual([])
  })

  test('lists of looked-up rows are counted and summed alike on every road', async () => {
    // More than a double carries: the stream rejects it, and a view leaves it out.
    await says(`update ${schema}order_lines set points = 9007199254740993 where product_id = 9`)
    const load = async (word: string, contract?: string) => {
      await project.write({ 'pipelines/shop.yaml': lists(schema, word, contract) })
      if (contract === undefined && word === 'copy') await insistOnPushdown()
      const report = await run(true)
      return { road: outcome(report).road, rows: (await shown())[0]! }
    }
    const streamed = await load('copy', 'discard_row')
    expect(streamed.road).toBe('stream')
    expect(streamed.rows.length).toBeGreaterThan(90)
    expect(streamed.rows.some((it) => it['sku'] === '9')).toBe(false)
    expect(new Set(streamed.rows.map((it) => it['category']))).toEqual(new Set(['none', 'few', 'many']))
    await says(`update ${schema}groups set title = 'Brood' where group_id = 1`)
    const copied = await load('copy')
    expect(copied.rows.length).toBe(streamed.rows.length)
    expect(copied.rows).not.toEqual(streamed.rows)
    await says(`update ${schema}groups set title = 'Bread' where group_id = 1`)
    expect(await load('copy')).toEqual({ road: 'pushdown', rows: streamed.rows })
    expect(await load('direct')).toEqual({ road: 'view', rows: streamed.rows })
  })

  if (name === 'duckdb')
    test('a looked-up value that no column of the warehouse holds sends the reading through the stream', async () => {
      await says(`update ${schema}groups set since = '0044-03-15' where group_id = 1`)
      await insistOnPushdown()
      expect(outcome(await run())).toMatchObject({ road: 'stream', mode: 'full', read: ROWS })
      const rows = (await shown())[0]!
      expect(rows.filter((it) => String(it['attributes']).includes('0044-03-15')).length).toBeGreaterThan(10)
    })
})
