import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import type { RunReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { freshPostgres, loadSql, type TestDatabase } from '../support/databases.ts'
import { warehouseProject } from '../support/project.ts'
import { CHECKOUT } from '../support/source-files.ts'
import { freshWarehouse, inWarehouse, unifiedRows, WAREHOUSES } from '../support/warehouse.ts'

const NORTHWIND = join(CHECKOUT, '..', 'shared', 'data', 'sql', 'northwind', 'northwind-postgres.sql')
const isHere = existsSync(NORTHWIND)
if (!isHere) console.info('Northwind is skipped: ../shared/data is not here')

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

const CONNECTION = 'shop_db:\n  connector: postgres\n  url: ${env:SHOP_DB_URL}\n'

/** The category's number is stored as numeric in the one table and as an integer in the other. */
const SHOP = `
  create table categories (category_id int primary key, category_name text not null, hidden boolean, note text);
  insert into categories values (1, 'Bread', false, 'x'), (2, 'Cheese', null, 'x'), (3, 'Secret', true, 'x');
  create table products (product_id int primary key, product_name text, category_id numeric(6, 2),
    weight int, updated_at timestamptz not null);
  insert into products
    select n, 'Product ' || n, case when n % 5 > 0 then n % 5 end, n, timestamptz '2024-01-01' + n * interval '1 day'
      from generate_series(1, 20) n;
  create table orders (order_id int primary key);
  insert into orders values (1), (2), (3);
  create table order_items (order_id int, line_no int, sku text, qty int, primary key (order_id, line_no));
  insert into order_items values (1, 1, 'A', 1), (1, 2, 'B', 2), (2, 10, 'C', 3), (9, 1, 'lost', 1);`

const products = (more = '', where = '') => `pipeline: shop
connection: shop_db
datasets:
  products:
    from: public.products
    cursor: updated_at
${more}    with:
      category:
        from: public.categories
        on: category_id
${where}    to:
      product:
        name: product_name
        category: category.category_name
        attributes: '*'
`

const ORDERS = `pipeline: shop
connection: shop_db
datasets:
  orders:
    from: public.orders
    with:
      items: { from: public.order_items, on: order_id, key: order_id, many: true }
    to:
      sales_order:
        kind: { is: order }
        number: order_id
        net: $sum(items.qty)
      order_line:
        each: items
        key: line_no
        line_no: line_no
        quantity: qty
        unit_price: $count($row.items)
`

async function setUp(
  name: (typeof WAREHOUSES)[number],
  pipeline: string,
  { source, parallel = 2 }: { source?: TestDatabase; parallel?: number } = {},
) {
  const warehouse = await freshWarehouse(name)
  const database = source ?? (await freshPostgres('with'))
  if (!source) await database.query(SHOP)
  const files = { 'config/connections.yaml': CONNECTION, 'pipelines/shop.yaml': pipeline }
  const settings = { commitRows: 5, parallel, env: { SHOP_DB_URL: database.url } }
  const project = await warehouseProject(warehouse, files, settings)
  undo.push(...(source ? [] : [database.drop]), warehouse.drop, project.remove)
  const opened = async <T>(work: (polder: Awaited<ReturnType<typeof openProject>>) => Promise<T>) => {
    const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
    return work(polder).finally(() => polder.close())
  }
  const run = (stopAfter = Number.POSITIVE_INFINITY): Promise<RunReport> => {
    const stop = new AbortController()
    let commits = 0
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind === 'committed' && ++commits >= stopAfter) stop.abort()
    }
    return opened((it) => it.run([], { full: false, allowShrink: false, signal: stop.signal, onEvent }))
  }
  const rows = (table: string) => inWarehouse(warehouse, (session) => unifiedRows(session, table))
  const rewrite = (text: string) => project.write({ 'pipelines/shop.yaml': text })
  return { database, run, rows, rewrite, opened }
}

/** Mode, rows read, and why it failed where it did. */
const outcome = ({ datasets: [it] }: RunReport) => [it!.problem?.code ?? it!.mode, it!.counts.read]

const byCategory = (rows: Row[]) => {
  const counts: Record<string, number> = {}
  for (const { category } of rows) counts[String(category)] = (counts[String(category)] ?? 0) + 1
  return counts
}

