import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { stream } from '../../connectors/postgres/connection.ts'
import type { DatasetRun } from '../../core/report.ts'
import { serverBinaries } from '../support/binaries.ts'
import { copyStand } from '../support/copies.ts'
import { freshPostgres, heldSession, queryAt, type TestDatabase, withDatabase } from '../support/databases.ts'
import { extensionFolder } from '../support/extensions.ts'
import { claimFolder } from '../support/leftovers.ts'
import { pgbouncer, startPgbouncer } from '../support/pgbouncer.ts'
import { startPostgres, startStandby } from '../support/postgres-server.ts'
import { emptyProject, type TestProject } from '../support/project.ts'
import type { TestServer } from '../support/server-process.ts'
import { freshWarehouse, openKind, type TestWarehouse } from '../support/warehouse.ts'

const ROWS = 300
const TABLE = `create table customers (id integer primary key, name text, changed timestamptz not null default now(), version integer not null);
insert into customers select n, 'Ada ' || n, timestamptz '2026-01-01' + n * interval '1 minute', n from generate_series(1, ${ROWS}) n`

/** A standby does not tell when transactions began that have only read so far. */
const LOOKBACK = { version: '0', changed: '0s', changed_at_standby: '10m' }
type Cursor = 'version' | 'changed' | 'changed_at_standby'

const pipeline = (cursor: Cursor, load = 'copy') => `pipeline: shop
connection: source
datasets:
  customers:
    from: public.customers
    load: ${load}
    cursor: ${cursor.split('_')[0]}
    lookback: ${LOOKBACK[cursor]}
    to:
      party:
        kind: { is: person }
        full_name: name
        attributes: { price: version }
`

const place = { schema: 'customer', internal: 'polder' }
const opened = (url: string): Promise<string> =>
  openKind('postgres', place, { url }).then(
    async (it) => {
      try {
        await it.prepare()
        return 'ok'
      } finally {
        await it.close()
      }
    },
    (error: Error) => error.message,
  )
const prepared = (url: string) => opened(url).catch((error: Error) => error.message)

let project: TestProject
let warehouse: TestWarehouse
const { polder, run, shown } = copyStand(() => ({ project, warehouse }))
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

let root: string
beforeAll(() => {
  root = claimFolder()
})
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))

/** A project that reads the source at a url. */
async function reads(url: string, more = '', into?: TestWarehouse): Promise<void> {
  warehouse = into ?? (await freshWarehouse('duckdb'))
  project = await emptyProject({ ...warehouse.env, SOURCE_URL: url })
  cleanups.push(warehouse.drop, project.remove)
  await project.write({
    'polder.yaml': `${warehouse.yaml}${more}timezone: UTC\ncommit:\n  rows: 60\n`,
    'config/connections.yaml': 'source:\n  connector: postgres\n  url: ${env:SOURCE_URL}\n',
    'pipelines/shop.yaml': pipeline('version'),
  })
}

const names = async () =>
  new Map((await shown())[0]!.map((it) => [String(it['source_id']), String(it['full_name'])]))

/** By both kinds of cursor: what a transaction commits late, which began before a reading and writes after it, is read all the same. */
async function losesNothing(
  source: TestDatabase,
  writer: string,
  cursor: Cursor,
  arrived = () => Promise.resolve(),
): Promise<DatasetRun> {
  await project.write({ 'pipelines/shop.yaml': pipeline(cursor) })
  expect(await run()).toMatchObject({ mode: 'full', counts: { read: ROWS, loaded: ROWS } })
  const late = await heldSession(writer)
  try {
    await late.run('begin')
    // Its time is fixed here, and it has written nothing.
    await late.run('select now()')
    if (cursor === 'version')
      await late.run(`update customers set name = 'late', version = 1000 where id = 7`)
    await source.query(`update customers set name = 'early', changed = now(), version = 1001 where id = 8`)
    await arrived()
    await run()
    if (cursor !== 'version')
      await late.run(`update customers set name = 'late', changed = now() where id = 7`)
    await late.run('commit')
  } finally {
    await late.end()
  }
  await arrived()
  const last = await run()
  expect(last.mode).toBe('incremental')
  const found = await names()
  expect([found.get('7'), found.get('8')]).toEqual(['late', 'early'])
  return last
}

const bouncer = pgbouncer('readings through PgBouncer')

