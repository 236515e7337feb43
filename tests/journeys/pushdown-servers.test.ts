import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyStand } from '../support/copies.ts'
import {
  freshMysql,
  freshPostgres,
  heldSession,
  type TestDatabase,
  uniqueName,
} from '../support/databases.ts'
import { extensionFolder } from '../support/extensions.ts'
import { diedAt, runKilledAt } from '../support/kill.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import { type TestWarehouse, warehouseAt } from '../support/warehouse.ts'

const folder = extensionFolder(
  ['postgres_scanner', 'mysql_scanner'],
  'copies of PostgreSQL and MariaDB inside DuckDB',
)
const ROWS = 300

/** Rows 75 and 76 are left to JavaScript. */
const TABLES = {
  postgres: `
create table groups (group_id integer primary key, title text);
create table customers (customer_id bigint primary key, first_name text, born date, email varchar(80), price numeric(18, 3),
  seen timestamptz, region text, group_id integer, version bigint not null);
insert into groups values (1, 'Bread'), (2, 'Käse');
insert into customers
  select n, case when n % 7 > 0 then 'Ada "' || n || chr(10) || '😀' end, date '1950-01-01' + n,
    case when n % 3 > 0 then 'a' || n || '@example.org' end, n / 8.0, timestamptz '2026-03-29 01:30:00.123456+00' + n * interval '1 hour',
    case when n % 11 > 0 then 'EU' else 'AF' end, n % 3, n
  from generate_series(1, ${ROWS}) n;
update customers set price = 'NaN' where customer_id = 75;
update customers set born = '0044-03-15' where customer_id = 76`,
  mysql: `
set sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00';
create table \`groups\` (group_id integer primary key, title text);
create table customers (customer_id bigint primary key, first_name text, born date, email varchar(80), price decimal(18, 3),
  seen timestamp(6) null, region text, group_id integer, version bigint not null);
insert into \`groups\` values (1, 'Bread'), (2, 'Käse');
insert into customers
  select seq, if(seq % 7 > 0, concat('Ada "', seq, char(10 using utf8mb4), '😀'), null), date_add('1950-01-01', interval seq day),
    if(seq % 3 > 0, concat('a', seq, '@example.org'), null), seq / 8, timestampadd(hour, seq, '2026-03-29 01:30:00.123456'),
    if(seq % 11 > 0, 'EU', 'AF'), seq % 3, seq
  from seq_1_to_${ROWS};
update customers set first_name = concat('half', char(0 using utf8mb4), 'cut') where customer_id = 75;
update customers set born = '0000-00-00' where customer_id = 76`,
}

/** A number that is none is taken as text, among other attributes. */
const REJECTED = { postgres: 1, mysql: 2 }

const pipeline = (from: string, contract: string, cursor: string, load: string) => `pipeline: shop
connection: source
contract: ${contract}
datasets:
  customers:
    from: ${from}customers
    load: ${load}
${cursor}    where: region = "EU"
    with:
      group:
        from: ${from}groups
        on: group_id
    to:
      party:
        kind: { is: person }
        full_name: first_name
        birth_date: born
        job_title: group.title
        created_at: seen
        attributes: { price: price }
      identifier:
        - as: email
          when: $exists(email)
          type: { is: email }
          value: email
`
const BY_VERSION = '    cursor: version\n    lookback: 0\n'
const BY_INSTANT = '    cursor: seen\n'