describe.each(WAREHOUSES)('into %s', (warehouse) => {
  test('values of another table come by key, and a change of that table is seen', async () => {
    const { database, run, rows } = await setUp(warehouse, products())
    expect(outcome(await run())).toEqual(['full', 20])
    const first = await rows('product')
    expect(byCategory(first)).toEqual({ Bread: 4, Cheese: 4, Secret: 4, null: 8 })
    // What is looked up is no field of the source row.
    expect(Object.keys(JSON.parse(String(first[0]!['attributes']))).sort()).toEqual([
      'category_id',
      'product_id',
      'updated_at',
      'weight',
    ])

    await database.query(
      "update categories set note = 'not looked up'; update products set product_name = 'New', updated_at = now() where product_id = 7",
    )
    const [mode, read] = outcome(await run())
    expect([mode, Number(read) < 20]).toEqual(['incremental', true])

    await database.query(
      "update categories set category_name = 'Brood' where category_id = 1; delete from categories where category_id = 3; insert into categories values (4, 'Fish', null, null)",
    )
    expect(outcome(await run())).toEqual(['full', 20])
    expect(byCategory(await rows('product'))).toEqual({ Brood: 4, Cheese: 4, Fish: 4, null: 8 })
    expect((await run()).datasets[0]!.mode).toBe('incremental')
  })

  test('a list of rows makes lines, in the order of their key', async () => {
    const { database, run, rows } = await setUp(warehouse, ORDERS)
    expect((await run()).status).toBe('ok')
    const lines = async () =>
      (await rows('order_line')).map((it) => `${it['id']} ${it['quantity']} ${it['unit_price']}`)
    expect(await lines()).toEqual([
      'shop:orders:1#1 1.0000 2.0000',
      'shop:orders:1#2 2.0000 2.0000',
      'shop:orders:2#10 3.0000 1.0000',
    ])
    expect((await rows('sales_order')).map((it) => it['net'])).toEqual(['3.0000', '3.0000', null])
    await database.query('delete from order_items where order_id = 1 and line_no = 1')
    await run()
    expect(await lines()).toEqual(['shop:orders:1#2 2.0000 1.0000', 'shop:orders:2#10 3.0000 1.0000'])
  })

  test('where may ask what is looked up, and a key scan goes on working', async () => {
    const where = '    where: $not(category.hidden = true)\n'
    const { database, run, rows } = await setUp(warehouse, products('    deletes: scan\n', where))
    const report = await run()
    expect(report.counts).toMatchObject({ read: 20, loaded: 16, filtered: 4 })
    await database.query('delete from products where product_id in (1, 20)')
    const scanned = await run()
    expect(scanned.datasets[0]).toMatchObject({ mode: 'incremental', deleted: 2 })
    await database.query('update categories set hidden = true where category_id = 2')
    expect(outcome(await run())).toEqual(['full', 18])
    expect(byCategory(await rows('product'))).toEqual({ Bread: 3, null: 7 })
  })

  test('a reading that was stopped begins anew where the looked-up table has changed since, and else goes on', async () => {
    const { database, run, rows } = await setUp(warehouse, products(), { parallel: 1 })
    expect((await run(1)).status).toBe('interrupted')
    expect((await run(1)).datasets[0]!.mode).toBe('resume')
    await database.query("update categories set category_name = 'Brood' where category_id = 1")
    expect(outcome(await run())).toEqual(['full', 20])
    expect(byCategory(await rows('product'))).toEqual({ Brood: 4, Cheese: 4, Secret: 4, null: 8 })
  })

  test.skipIf(!isHere)('Northwind: every product has the name of its category and its supplier', async () => {
    northwind ??= await loaded()
    const { run, rows } = await setUp(warehouse, NORTHWIND_PIPELINE, { source: northwind })
    expect((await run()).counts).toMatchObject({ read: 77, loaded: 77 })
    const wanted = await northwind.query(`
      select p.product_id::text as sku, c.category_name as category, s.company_name as brand
        from products p left join categories c using (category_id) left join suppliers s using (supplier_id)`)
    const sorted = (list: Row[]) =>
      list.map(({ sku, category, brand }) => `${sku} ${category} ${brand}`).sort()
    expect(sorted(await rows('product'))).toEqual(sorted(wanted))
  })
})

let northwind: TestDatabase | undefined

async function loaded(): Promise<TestDatabase> {
  const database = await freshPostgres('northwind')
  undo.push(database.drop)
  await loadSql(database.url, NORTHWIND)
  return database
}

const NORTHWIND_PIPELINE = `pipeline: northwind
connection: shop_db
datasets:
  products:
    from: public.products
    with:
      category: { from: public.categories, on: category_id }
      supplier: { from: public.suppliers, on: supplier_id }
    to:
      product:
        sku: $string(product_id)
        category: category.category_name
        brand: supplier.company_name
`

