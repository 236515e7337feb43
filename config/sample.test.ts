import { expect, test } from 'vitest'
import type { PipelineSpec, TargetSpec } from '../core/spec.ts'
import { checkFiles } from './testing/project.ts'

/** The sample of the design, word for word. */
const FILES = {
  'polder.yaml': `# polder.yaml                                   # or: type: postgres | mysql
warehouse:
  type: duckdb
  path: ./warehouse.duckdb
  schema: customer                              # what people query
  internal: polder                              # parts and state
timezone: Europe/Amsterdam
`,
  'config/connections.yaml': `shop_db:
  connector: postgres
  url: \${env:SHOP_DB_URL}
  timezone: Europe/Amsterdam                    # of columns that carry none; wins over polder.yaml
exports:
  connector: files
  path: ./data/*.csv.gz                         # format by name, or format: csv, delimiter: ";"
`,
  'pipelines/shop.yaml': `pipeline: shop
connection: shop_db
schedule: "*/15 * * * *"
defaults:
  currency: { is: EUR }
datasets:
  customers:                      # its name: in ids, references, parts, tests and on the command line
    from: public.customers
    key: customer_id              # default: the primary key; a list for a composite one
    cursor: updated_at            # default: what the connector proposes; none: read in full
    load: auto                    # auto: in place where that is exact, else copy | direct: in place or an error | copy
    where: region = "EU"          # scope: a row that leaves it is marked deleted
    to:
      party:
        kind: { is: person }
        given_name: first_name
        family_name: last_name
        status:
          from: state
          map: { A: customer, L: lead }
          default: former
        birth_date:
          from: dob
          invalid: missing        # default: reject
      identifier:                 # several rows for one table: each has a name, \`as\`
        - as: email
          type: { is: email }
          value: email
        - as: phone
          when: $exists(phone)    # preset where a table's required value is missing: the row is not made
          type: { is: phone }
          value: phone
  orders:
    from: public.orders
    to:
      sales_order:
        party_id: $ref("customers", customer_id)
        number: order_id
        ordered_at: order_date
      order_line:
        each: lines               # one row per item; names inside are the item's, $row is the source row
        key: line_no
        sku: sku
        quantity: qty
        net: $decimal(qty * unit_price * (1 - discount))
tests:
  - name: an address is kept as the source has it
    given:
      customers: [ { customer_id: 1, first_name: Ada, email: "ADA@X.NL", region: EU } ]
    expect:
      identifier: [ { type: email, value: ADA@X.NL } ]
    rejected: 0
`,
}

const { project, problems, files } = checkFiles(FILES, {
  env: { SHOP_DB_URL: 'postgres://u:geheim-1@db/shop' },
})

function shop(): PipelineSpec {
  return project!.pipelines[0]!
}

/** Expressions as text, constants as values. */
const columnsOf = (target: TargetSpec) =>
  Object.fromEntries(
    target.columns.map(({ column, value }) => [column, 'constant' in value ? value : value.expression.text]),
  )

test('the sample of the design loads without a finding', () => {
  expect(problems).toEqual([])
  expect(files).toBe(3)
  expect(project).toMatchObject({
    root: '/project',
    timezone: 'Europe/Amsterdam',
    commit: { rows: 100_000, seconds: 2 },
  })
})

test('the warehouse and the connections come with their options', () => {
  expect(project!.warehouse).toMatchObject({
    type: 'duckdb',
    schema: 'customer',
    internal: 'polder',
    options: { path: './warehouse.duckdb' },
    at: { line: 2, column: 1, length: 9 },
  })
  expect(project!.connections).toMatchObject([
    {
      name: 'shop_db',
      connector: 'postgres',
      timezone: 'Europe/Amsterdam',
      options: { url: 'postgres://u:geheim-1@db/shop', port: 5432, timezone: 'Europe/Amsterdam' },
    },
    { name: 'exports', connector: 'files', options: { path: './data/*.csv.gz' } },
  ])
  expect(project!.connections[1]!.timezone).toBeUndefined()
})

test('a dataset has its reading and its places', () => {
  const [customers, orders] = shop().datasets
  expect(shop()).toMatchObject({ name: 'shop', connection: 'shop_db', schedule: '*/15 * * * *' })
  expect(customers).toMatchObject({
    pipeline: 'shop',
    name: 'customers',
    connection: 'shop_db',
    from: 'public.customers',
    fromAt: { line: 8, column: 11, length: 16 },
    key: ['customer_id'],
    keyAt: { line: 9, column: 10 },
    cursor: 'updated_at',
    cursorAt: { line: 10, column: 13 },
    load: 'auto',
    at: { line: 7, column: 3, length: 9 },
  })
  expect(customers!.where!.text).toBe('region = "EU"')
  expect(customers!.where!.place(0, 6)).toMatchObject({ line: 12, column: 12, length: 6 })
  expect(orders).toMatchObject({ name: 'orders', load: 'auto' })
  expect(orders!.key).toBeUndefined()
  expect(orders!.cursor).toBeUndefined()
})

test('targets have their columns in the order of the file, with the defaults behind them', () => {
  const [customers, orders] = shop().datasets
  const [party, email, phone] = customers!.targets
  expect(columnsOf(party!)).toEqual({
    kind: { constant: 'person' },
    given_name: 'first_name',
    family_name: 'last_name',
    status: 'state',
    birth_date: 'dob',
  })
  expect(party!.columns.find((it) => it.column === 'status')).toMatchObject({
    map: { A: 'customer', L: 'lead' },
    default: 'former',
    invalid: 'reject',
  })
  expect(party!.columns.find((it) => it.column === 'birth_date')).toMatchObject({ invalid: 'missing' })
  expect([email!.table, email!.as, email!.when]).toEqual(['identifier', 'email', undefined])
  expect([phone!.as, phone!.when!.text]).toEqual(['phone', '$exists(phone)'])
  const [order, line] = orders!.targets
  expect(columnsOf(order!)).toEqual({
    party_id: '$ref("customers", customer_id)',
    number: 'order_id',
    ordered_at: 'order_date',
    currency: { constant: 'EUR' },
  })
  expect([line!.each!.text, line!.key!.text]).toEqual(['lines', 'line_no'])
  expect(columnsOf(line!)).toEqual({
    sku: 'sku',
    quantity: 'qty',
    net: '$decimal(qty * unit_price * (1 - discount))',
  })
})

test('a test without steps has one step', () => {
  expect(shop().tests).toMatchObject([
    {
      name: 'an address is kept as the source has it',
      steps: [
        {
          given: { customers: [{ customer_id: 1, first_name: 'Ada', email: 'ADA@X.NL', region: 'EU' }] },
          expect: { identifier: [{ type: 'email', value: 'ADA@X.NL' }] },
          rejected: 0,
        },
      ],
    },
  ])
})
