import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FaultPoint } from '../../core/fault.ts'
import type { DatasetRun, PlanReport, RunReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { diedAt, runKilledAt, seededRandom, testSeed } from '../support/kill.ts'
import { NEAR, NEAR_TARGETS, type Near, type NearShop, nearSchema, nearShop } from '../support/near-shop.ts'
import { byId, counterFaults, FLAWLESS, judge, type Truth } from '../support/oracle.ts'
import type { Envelope, TestProject } from '../support/project.ts'
import { listRejects, runReport } from '../support/report.ts'
import { inWarehouse } from '../support/warehouse.ts'

const TABLES = {
  postgres: `
create table shop.customers (
  customer_id integer primary key, first_name text, last_name varchar(40), email text, born date,
  state char(1), region text not null, gone boolean not null, updated_at timestamptz not null
);
create table shop.orders (
  shop text, order_id bigint, net numeric(12, 2), version bigint, primary key (shop, order_id)
);`,
  mysql: `
create table customers (
  customer_id integer primary key, first_name text, last_name varchar(40), email text, born date,
  state char(1), region text not null, gone integer not null, updated_at timestamp(6) not null
);
create table orders (
  shop varchar(20) character set latin1, order_id bigint, net decimal(12, 2), version bigint, primary key (shop, order_id)
);`,
}

const ROWS = 600
const COMMIT_ROWS = 100

/** Several marks are the same; every 7th is out of scope, some are tombstones, some have no name and make no party. */
const seedCustomers = (name: Near, from: string) => {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const n = i + 1
    const at = new Date(Date.UTC(2026, 0, 1) + Math.floor(n / 4) * 60_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ')
    const text = (it: string | null) => (it === null ? 'null' : `'${it}'`)
    const gone = name === 'postgres' ? String(n % 50 === 0) : n % 50 === 0 ? 1 : 0
    return `(${n}, ${text(n % 5 ? `Ada ${n}` : null)}, ${text(n % 11 ? `van 't Hek ${n}`.replace("'", "''") : null)}, ${text(n % 3 ? `a${n}@example.org` : null)}, ${text(n % 2 ? `19${10 + (n % 80)}-01-31` : null)}, 'A', ${text(n % 7 ? 'EU' : 'AF')}, ${gone}, '${at}')`
  })
  return `insert into ${from}customers values ${rows.join(', ')}`
}
const seedOrders = (from: string) => {
  const rows = Array.from(
    { length: 300 },
    (_, i) => `('${['b', 'B ', 'a'][i % 3]!.trim()}${i % 2 ? 'x' : ''}', ${i}, ${i}.5, ${i})`,
  )
  return `insert into ${from}orders values ${rows.join(', ')}`
}

const pipeline = (name: Near, from: string, more = '', contract = 'evolve') => `pipeline: shop
connection: shop_db
contract: ${contract}
datasets:
  customers:
    from: ${from}customers
    load: copy
    deletes: ${name === 'postgres' ? 'gone' : 'gone = 1'}
    where: region = "EU"
${more}${NEAR_TARGETS}        - as: number
          when: $exists(first_name)
          type: { is: number }
          value: $string(customer_id)
  orders:
    from: ${from}orders
    load: copy
    cursor: version
    lookback: 50
    to:
      sales_order:
        kind: { is: order }
        number: order_id
        net: net
`

const seed = testSeed()