test('plan, preview, eval and lineage tell what is looked up', async () => {
  const { opened, run } = await setUp('duckdb', products())
  const lookups = [
    { name: 'category', from: 'public.categories', on: ['category_id'], key: ['category_id'], many: false },
  ]
  const [planned] = (await opened((it) => it.plan([]))).datasets
  expect(planned).toMatchObject({ lookups })
  expect(planned!.lookups![0]!.fields).toEqual(['category_name'])
  const preview = await opened((it) => it.preview('shop.products', { rows: 1 }))
  expect(preview.rows[0]!.out['product']).toMatchObject([{ category: 'Bread' }])
  const evaluated = await opened((it) => it.eval('category.category_name', 'shop.products', { rows: 2 }))
  expect(evaluated.rows.map((it) => it.value)).toEqual(['Bread', 'Cheese'])
  const { targets } = await opened((it) => it.lineage([], 'product.category'))
  expect(targets).toMatchObject([
    {
      lookups: [{ name: 'category', from: 'public.categories' }],
      columns: [{ data: ['category.category_name'], control: ['category_id'] }],
    },
  ])
  await run()
  const again = await opened((it) => it.plan([]))
  expect(again.datasets[0]!.because.join('; ')).toContain('read in full where a looked-up table has changed')
})

test('several rows for one key are an error that names the table and the way out, and nothing is loaded', async () => {
  const twice = products().replace('on: category_id', 'on: category_id\n        key: note')
  const { database, run, rewrite, rows } = await setUp('duckdb', twice)
  await database.query('alter table categories alter note type int using 1')
  const report = await run()
  expect(report.datasets[0]!.problem).toMatchObject({
    code: 'E730',
    problem: expect.stringContaining('"public.categories"'),
  })
  expect(report.datasets[0]!.problem!.remedy).toContain('many: true')
  expect(report.datasets[0]!.counts.read).toBe(0)
  await rewrite(products())
  await run()
  expect(await rows('product')).toHaveLength(20)
})

const FILES = {
  'config/connections.yaml': 'drop:\n  connector: files\n  path: ./data/*\n',
  'data/products.csv': 'sku,name,group\nA,Loaf,1\nB,Brie,2\nC,Bag,\nD,Box,9\n',
  'data/groups.jsonl': '{"nr":1,"title":"Bread"}\n{"nr":"2","title":"Cheese","hidden":true}\n',
  'pipelines/shop.yaml': `pipeline: shop
connection: drop
datasets:
  products:
    from: products.csv
    key: sku
    with:
      product_group: { from: groups.jsonl, on: group, key: nr }
    where: $not($exists(product_group.hidden))
    to:
      product:
        sku: sku
        name: name
        category: product_group.title
  groups:
    from: groups.jsonl
    key: nr
    to:
      product:
        - as: group
          name: title
tests:
  - name: the group has a name, and a hidden one hides its products
    given:
      products: [ { sku: A, name: Loaf, group: "1" }, { sku: B, name: Brie, group: "2" }, { sku: C } ]
      products.product_group: [ { nr: 1, title: Bread }, { nr: 2, title: Cheese, hidden: true } ]
    expect:
      product: [ { sku: A, category: Bread }, { sku: C, category: null } ]
    filtered: 1
  - name: a dataset that reads the same file gives its rows, and a change of them is seen
    steps:
      - given:
          products: [ { sku: A, group: 1 } ]
          groups: [ { nr: 1, title: Bread } ]
        expect:
          product: [ { sku: A, category: Bread }, { name: Bread } ]
      - given:
          products: [ { sku: A, group: 1 } ]
          groups: [ { nr: 1, title: Brood } ]
        expect:
          product: [ { sku: A, category: Brood }, { name: Brood } ]
`,
}

