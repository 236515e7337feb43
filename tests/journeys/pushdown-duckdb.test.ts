import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import { copyStand } from '../support/copies.ts'
import { diedAt, runKilledAt } from '../support/kill.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import { type TestWarehouse, warehouseAt } from '../support/warehouse.ts'

const ROWS = 300

/** Rows 75 and 76 are left to JavaScript. */
const TABLE = `create schema if not exists shop;
create table shop.customers (customer_id bigint primary key, first_name varchar, born date, email varchar, price decimal(18, 3),
  seen timestamp with time zone, region varchar, version bigint not null);
insert into shop.customers
  select n, case when n % 7 > 0 then 'Ada "' || n || chr(10) || '😀' end, date '1950-01-01' + cast(n as integer),
    case when n % 3 > 0 then 'a' || n || '@example.org' end, n / 8, timestamptz '2026-03-29 01:30:00.123456+00' + to_hours(cast(n as integer)),
    case when n % 11 > 0 then 'EU' else 'AF' end, n
  from range(1, ${ROWS + 1}) t(n);
update shop.customers set first_name = 'half' || chr(0) || 'cut' where customer_id = 75;
update shop.customers set born = '0044-03-15' where customer_id = 76`

const pipeline = (contract = 'evolve', cursor = '    cursor: version\n    lookback: 5\n') => `pipeline: shop
connection: source
contract: ${contract}
datasets:
  customers:
    from: shop.customers
    load: copy
${cursor}    where: region = "EU"
    to:
      party:
        kind: { is: person }
        full_name: first_name
        birth_date: born
        created_at: seen
        attributes: { price: price }
      identifier:
        - as: email
          when: $exists(email)
          type: { is: email }
          value: email
`

describe.each([
  ["the warehouse's own file", 'warehouse.duckdb'],
  ['another DuckDB file', 'other.duckdb'],
])('from %s', (_, file) => {
  let project: TestProject
  let warehouse: TestWarehouse
  beforeEach(async () => {
    project = await emptyProject()
    warehouse = warehouseAt(join(project.root, 'data', 'warehouse.duckdb'))
    await project.write({
      'data/.keep': '',
      'polder.yaml': `${warehouse.yaml}timezone: UTC\ncommit:\n  rows: 60\n`,
      'config/connections.yaml': `source:\n  connector: duckdb\n  path: ./data/${file}\n`,
      'pipelines/shop.yaml': pipeline(),
    })
    await says(TABLE)
  })
  afterEach(() => project.remove())

  const says = (sql: string) => makeFile(join(project.root, 'data', file), sql)
  const write = (...words: Parameters<typeof pipeline>) =>
    project.write({ 'pipelines/shop.yaml': pipeline(...words) })
  const { polder, run, shown } = copyStand(() => ({ project, warehouse }))

  test('a copy inside the warehouse gives what the stream gives: first, incremental and full', async () => {
    const [planned] = (await polder((it) => it.plan([]))).datasets
    expect(planned!.road, planned!.because.join('; ')).toBe('pushdown')
    const first = await run()
    expect(first).toMatchObject({ road: 'pushdown', mode: 'full' })
    expect(first.counts).toMatchObject({ read: ROWS, rejected: 2, filtered: Math.floor(ROWS / 11) })
    const copied = await shown()
    expect(copied[0]!.length).toBe(first.counts.loaded)
    await write('discard_row')
    const streamed = await run(true)
    expect(streamed).toMatchObject({ road: 'stream', counts: { read: ROWS, loaded: 0, rejected: 2 } })
    expect(await shown()).toEqual(copied)

    await write()
    await says(`update shop.customers set email = null, version = 1000 where customer_id = 10;
      update shop.customers set region = 'AF', version = 1001 where customer_id = 12;
      update shop.customers set born = '1944-03-15', version = 1002 where customer_id = 76`)
    const second = await run()
    expect(second).toMatchObject({ road: 'pushdown', mode: 'incremental' })
    expect(second.counts.read).toBeLessThan(20)
    await says('delete from shop.customers where customer_id in (20, 21)')
    const third = await run(true)
    expect(third).toMatchObject({
      road: 'pushdown',
      mode: 'full',
      deleted: 2,
      counts: { read: ROWS - 2, loaded: 0 },
    })
    const changed = await shown()
    expect(changed[0]!.map((it) => it['source_id'])).toContain('76')
    await write('discard_row')
    expect((await run(true)).counts.loaded).toBe(0)
    expect(await shown()).toEqual(changed)
  })

  test('one that is killed goes on where it was', async () => {
    await write('evolve', '')
    const killed = await runKilledAt(project, 'K8', 3)
    expect(diedAt(killed, 'K8'), killed.stderr).toBe(true)
    const resumed = await run()
    expect(resumed).toMatchObject({ road: 'pushdown', mode: 'resume' })
    expect(resumed.counts.read).toBeLessThan(ROWS)
    const copied = await shown()
    await write('discard_row', '')
    expect((await run(true)).counts).toMatchObject({ read: ROWS, loaded: 0 })
    expect(await shown()).toEqual(copied)
  })
})