describe.each(NEAR)('%s', (name) => {
  const schema = nearSchema(name)
  const CURSOR = '    cursor: updated_at\n'
  let shop: NearShop
  let project: TestProject

  beforeAll(() => console.info(`POLDER_TEST_SEED=${seed}`))

  async function setUp(more = CURSOR, commitRows = COMMIT_ROWS, parallel?: number): Promise<void> {
    const tables = `${TABLES[name]} ${seedCustomers(name, schema)}; ${seedOrders(schema)}`
    shop = await nearShop(name, {
      tables,
      pipeline: pipeline(name, schema, more),
      commitRows,
      ...(parallel && { parallel }),
    })
    project = shop.project
  }
  afterEach(() => shop?.remove())

  const write = (more: string, contract?: string) => shop.rewrite(pipeline(name, schema, more, contract))
  const roads = ({ result }: Envelope<RunReport>) => result.datasets.map((it) => it.road)
  const customers = ({ result }: Envelope<RunReport>): DatasetRun =>
    result.datasets.find((it) => it.dataset === 'shop.customers')!
  const ids = (result: Row[]) => result.map((it) => String(it['id']))

  /** In SQL of its own, so that it shares no mistake with the mapping. */
  async function truth(): Promise<Truth> {
    const text = (it: string) => (name === 'postgres' ? `${it}::text` : `cast(${it} as char)`)
    const live = `${name === 'postgres' ? 'not gone' : 'gone = 0'} and region = 'EU' and (born is null or born >= '1000-01-01')`
    const party =
      await shop.says(`select ${text('customer_id')} as source_id, 'person' as kind, first_name as given_name,
      last_name as family_name, ${text('born')} as birth_date from ${schema}customers where ${live}`)
    const email = await shop.says(
      `select ${text('customer_id')} as source_id, email as value from ${schema}customers where ${live} and email is not null`,
    )
    const number = await shop.says(
      `select ${text('customer_id')} as source_id, ${text('customer_id')} as value from ${schema}customers where ${live} and first_name is not null`,
    )
    const order = await shop.says(
      `select shop, ${text('order_id')} as number, ${text('net')} as net from ${schema}orders`,
    )
    const withId = (rows: Row[], suffix = '') =>
      rows.map((row) => ({ ...row, id: `shop:customers:${row['source_id']}${suffix}` }))
    return {
      party: byId(withId(party)),
      identifier: byId([...withId(email, '#email'), ...withId(number, '#number')]),
      sales_order: byId(
        order.map(({ shop, ...row }) => ({
          ...row,
          net: `${row['net']}00`,
          id: `shop:orders:${shop}|${row['number']}`,
        })),
      ),
    }
  }
  async function expectFlawless(): Promise<void> {
    const wanted = await truth()
    await inWarehouse(shop.warehouse, async (session) => {
      expect(await judge(session, wanted)).toEqual(FLAWLESS)
      expect(await counterFaults(session)).toEqual([])
    })
  }
  const runs = async (words: string[] = []): Promise<Envelope<RunReport>> => {
    const report = await runReport(project, words)
    expect([0, 3], JSON.stringify(report)).toContain(report.exitCode)
    return report
  }

  test('a first copy, an incremental one and a full one give what the source has, counted row by row', async () => {
    // A cursor waits for writers of its database: a commit of the other dataset that takes long would leave it without a mark.
    await setUp(CURSOR, COMMIT_ROWS, 1)
    expect((await project.json<PlanReport>(['plan'])).result.datasets.map((it) => it.road)).toEqual([
      'pushdown',
      'pushdown',
    ])
    const first = await runs()
    expect(roads(first)).toEqual(['pushdown', 'pushdown'])
    expect(customers(first).counts).toMatchObject({ read: ROWS, superseded: 0, rejected: 0 })
    expect(customers(first).counts.filtered).toBeGreaterThan(50)
    await expectFlawless()

    const now = name === 'postgres' ? 'clock_timestamp()' : 'utc_timestamp(6)'
    await shop.says(
      `update ${schema}customers set email = null, updated_at = ${now} where customer_id between 10 and 29`,
    )
    await shop.says(`update ${schema}customers set region = 'AF', updated_at = ${now} where customer_id = 31`)
    await shop.says(
      `update ${schema}customers set gone = ${name === 'postgres' ? 'true' : '1'}, updated_at = ${now} where customer_id = 32`,
    )
    await shop.says(`update ${schema}orders set net = net + 1, version = 1000 where order_id = 7`)
    const second = await runs()
    expect(second.result.datasets.map((it) => it.mode)).toEqual(['incremental', 'incremental'])
    expect(roads(second)).toEqual(['pushdown', 'pushdown'])
    expect(customers(second).counts.read).toBeLessThan(ROWS)
    await expectFlawless()

    await shop.says(`delete from ${schema}customers where customer_id in (40, 41)`)
    const third = await runs(['--full'])
    expect(customers(third)).toMatchObject({ mode: 'full', deleted: 2 })
    expect(customers(third).counts).toMatchObject({ read: ROWS - 2, loaded: 0 })
    await expectFlawless()
  })

  test('rows that fail a guard are read one by one, and their slice as a whole where they are many', async () => {
    await setUp(CURSOR, 100)
    // commit.rows of 100 look up one row; the second slice has many.
    await shop.says(
      `update ${schema}customers set born = '0999-01-01' where customer_id in (8, 150, 151, 152, 153)`,
    )
    await shop.says(`update ${schema}customers set born = '0999-01-01' where customer_id = 206`)
    const first = await runs()
    expect(roads(first)).toEqual(['pushdown', 'pushdown'])
    expect(customers(first).counts).toMatchObject({ read: ROWS })
    const rejected = (await listRejects(project)).map((it) => it.sourceId)
    expect(rejected.sort()).toEqual(['151', '152', '153', '206', '8'])
    await expectFlawless()

    const now = name === 'postgres' ? 'clock_timestamp()' : 'utc_timestamp(6)'
    await shop.says(
      `update ${schema}customers set born = '1999-01-01', updated_at = ${now} where customer_id in (8, 151)`,
    )
    await runs()
    expect((await listRejects(project)).map((it) => it.sourceId).sort()).toEqual(['152', '153', '206'])
    await expectFlawless()
  })

  test('both roads write the same rows, and newer is never replaced by older', async () => {
    await setUp()
    await write(CURSOR, 'discard_row')
    const streamed = await runs()
    expect(roads(streamed)).toEqual(['stream', 'stream'])
    const before = await inWarehouse(shop.warehouse, stored)
    await write(CURSOR)
    const copied = await runs(['--full'])
    expect(roads(copied)).toEqual(['pushdown', 'pushdown'])
    expect(customers(copied).counts).toMatchObject({ loaded: 0, superseded: 0 })
    expect(await inWarehouse(shop.warehouse, stored)).toEqual(before)
  })

  test.each(['copied', 'streamed'] as const)(
    'a reading that was %s goes on on the other road',
    async (first) => {
      await setUp('', 50)
      const words = first === 'copied' ? ['evolve', 'discard_row'] : ['discard_row', 'evolve']
      await write('', words[0])
      const killed = await runKilledAt(project, 'K8', 5)
      expect(diedAt(killed, 'K8'), killed.stderr).toBe(true)
      await write('', words[1])
      const resumed = await runs()
      expect(resumed.result.datasets.map((it) => it.mode)).toContain('resume')
      await expectFlawless()
      expect(ids(await shop.show('party')).length).toBe((await truth())['party']!.size)
    },
  )

  test('a kill at any point leaves nothing that the next run does not heal', async () => {
    await setUp()
    const random = seededRandom(seed)
    await shop.says(`update ${schema}customers set born = '0999-01-01' where customer_id = 206`)
    const kill = async (point: FaultPoint, most: number, words: string[] = ['run']) => {
      const pass = 1 + Math.floor(random() * most)
      const killed = await runKilledAt(project, point, pass, words)
      expect(diedAt(killed, point), `${point}:${pass}\n${killed.stdout}\n${killed.stderr}`).toBe(true)
    }
    const trade = () =>
      shop.says(
        `update ${schema}customers set last_name = 'Late ${random()}' where customer_id in (3, 250, 500)`,
      )
    // The first reading appends, and is taken up again after each kill.
    for (const point of ['K9', 'K1', 'K2', 'K4', 'K7', 'K8', 'K6', 'K10'] as const) await kill(point, 1)
    await runs()
    expect(counts(await truth())).toEqual(
      counts({
        party: byId(await shop.show('party')),
        identifier: byId(await shop.show('identifier')),
        sales_order: byId(await shop.show('sales_order')),
      }),
    )
    // The others merge.
    for (const point of ['K3', 'K5', 'K7', 'K8', 'K6'] as const) {
      await trade()
      await kill(point, 4, ['run', '--full'])
    }
    await shop.says(`delete from ${schema}customers where customer_id = 17`)
    await runs(['--full'])
    await expectFlawless()
  })
})

const counts = (truth: Truth) =>
  Object.fromEntries(Object.entries(truth).map(([name, rows]) => [name, rows.size]))

async function stored(session: Parameters<Parameters<typeof inWarehouse>[1]>[0]): Promise<unknown> {
  const parts = await session.query<{ relation: string }>(
    `select relation from ${session.dialect.relation(session.internal, 'parts')} order by 1`,
  )
  const found: unknown[] = []
  for (const { relation } of parts)
    found.push(
      await session.query(
        `select * from ${session.dialect.relation(session.internal, relation)} order by ${session.dialect.quote('id')}`,
      ),
    )
  return JSON.parse(JSON.stringify(found))
}
