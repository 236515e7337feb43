import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, expect, test } from 'vitest'
import type { Field } from '../../core/field.ts'
import type { ReachAsk, Reached, ServerAddress } from '../../core/reach.ts'
import type { Row } from '../../core/value.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { warehouses } from '../../warehouses/index.ts'
import { serverBinaries } from '../support/binaries.ts'
import { freshMysql, freshPostgres, queryAt, type TestDatabase, uniqueName } from '../support/databases.ts'
import { startMariadb } from '../support/mariadb-server.ts'
import { heldByStatement } from '../support/mark.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runReport, runsWell } from '../support/report.ts'
import type { TestServer } from '../support/server-process.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, unifiedRows } from '../support/warehouse.ts'

const PASSWORD = 'only-the-link-5518'

const root = mkdtempSync(join(tmpdir(), 'polder-links-'))
chmodSync(root, 0o755)
/** Servers of the tests' own by role, started when a test first asks for one. */
const servers = new Map<string, Promise<TestServer>>()
function server(role: 'source' | 'warehouse', kind: 'postgres' | 'mysql'): Promise<TestServer> {
  const known = servers.get(role + kind)
  if (known) return known
  const folder = join(root, role + kind)
  mkdirSync(folder, { mode: 0o755 })
  const binaries = serverBinaries(console.info)
  const started =
    kind === 'postgres' ? startPostgres(binaries.postgres, folder) : startMariadb(binaries, folder)
  servers.set(role + kind, started)
  return started
}
afterAll(async () => {
  for (const it of servers.values()) await (await it).stop()
  rmSync(root, { recursive: true, force: true })
})

const pipeline = (load: string, more = '') => `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: customers
    load: ${load}
    where: region = "EU" or region = "US"
    to:
      party:
        kind: { is: person }
        given_name: first_name
        family_name: last_name
        birth_date: born
        employees: points
        created_at: seen
        status:
          from: state
          map: { A: customer, a: lead }
          default: former
${more}      identifier:
        - as: email
          when: $exists(email)
          type: { is: email }
          value: email
`

const ROWS = `
(1, 'a', 'Lovelace', 'ada@example.org', '1815-12-10', 'A', 'EU', 'x', 3, '2026-03-29 02:30:00.123456'),
(2, 'A', 'Hopper ', null, null, 'L', 'US', 'x', 1, null),
(3, null, 'Čapek 😀', repeat('😀', 2048), '1890-01-09', null, 'EU', 'x', 9007199254740993, '2026-01-01 00:00:00'),
(4, 'a ', 'ada ', '', '1990-03-04', 'a', 'EU', 'x', null, '1999-12-31 23:59:59.999999'),
(5, 'Out', 'Of Scope', 'o@example.org', '1990-01-01', 'A', 'eu', 'x', 1, null),
(6, 'Out', 'Of Scope', 'o@example.org', '1990-01-01', 'A', 'EU ', 'x', 1, null)`

/** What a view cannot show as the mapping has it, and a copy rejects. */
const UNFIT = {
  postgres: `(7, 'Early', 'Bird', 'x', '0044-03-15 BC', 'A', 'EU', 'x', 1, null)`,
  mysql: `(7, 'Zero', 'Date', 'x', '0000-00-00', 'A', 'EU', 'x', 1, null),
    (8, 'No', 'Such Day', 'x', '2026-02-30', 'A', 'EU', 'x', 1, null),
    (9, 'Half\\0cut', 'Text', 'x', '2026-02-03', 'A', 'EU', 'x', 1, null),
    (10, 'Too', 'Much', 'x', '2026-02-03', 'A', 'EU', 'x', 18446744073709551615, null)`,
}

const TABLE = {
  postgres: `create table customers (
    customer_id integer primary key, first_name text, last_name varchar(40) not null, email text, born date,
    state char(1), region text, private text, points bigint, seen timestamptz);
    insert into customers values ${ROWS}, ${UNFIT.postgres}`,
  mysql: `create table customers (
    customer_id integer primary key, first_name varchar(200), last_name varchar(40) not null, email varchar(2048), born date,
    state char(1), region varchar(9), private text, points bigint unsigned, seen timestamp(6) null
    ) character set utf8mb4 collate utf8mb4_general_ci;
    set time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES';
    insert into customers values ${ROWS}, ${UNFIT.mysql}`,
}

let warehouse: TestWarehouse
let source: TestDatabase
let project: TestProject | undefined