test('files are looked up in files, of any format, and are read again when those change', async () => {
  const warehouse = await freshWarehouse('duckdb')
  const project = await warehouseProject(warehouse, FILES)
  undo.push(warehouse.drop, project.remove)
  const opened = async <T>(work: (polder: Awaited<ReturnType<typeof openProject>>) => Promise<T>) => {
    const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
    return work(polder).finally(() => polder.close())
  }
  const tested = await opened((it) => it.test([]))
  expect(tested.tests.flatMap((it) => [...it.differences, ...it.problems])).toEqual([])
  expect(tested).toMatchObject({ passed: 2, failed: 0 })
  const run = () =>
    opened((it) =>
      it.run(['shop.products'], {
        full: false,
        allowShrink: false,
        signal: new AbortController().signal,
        onEvent: () => {},
      }),
    )
  const categories = async () => {
    const rows = await inWarehouse(warehouse, (session) => unifiedRows(session, 'product'))
    return rows.map((it) => `${it['sku']} ${it['category']}`)
  }
  expect(outcome(await run())).toEqual(['full', 4])
  expect(await categories()).toEqual(['A Bread', 'C null', 'D null'])
  expect(outcome(await run())).toEqual(['unchanged', 0])
  await project.write({ 'data/groups.jsonl': '{"nr":1,"title":"Brood"}\n{"nr":9,"title":"Boxes"}\n' })
  expect(outcome(await run())).toEqual(['full', 4])
  expect(await categories()).toEqual(['A Brood', 'B null', 'C null', 'D Boxes'])
  expect(outcome(await run())).toEqual(['unchanged', 0])
  await project.write({ 'data/groups.jsonl': '{"nr":1,"title":"Brood"}\n{"nr":9,"title":\n' })
  expect(outcome(await run())[0]).toBe('E732')
  expect(await categories()).toEqual(['A Brood', 'B null', 'C null', 'D Boxes'])
})

test('what does not fit is told at its place, with the nearest name', async () => {
  const { opened, rewrite } = await setUp('duckdb', products())
  await opened((it) => it.plan([]))
  const found = async (text: string) => {
    await rewrite(text)
    const { problems } = await opened((it) => it.validate())
    return problems.map(({ code, at, remedy = '' }) => {
      const part = at!.file.text.split('\n')[at!.line - 1]!.slice(at!.column - 1, at!.column - 1 + at!.length)
      return `${code} ${part} ${/"(\w+)"/.exec(remedy)?.[1] ?? ''}`.trim()
    })
  }
  const on = (lines: string) => products().replace('        on: category_id\n', lines)
  expect(await found(products())).toEqual([])
  expect(await found(on('        on: categry_id\n'))).toEqual(['E331 categry_id category_id'])
  expect(await found(on('        on: category_id\n        key: categoryid\n'))).toEqual([
    'E331 categoryid category_id',
  ])
  expect(await found(on('        on: updated_at\n'))).toEqual(['E333 updated_at'])
  expect(await found(on('        on: [category_id, weight]\n'))).toEqual(['E332 category_id'])
  expect(await found(products().replaceAll('category.category_name', 'category.category_nam'))).toEqual([
    'E204 category_nam category_name',
  ])
  expect(await found(products().replace('      category:\n', '      weight:\n'))).toContain('E330 weight')
  await rewrite(products().replace('public.categories', 'public.categorie'))
  const [unknown] = (await opened((it) => it.plan([]))).problems
  expect(unknown).toMatchObject({ code: 'E404', remedy: expect.stringContaining('categories') })
})

test('a field that leads to a look-up is held to the contract, and a column that it needs must be there', async () => {
  const { database, run } = await setUp('duckdb', products())
  await run()
  await database.query('alter table products rename category_id to group_id')
  const [gone] = (await run()).datasets
  expect(gone!.problem).toMatchObject({ code: 'E321', problem: expect.stringContaining('category_id') })
  await database.query(
    'alter table products rename group_id to category_id; alter table categories rename category_name to title',
  )
  const [unnamed] = (await run()).datasets
  expect(unnamed!.problem).toMatchObject({ code: 'E204', problem: expect.stringContaining('category_name') })
  expect([gone!.counts.read, unnamed!.counts.read]).toEqual([0, 0])
})

test('a look-up that SQL does not join keeps its dataset from being mapped in place, and says so', async () => {
  const warehouse = await freshWarehouse('postgres')
  const url = Object.values(warehouse.env)[0]!
  const files = {
    'config/connections.yaml': CONNECTION,
    'pipelines/shop.yaml': products('    load: direct\n').replace("'*'", '{ group: $string(category) }'),
  }
  const project = await warehouseProject(warehouse, files, { env: { SHOP_DB_URL: url } })
  undo.push(warehouse.drop, project.remove)
  await inWarehouse(warehouse, (session) => session.query(SHOP))
  const polder = await openProject(project.root, { env: { ...process.env, ...project.env } })
  const { datasets, problems } = await polder.plan([]).finally(() => polder.close())
  expect(datasets[0]).toMatchObject({ road: 'stream' })
  expect(datasets[0]!.obstacles).toContainEqual(
    expect.objectContaining({
      what: 'with.category',
      because: expect.stringContaining('whole looked-up row'),
    }),
  )
  expect(problems).toMatchObject([{ code: 'E340', problem: expect.stringContaining('with.category') }])
})