describe.skipIf(bouncer === undefined)('PgBouncer', () => {
  let pooler: TestServer
  let source: TestDatabase
  let through: string
  const server = () => process.env['POLDER_TEST_POSTGRES_URL']!
  beforeAll(async () => {
    pooler = await startPgbouncer(bouncer!, root, server(), { pool_mode: 'transaction' })
  })
  afterAll(() => pooler?.stop())
  beforeEach(async () => {
    source = await freshPostgres('shop')
    await source.query(TABLE)
    through = withDatabase(pooler.url, source.name)
    cleanups.push(source.drop)
  })

  test('with shared sessions, a source is read and nothing is lost', async () => {
    await reads(through)
    // A writer that names itself nothing gets the session that was used last.
    await losesNothing(source, through, 'changed')
  })

  test('a session goes back as it was', async () => {
    await reads(through)
    const settings = `select name, setting from pg_settings where source = 'session' and name <> 'client_encoding' order by name`
    await queryAt(through, 'select 1 as one')
    const before = await queryAt(through, settings)
    await run()
    expect(await queryAt(through, settings)).toEqual(before)
    expect(await opened(through)).toMatch(/^E617: /)
    expect(await queryAt(through, settings)).toEqual(before)
  })

  test('a reading that is stopped ends at the server, whose process the pooler does not tell', async () => {
    const { hostname, port, username } = new URL(through)
    const address = {
      host: hostname,
      port: Number(port),
      user: username,
      database: source.name,
      ssl: false as const,
    }
    const stop = new AbortController()
    const rows = stream(
      { address, statementTimeoutSeconds: 0 },
      { sql: 'select pg_sleep(60)', binds: [] },
      stop.signal,
    )
    const reading = rows.next().catch(() => 'stopped')
    const asleep = async () =>
      (
        await source.query(
          `select 1 from pg_stat_activity where state = 'active' and query like 'copy (select pg_sleep(60)%'`,
        )
      ).length
    await expect.poll(asleep).toBe(1)
    stop.abort()
    await expect.poll(asleep, { timeout: 5000 }).toBe(0)
    expect(await reading).toBe('stopped')
  })

  test.each([
    ['that gives the last session', {}],
    ['that takes turns', { server_round_robin: '1', min_pool_size: '3' }],
    ['of one session', { default_pool_size: '1' }],
    ['of single statements', { pool_mode: 'statement' }],
  ])('a warehouse is refused behind a pool %s', async (_, settings) => {
    const own = await startPgbouncer(bouncer!, root, server(), { pool_mode: 'transaction', ...settings })
    cleanups.push(own.stop)
    const url = withDatabase(own.url, source.name)
    // Several sessions are idle in it.
    await Promise.all([1, 2, 3].map(() => queryAt(url, 'select pg_sleep(0.1)')))
    expect(await opened(url)).toMatch(/^E617: .*pool_mode = session/)
    expect(await source.query(`select 1 from pg_namespace where nspname = 'polder'`)).toEqual([])
  })

  test('a warehouse works behind a pool that gives each client its own session', async () => {
    const own = await startPgbouncer(bouncer!, root, server(), { pool_mode: 'session' })
    cleanups.push(own.stop)
    expect(await opened(withDatabase(own.url, source.name))).toBe('ok')
  })

  const folder = extensionFolder(['postgres_scanner'], "copies of DuckDB's extension behind PgBouncer")
  test.skipIf(folder === undefined)(
    'what reads through a link of its own goes by the connector instead',
    async () => {
      await reads(through, `  extension_directory: ${folder}\n`)
      expect(await run()).toMatchObject({ road: 'stream', warnings: [], counts: { read: ROWS } })
      await project.write({ 'pipelines/shop.yaml': pipeline('version', 'auto') })
      const [planned] = (await polder((it) => it.plan([]))).datasets
      expect(JSON.stringify(planned!.obstacles)).toContain('a pooler answers at')
    },
  )
})

describe('a hot standby', () => {
  let primary: TestServer
  let standby: TestServer
  beforeAll(async () => {
    const { postgres } = serverBinaries(console.info)
    primary = await startPostgres(postgres, root)
    standby = await startStandby(postgres, root, primary)
  })
  afterAll(async () => {
    await standby?.stop()
    await primary?.stop()
  })

  const replayed = async (): Promise<void> => {
    const [at] = await queryAt<{ lsn: string }>(primary.url, 'select pg_current_wal_lsn() as lsn')
    const until = `select (pg_last_wal_replay_lsn() >= '${at!.lsn}')::text as done`
    while ((await queryAt(standby.url, until))[0]!['done'] !== 'true') await sleep(20)
  }

  test.each(['version', 'changed_at_standby'] as const)(
    'is read as a source, and nothing is lost: by %s',
    async (cursor) => {
      const source = await freshPostgres('shop', primary.url)
      cleanups.push(source.drop)
      await source.query(TABLE)
      await replayed()
      await reads(withDatabase(standby.url, source.name))
      await losesNothing(source, source.url, cursor, replayed)
    },
  )

  test('is not taken for its primary, whose rows are others until they are replayed', async () => {
    const source = await freshPostgres('shop', primary.url)
    cleanups.push(source.drop)
    await source.query(TABLE)
    await replayed()
    const into = await freshWarehouse('postgres', (url) => withDatabase(url, source.name), primary.url)
    await reads(withDatabase(standby.url, source.name), '', into)
    expect(await run()).toMatchObject({ road: 'stream', counts: { read: ROWS, loaded: ROWS } })
    project.env['SOURCE_URL'] = source.url
    expect(await run(true)).toMatchObject({ road: 'pushdown', counts: { read: ROWS, loaded: 0 } })
  })

  test('is refused as a warehouse', async () => {
    expect(await prepared(standby.url)).toMatch(/^E618: .*read-only transaction.*primary server/)
  })
})