async function setUp(into: 'postgres' | 'mysql', from: 'postgres' | 'mysql', own = false): Promise<void> {
  const there = await server('source', from)
  warehouse = await freshWarehouse(into, undefined, own ? (await server('warehouse', into)).url : undefined)
  source = await (from === 'postgres' ? freshPostgres('linked', there.url) : freshMysql('linked', there.url))
  await source.query(TABLE[from])
  // FEDERATED reads instants of a server in UTC alone; this machine may be in any zone.
  if (from === 'mysql') await source.query(`set global time_zone = '+00:00'`)
}

/** Through the commands. */
async function setUpProject(from: 'postgres' | 'mysql'): Promise<TestProject> {
  project = await warehouseProject(
    warehouse,
    {
      'config/connections.yaml': `shop_db:\n  connector: ${from}\n  url: \${env:SHOP_DB_URL}\n  password: \${env:SHOP_DB_PASSWORD}\n`,
      'pipelines/shop.yaml': pipeline('direct'),
    },
    { env: { SHOP_DB_URL: source.url, SHOP_DB_PASSWORD: new URL(source.url).password || PASSWORD } },
  )
  return project
}
afterEach(async () => {
  await project?.remove()
  project = undefined
  await warehouse.drop()
  await source.drop()
})

const load = (word: string, more?: string) => project!.write({ 'pipelines/shop.yaml': pipeline(word, more) })
const shown = (): Promise<Record<string, Row[]>> =>
  inWarehouse(warehouse, async (session) => ({
    party: await unifiedRows(session, 'party'),
    identifier: await unifiedRows(session, 'identifier'),
  }))
const inside = <T = Record<string, string>>(sql: string): Promise<T[]> =>
  queryAt<T>(Object.values(warehouse.env)[0]!, sql)

/** A copy, then a link in its place, which shows the same. */
async function goesInPlace(project: TestProject, unfit: number, between = async () => {}): Promise<void> {
  await load('copy')
  expect((await runReport(project)).result.counts).toMatchObject({ rejected: unfit })
  const copied = await shown()
  expect(copied['party']!.map((it) => it['source_id'])).toEqual(['1', '2', '3', '4'])

  await load('direct')
  await between()
  const direct = await runsWell(project)
  expect(direct.result.datasets.map((it) => it.mode)).toEqual(['view'])
  expect(await shown()).toEqual(copied)
  expect(direct.problems.map((it) => it.problem).join()).toContain(`leave out ${unfit} row`)
}

test('PostgreSQL shows a table of another PostgreSQL row for row as a copy would', async () => {
  await setUp('postgres', 'postgres')
  const project = await setUpProject('postgres')
  await goesInPlace(project, 1, async () => {
    const { stdout } = await project.polder(['plan', '--sql'])
    expect(stdout).toContain("password '***'")
    expect(stdout).not.toContain(PASSWORD)
    expect(stdout).toMatch(/party: the source answers filters on given_name, family_name/)
    expect(stdout).toMatch(/party: filters on .*status.* read the source in full/)
    expect(await inside('select 1 from pg_foreign_server')).toEqual([])
  })
  await load('copy')
  expect((await runReport(project)).result.datasets.map((it) => it.mode)).toEqual(['full'])
  expect(await inside('select 1 from pg_foreign_table')).toEqual([])
  expect(await inside('select 1 from pg_foreign_server')).toEqual([])
})

const [fdw] = await queryAt(
  process.env['POLDER_TEST_POSTGRES_URL']!,
  `select 1 from pg_available_extensions where name = 'mysql_fdw'`,
)
if (!fdw)
  console.warn(
    'SKIPPED: PostgreSQL reads MariaDB: mysql_fdw is not installed (Debian: postgresql-15-mysql-fdw).',
  )

test.skipIf(!fdw)('PostgreSQL shows a table of MariaDB row for row as a copy would', async () => {
  await setUp('postgres', 'mysql')
  const project = await setUpProject('mysql')
  await goesInPlace(project, 4)
  // MariaDB would find A and a_ as well.
  expect(await inside(`select source_id from customer.party where given_name = 'a'`)).toEqual([
    { source_id: '1' },
  ])
})