describe.skipIf(folder === undefined).each(['postgres', 'mysql'] as const)('from %s', (name) => {
  const from = name === 'postgres' ? 'public.' : ''
  const account = uniqueName('reader')
  const password = `pass-${account}`
  let source: TestDatabase
  let project: TestProject
  let warehouse: TestWarehouse

  beforeEach(async () => {
    source = name === 'postgres' ? await freshPostgres('shop') : await freshMysql('shop')
    await source.query(TABLES[name])
    project = await emptyProject({ SOURCE_URL: await readerUrl() })
    warehouse = warehouseAt(join(project.root, 'data', 'warehouse.duckdb'))
    await project.write({
      'data/.keep': '',
      'polder.yaml': `${warehouse.yaml}  extension_directory: ${folder}\ntimezone: UTC\ncommit:\n  rows: 60\n`,
      'config/connections.yaml': `source:\n  connector: ${name}\n  url: \${env:SOURCE_URL}\n`,
    })
    await write()
  })
  afterEach(async () => {
    await project.remove()
    if (name === 'postgres') await source.query(`drop owned by ${account}; drop role ${account}`)
    else await source.query(`drop user ${account}`)
    await source.drop()
  })

  /** Of an account with a password that stands nowhere else. */
  async function readerUrl(): Promise<string> {
    await source.query(
      name === 'postgres'
        ? `create role ${account} login password '${password}'; grant select on all tables in schema public to ${account}`
        : `create user ${account} identified by '${password}'; grant select on ${source.name}.* to ${account}; grant process on *.* to ${account}`,
    )
    return source.url.replace(/\/\/[^@]*@/, `//${account}:${password}@`)
  }
  const write = (contract = 'evolve', cursor = BY_VERSION, load = 'copy') =>
    project.write({ 'pipelines/shop.yaml': pipeline(from, contract, cursor, load) })
  const { polder, run, shown } = copyStand(() => ({ project, warehouse }))
  /** The stream comes to the same, and has nothing to write. */
  async function expectTheStreamsRows(cursor?: string): Promise<void> {
    const copied = await shown()
    await write('discard_row', cursor)
    expect(await run(true)).toMatchObject({
      road: 'stream',
      counts: { loaded: 0, rejected: expect.any(Number) },
    })
    expect(await shown()).toEqual(copied)
    await write('evolve', cursor)
  }

  test('a copy inside the warehouse gives what the stream gives: first, incremental and full', async () => {
    await write('evolve', BY_VERSION, 'auto')
    const [planned] = (await polder((it) => it.plan([]))).datasets
    expect(planned!.road, planned!.because.join('; ')).toBe('pushdown')
    expect(planned!.because.join()).toContain(`${name}_scanner reads its table`)
    const first = await run()
    expect(first).toMatchObject({ road: 'pushdown', mode: 'full' })
    expect(first.counts).toMatchObject({
      read: ROWS,
      rejected: REJECTED[name],
      filtered: Math.floor(ROWS / 11),
    })

    await source.query(`update customers set email = null, version = 1000 where customer_id = 10;
      update customers set region = 'AF', version = 1001 where customer_id = 12;
      update customers set born = '1944-03-15', version = 1002 where customer_id = 76`)
    const second = await run()
    expect(second).toMatchObject({ road: 'pushdown', mode: 'incremental' })
    expect(second.counts.read).toBeLessThan(20)
    await source.query('delete from customers where customer_id in (20, 21)')
    expect(await run(true)).toMatchObject({
      road: 'pushdown',
      mode: 'full',
      deleted: 2,
      counts: { read: ROWS - 2, loaded: 0 },
    })
    expect((await shown())[0]!.map((it) => it['source_id'])).toContain('76')
    await expectTheStreamsRows()
  })

  test('by an instant, too; what is committed late is not lost', async () => {
    await write('evolve', BY_INSTANT)
    expect(await run()).toMatchObject({ road: 'pushdown', mode: 'full', counts: { read: ROWS } })
    await expectTheStreamsRows(BY_INSTANT)
    await write()
    await run(true)
    const late = await heldSession(source.url)
    try {
      await late.run(name === 'postgres' ? 'begin' : 'start transaction')
      await late.run(`update customers set email = 'late@example.org', version = 2000 where customer_id = 30`)
      await source.query(
        `update customers set email = 'early@example.org', version = 2001 where customer_id = 31`,
      )
      await run()
      await late.run('commit')
    } finally {
      await late.end()
    }
    expect(await run()).toMatchObject({ road: 'pushdown', mode: 'incremental' })
    const mails = (await shown())[1]!.filter((it) => /:3[01]#/.test(String(it['id'])))
    expect(mails.map((it) => [it['source_id'], it['value']])).toEqual([
      ['30', 'late@example.org'],
      ['31', 'early@example.org'],
    ])
  })

  test('one that is killed goes on where it was, and nowhere does the password stay', async () => {
    await write('evolve', '')
    const killed = await runKilledAt(project, 'K8', 3)
    expect(diedAt(killed, 'K8'), killed.stderr).toBe(true)
    for (const file of await readdir(join(project.root, 'data')))
      expect((await readFile(join(project.root, 'data', file))).includes(password), file).toBe(false)
    const resumed = await run()
    expect(resumed).toMatchObject({ road: 'pushdown', mode: 'resume' })
    expect(resumed.counts.read).toBeLessThan(ROWS)
    const planned = JSON.stringify(await polder((it) => it.plan([])))
    expect(planned + killed.stdout + killed.stderr).not.toContain(password)
    expect((await readFile(join(project.root, 'data', 'warehouse.duckdb'))).includes(password)).toBe(false)
    await expectTheStreamsRows('')
  })

  test('with load: direct it is refused, and said why', async () => {
    await write('evolve', '', 'direct')
    const { problems } = await polder((it) => it.plan([]))
    const found = problems.find((it) => it.code === 'E340')
    expect(found?.problem).toContain('which lives in one process')
    expect(found?.remedy).toContain('load: auto')
  })

  test('a look-up by values of which not every one comes takes the stream', async () => {
    await write()
    const text = await readFile(join(project.root, 'pipelines', 'shop.yaml'), 'utf8')
    await project.write({ 'pipelines/shop.yaml': text.replace('on: group_id', 'on: price') })
    const [planned] = (await polder((it) => it.plan([]))).datasets
    expect(planned).toMatchObject({ road: 'stream' })
    expect(planned!.because.join()).toContain('not every value of "price"')
  })
})