test.skipIf(!fdw)(
  'of a table of MariaDB, PostgreSQL is sent columns alone, and only those it gets whole',
  async () => {
    await setUp('postgres', 'mysql')
    const fields = [
      field('customer_id', 'integer', 'int(11)'),
      field('points', 'integer', 'bigint(20) unsigned'),
      field('email', 'text', 'varchar(2048)'),
      field('first_name', 'text', 'varchar(2049)'),
      field('private', 'text'),
    ]
    const { password } = new URL(source.url)
    const there = {
      kind: 'mysql',
      schema: source.name,
      password,
      withMark: <T>(look: (mark: bigint) => Promise<T>) => heldByStatement(source, look),
    } as const
    await inWarehouse(warehouse, async (session) => {
      await session.prepare()
      const { relation, columns, steps } = await session.reach(askFor(there, { fields }))
      expect(columns!.filter((it) => it.stored).map((it) => it.name)).toEqual([
        'customer_id',
        'points',
        'email',
      ])
      await session.ddl(steps!)
      const found = (sql: string) => session.query(`select ${sql} from ${relation} order by customer_id`)
      const halved = `select customer_id from ${relation} where customer_id / 2 = 1 order by customer_id`
      expect((await session.query(halved)).map((it) => it['customer_id'])).toEqual([2, 3])
      const sound = columns!.find((it) => it.name === 'points')!.sound!
      const rows = await found(`points, "${sound}" as sound, octet_length(email) as bytes`)
      expect(rows[2]).toEqual({ points: '9007199254740993', sound: true, bytes: 8192 })
      expect(rows[9]).toMatchObject({ points: null, sound: false })
      const elsewhere = await session.reach(askFor({ ...there, withMark: (look) => look(1n) }, { fields }))
      expect(elsewhere.because).toMatch(/is not the source's server/)
    })
  },
)

test('MariaDB shows a table of another MariaDB row for row as a copy would', async () => {
  await setUp('mysql', 'mysql', true)
  await source.query(
    `create user reader identified by 'first-4471'; grant select on ${source.name}.* to reader`,
  )
  const url = new URL(source.url)
  url.username = 'reader'
  url.password = 'first-4471'
  source.url = url.href
  const project = await setUpProject('mysql')
  await inside(`install soname 'ha_federatedx'`)
  try {
    await goesInPlace(project, 4)
    const before = await shown()
    await inWarehouse(warehouse, async (session) => {
      const there = { kind: 'mysql', schema: source.name, password: 'first-4471' } as const
      const because = async (changes: Partial<ServerAddress>) =>
        (
          await session.reach(
            askFor({
              ...there,
              withMark: <T>(look: (mark: bigint) => Promise<T>) => heldByStatement(source, look),
              ...changes,
            }),
          )
        ).because
      expect(await because({ port: 1 })).toMatch(/cannot connect to 127.0.0.1:1, or is refused there/)
      expect(await because({ password: 'wrong-one' })).toMatch(/cannot connect to .*, or is refused there/)
      expect(await because({ withMark: (look) => look(1n) })).toMatch(/is not the source's server/)
      expect(await because({ ssl: { rejectUnauthorized: true } })).toMatch(/does not encrypt/)
    })
    await source.query(`alter user reader identified by 'second-5582'`)
    project.env['SHOP_DB_PASSWORD'] = 'second-5582'
    await runsWell(project)
    expect(await shown()).toEqual(before)
    await inWarehouse(warehouse, async (session) =>
      session.ddl(await session.unusedLinkSteps('shop.customers')),
    )
    const tables = `select table_name from information_schema.tables where table_schema = '${warehouse.internal}'`
    expect(await inside(`${tables} and table_name like '%link%'`)).toEqual([])
    expect(await inside('select Server_name from mysql.servers')).toEqual([])
  } finally {
    await source.query('drop user reader')
    await inside(`uninstall soname 'ha_federatedx'`)
  }
})

test('MariaDB without FEDERATED says what an administrator must do', async () => {
  await setUp('mysql', 'mysql')
  await inWarehouse(warehouse, async (session) => {
    await session.prepare()
    const { because, remedy } = await session.reach(
      askFor({ kind: 'mysql', schema: source.name, withMark: (look) => look(1n) }),
    )
    expect(because).toBe("the warehouse's server does not have the engine FEDERATED")
    expect(remedy).toContain("install soname 'ha_federatedx'")
  })
})

/** The source as its connector would tell it, for asking a session alone. */
function askFor(changes: Partial<ServerAddress> = {}, more: Partial<ReachAsk> = {}): ReachAsk {
  const url = new URL(source.url)
  const address: ServerAddress = {
    kind: 'postgres',
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: url.username,
    password: PASSWORD,
    ssl: false,
    schema: 'public',
    name: 'customers',
    withMark: (look) => held(url.href, look),
    ...changes,
  }
  const fields = [field('customer_id', 'integer'), field('first_name', 'text')]
  return {
    connection: 'shop_db',
    address,
    fields,
    links: true,
    thorough: true,
    dataset: 'shop.customers',
    ...more,
  }
}

const field = (name: string, type: 'integer' | 'text', sourceType: string = type): Field => ({
  name,
  type,
  sourceType,
  nullable: true,
})

async function held<T>(url: string, look: (mark: bigint) => Promise<T>): Promise<T> {
  const mark = 77n + BigInt(Date.now())
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(`begin; select pg_advisory_xact_lock_shared(${mark})`)
    return await look(mark)
  } finally {
    await client.end()
  }
}

/** Makes the link and a view over it, as a run does: views give texts the warehouse's own collation. */
async function make(session: WarehouseSession, reached: Reached): Promise<void> {
  await session.ddl([
    ...reached.steps!,
    {
      name: 'view',
      sql: `create or replace view public.people as select customer_id, cast(first_name as text) collate "default" as first_name from ${reached.relation}`,
      always: true,
    },
  ])
  await session.ddl(await session.unusedLinkSteps('shop.customers', reached.links))
}

const stepNames = ({ steps = [] }: Reached): string[] =>
  steps.map((it) => it.name.replace(/_*[0-9a-f]{16}$/, ''))

test('a link follows password, columns and types, and leaves nothing behind', async () => {
  await setUp('postgres', 'postgres')
  await inWarehouse(warehouse, async (session) => {
    await session.prepare()
    const first = await session.reach(askFor())
    expect(stepNames(first)).toEqual([
      'create extension postgres_fdw',
      'create server polder__shop_db',
      'create user mapping of polder__shop_db',
      'create link link__shop__customers',
    ])
    expect(await inside('select 1 from pg_foreign_server')).toEqual([])
    expect(JSON.stringify(await session.pending(first.steps!))).not.toContain(PASSWORD)
    await make(session, first)
    expect(stepNames(await session.reach(askFor()))).toEqual([])
    expect(await session.query('select count(*)::int as count from public.people')).toEqual([{ count: 7 }])

    const changed = await session.reach(askFor({ password: 'another-one-3' }))
    expect(stepNames(changed).slice(1)).toEqual(['create user mapping of polder__shop_db'])
    await make(session, changed)

    // What reads the view goes on reading: the new link stands beside the old one until it is in its place.
    const fields = [field('customer_id', 'integer', 'bigint'), field('first_name', 'text')]
    const typed = await session.reach(askFor({ password: 'another-one-3' }, { fields }))
    expect(stepNames(typed)).toEqual(['create link link__shop__customers'])
    await session.ddl([{ name: 'view', sql: 'drop view public.people', always: true }])
    await make(session, typed)
    expect(await inside('select foreign_table_name from information_schema.foreign_tables')).toHaveLength(1)

    const ledger = await inside(`select * from ${warehouse.internal}.ledger`)
    expect(JSON.stringify(ledger)).not.toContain('another-one')
    await session.ddl([{ name: 'view', sql: 'drop view public.people', always: true }])
    await session.ddl(await session.unusedLinkSteps('shop.customers'))
    expect(await inside('select 1 from pg_foreign_server')).toEqual([])
  })
})

test('two datasets of one connection share a server, which goes with the last link', async () => {
  await setUp('postgres', 'postgres')
  await inWarehouse(warehouse, async (session) => {
    await session.prepare()
    const long = `shop.${'c'.repeat(38)}_a`
    const other = `shop.${'c'.repeat(38)}_b`
    for (const dataset of [long, other])
      await session.ddl((await session.reach(askFor({}, { dataset }))).steps!)
    const names = await inside<{ name: string }>(
      'select foreign_table_name as name from information_schema.foreign_tables',
    )
    expect(new Set(names.map((it) => it.name)).size).toBe(2)
    const servers = () => inside('select srvname from pg_foreign_server')
    await session.ddl(await session.unusedLinkSteps(long))
    expect(await servers()).toHaveLength(1)
    await session.ddl(await session.unusedLinkSteps(other))
    expect(await servers()).toHaveLength(0)
  })
})

const LOOKED_UP = `create table teams (nr bigint primary key, title varchar(40), weight decimal(9, 2));
  insert into teams values (1, 'One', 1.5), (3, 'Three', null), (9, 'Nine', 1);
  create table visits (customer_id integer, nr integer, cost decimal(9, 2), primary key (customer_id, nr));
  insert into visits values (1, 1, 10.10), (1, 2, null), (3, 1, 0.05), (9, 1, 5)`

const lookingUp = (load: string) => `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: customers
    load: ${load}
    where: customer_id < 7
    with:
      visited: { from: visits, on: customer_id, key: customer_id, many: true }
      team: { from: teams, on: customer_id }
    to:
      party:
        kind: { is: person }
        given_name: first_name
        family_name: team.title
        attributes:
          weight: team.weight
          visits: $count(visited)
          cost: $decimal($sum(visited.cost))
  teams:
    from: teams
    load: ${load}
    to:
      party:
        kind: { is: organisation }
        full_name: title
`

test.each([
  ['postgres', 'postgres'],
  ['mysql', 'mysql'],
  ...(fdw ? [['postgres', 'mysql'] as const] : []),
] as const)(
  '%s joins what is looked up on another server (%s), and a server is made once for all',
  async (into, from) => {
    await setUp(into, from, into === 'mysql')
    await source.query(LOOKED_UP)
    // In a server of the test's own, which is stopped at the end.
    if (into === 'mysql') await inside(`install soname 'ha_federatedx'`)
    const project = await setUpProject(from)
    const write = (word: string) => project.write({ 'pipelines/shop.yaml': lookingUp(word) })
    await write('copy')
    await runsWell(project)
    const copied = await shown()
    expect(copied['party']!.filter((it) => it['kind'] === 'person').map((it) => it['family_name'])).toEqual([
      'One',
      null,
      'Three',
      null,
      null,
      null,
    ])
    await write('direct')
    const direct = await runsWell(project)
    expect(direct.result.datasets.map((it) => it.mode)).toEqual(['view', 'view'])
    expect(await shown()).toEqual(copied)
    const links = () =>
      inside<{ name: string }>(
        into === 'postgres'
          ? 'select foreign_table_name::text as name from information_schema.foreign_tables'
          : `select table_name as name from information_schema.tables where table_schema = '${warehouse.internal}' and table_name like 'link%'`,
      )
    expect(await links()).toHaveLength(4)
    // A look-up that is used no more takes its link with it.
    await project.write({
      'pipelines/shop.yaml': lookingUp('direct')

        .replace(/ +visited: .*\n/, '')
        .replace(/ +visits: .*\n +cost: .*\n/, ''),
    })
    await runsWell(project)
    expect(await links()).toHaveLength(3)
    if (into === 'mysql') await inside(`uninstall soname 'ha_federatedx'`)
  },
)

test('an analyst reads through the view and not through the link', async () => {
  await setUp('postgres', 'postgres')
  const analyst = uniqueName('analyst')
  await inWarehouse(warehouse, async (session) => {
    await session.prepare()
    await make(session, await session.reach(askFor()))
    await inside(`create role ${analyst}; grant select on public.people to ${analyst}`)
    try {
      const asAnalyst = (sql: string) => inside(`set role ${analyst}; ${sql}`)
      expect(await asAnalyst('select count(*) as count from public.people')).toEqual([{ count: '7' }])
      const [link] = await inside<{ name: string }>(
        `select foreign_table_schema || '.' || foreign_table_name as name from information_schema.foreign_tables`,
      )
      await expect(asAnalyst(`select 1 from ${link!.name}`)).rejects.toThrow(/permission denied/)
      const secrets = await asAnalyst(
        `select coalesce(umoptions::text, '') || pg_get_viewdef('public.people'::regclass) as text from pg_user_mappings`,
      )
      expect(JSON.stringify(secrets)).not.toContain(PASSWORD)
    } finally {
      await inside(`drop owned by ${analyst}; drop role ${analyst}`)
    }
  })
})

test('what stands in the way of a link is said with what an administrator must do', async () => {
  await setUp('postgres', 'postgres')
  const role = uniqueName('plain')
  const url = new URL(Object.values(warehouse.env)[0]!)
  await inside(`create role ${role} login; grant create on database ${url.pathname.slice(1)} to ${role}`)
  url.username = role
  const kind = warehouses.find((it) => it.name === 'postgres')!
  const { schema, internal } = warehouse
  const session = await kind.open({ options: { url: url.href }, root: '/', schema, internal })
  try {
    await session.prepare()
    const refused = async (ask: ReachAsk) => {
      const { how, because, remedy } = await session.reach(ask)
      expect(how).toBe('none')
      return `${because}; ${remedy}`
    }
    expect(await refused(askFor({ password: undefined }))).toMatch(
      /only superusers .*give the connection a password/,
    )
    expect(await refused(askFor())).toMatch(
      /may not create the extension.*create extension postgres_fdw; grant usage/,
    )
    await inside('create extension postgres_fdw')
    expect(await refused(askFor())).toContain(
      `grant usage on foreign data wrapper postgres_fdw to "${role}";`,
    )
    await inside(`grant usage on foreign data wrapper postgres_fdw to ${role}`)
    // The test's source trusts everybody, and a link of no superuser must be asked for its password.
    expect(await refused(askFor())).toMatch(/does not work: password.* required/)
  } finally {
    await session.close()
    await warehouse.drop()
    await queryAt(process.env['POLDER_TEST_POSTGRES_URL']!, `drop role ${role}`)
  }
})

test('a server that is away, another one of that name and a table that is gone are told apart', async () => {
  await setUp('postgres', 'postgres')
  await inWarehouse(warehouse, async (session) => {
    await session.prepare()
    const because = async (ask: ReachAsk) => (await session.reach(ask)).because
    expect(await because(askFor({ port: 1 }))).toMatch(
      /127.0.0.1:1 does not work: could not connect .*refused/,
    )
    const own = new URL(Object.values(warehouse.env)[0]!)
    const mistaken = await session.reach(
      askFor({ port: Number(own.port), database: own.pathname.slice(1), user: own.username }),
    )
    expect(mistaken.because).toMatch(/is not the source's server/)
    expect(mistaken.remedy).toMatch(/127.0.0.1 means itself/)
    expect(await because(askFor({ name: 'gone' }))).toMatch(/relation "public.gone" does not exist/)
    expect(await because(askFor({}, { fields: [field('nobody', 'text')] }))).toMatch(
      /column "nobody" does not exist/,
    )
    expect(await because(askFor({}, { links: false }))).toBe('its table lies on another server')
    expect(await inside('select 1 from pg_foreign_server')).toEqual([])
  })
})

test('filters on a union reach the other server only where it compares as the warehouse does', async () => {
  await setUp('postgres', 'postgres')
  await inWarehouse(warehouse, async (session) => {
    await session.prepare()
    const sent = async (collation: string) => {
      const reached = await session.reach(askFor({ collations: async () => ({ first_name: collation }) }))
      await make(session, reached)
      await inside('create table if not exists public.copied (customer_id integer, first_name text)')
      const union = `select * from (select * from public.people union all select * from public.copied) u where first_name = 'a'`
      const plan = await inside<{ 'QUERY PLAN': string }>(`explain (verbose, costs off) ${union}`)
      expect(await inside(union)).toEqual([{ customer_id: '1', first_name: 'a' }])
      return plan.map((it) => it['QUERY PLAN']).join('\n')
    }
    const [own] = await inside<{ name: string }>(
      `select 'c ' || datcollate as name from pg_database where datname = current_database()`,
    )
    expect(await sent(own!.name)).toMatch(/Remote SQL: .*WHERE \(\(first_name = 'a'(::text)?\)\)/)
    await inside('drop view public.people')
    expect(await sent('?')).not.toMatch(/Remote SQL: .*WHERE/)
  })
})

test('a link that is down fails the query with the words of its server, and planning says why', async () => {
  await setUp('postgres', 'postgres')
  await inWarehouse(warehouse, async (session) => {
    await session.prepare()
    await make(session, await session.reach(askFor()))
    const there = (await server('source', 'postgres')).url
    await queryAt(there, `alter database ${source.name} allow_connections false`)
    try {
      await expect(inside('select * from public.people')).rejects.toThrow(/could not connect to server/)
      const { how, because } = await session.reach(askFor({ withMark: (look) => held(there, look) }))
      expect(how).toBe('none')
      expect(because).toMatch(/does not work: could not connect .*not currently accepting connections/)
    } finally {
      await queryAt(there, `alter database ${source.name} allow_connections true`)
    }
  })
})
