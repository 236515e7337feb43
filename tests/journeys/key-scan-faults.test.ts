import { afterEach, describe, expect, test } from 'vitest'
import type { FaultPoint } from '../../core/fault.ts'
import type { RunEvent } from '../../core/report.ts'
import type { DatasetState } from '../../pipelines/run/mode.ts'
import { freshPostgres } from '../support/databases.ts'
import { diedAt, runKilledAt, seededRandom, testSeed } from '../support/kill.ts'
import { type People, type PeopleAsk, peopleProject, well } from '../support/people.ts'
import { startCutProxy } from '../support/tcpcut.ts'
import { inWarehouse, type TestWarehouse, WAREHOUSES, type WarehouseName } from '../support/warehouse.ts'

const ROWS = 1_500
const COMMIT_ROWS = 250
const SCAN = '    deletes: scan'

/** The names are the keys; only the last row is recent. */
const MANY = `create table people (id int primary key, name text, email text, updated_at timestamp);
  insert into people select n, n::text, null, timestamp '2024-01-01' + n * interval '1 hour' from generate_series(1, ${ROWS}) n`

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function setUp(name: WarehouseName, ask: Partial<PeopleAsk> = {}): Promise<People> {
  const people = await peopleProject(name, { settings: SCAN, people: MANY, ...ask })
  undo.push(people.remove)
  return people
}

/** One row changes and some go, as many as `share` says. */
const trade = (people: People, from: number): Promise<unknown> =>
  people.source.query(`delete from people where id between ${from} and ${from + 49};
    update people set name = name || '!', updated_at = updated_at + interval '9 years' where id = ${from + 50}`)

const inSource = async ({ source }: People): Promise<string[]> =>
  (await source.query<{ name: string }>('select name from people')).map((it) => it.name).sort()

/** A kill there falls into the key scan: one page is read before it, and committed in two transactions. */
const POINTS: [points: FaultPoint[], first: number, last: number][] = [
  [['K3'], 2, 6],
  [['K7', 'K8'], 3, 7],
]

const seed = testSeed()

describe.each(WAREHOUSES)('%s', (name) => {
  test('a kill in the middle of a key scan deletes nothing, and the next run heals it', async () => {
    console.info(`${name}: POLDER_TEST_SEED=${seed}`)
    const random = seededRandom(seed)
    const people = await setUp(name, { commitRows: COMMIT_ROWS })
    well(await people.run())
    for (const [round, [points, first, last]] of POINTS.entries()) {
      const point = points[Math.floor(random() * points.length)]!
      await trade(people, 1 + 100 * round)
      const before = (await people.names()).length
      const killed = await runKilledAt(
        people.project,
        point,
        first + Math.floor(random() * (last - first + 1)),
      )
      expect(diedAt(killed, point), killed.stderr).toBe(true)
      expect((await stateOf(people.warehouse)).complete?.endedAt).toBeDefined()
      expect(await people.names()).toHaveLength(before)
      // Seen by the scan that died, gone before the next.
      await people.source.query(`delete from people where id = ${60 + round}`)
      expect(well(await people.run()).datasets[0]!.deleted).toBe(51)
      expect(await people.names()).toEqual(await inSource(people))
      expect((await stateOf(people.warehouse)).keys).toBeUndefined()
    }
  })
})

const stateOf = (warehouse: TestWarehouse): Promise<DatasetState> =>
  inWarehouse(warehouse, async (session) => {
    const checkpoints = session.dialect.relation(session.internal, 'checkpoints')
    const [row] = await session.query<{ state: string }>(`select state from ${checkpoints}`)
    return JSON.parse(row!.state) as DatasetState
  })

async function behindProxy(commitRows: number, name: WarehouseName = 'duckdb') {
  const server = await freshPostgres('server')
  undo.push(server.drop)
  const proxy = await startCutProxy(server.url)
  undo.push(proxy.close)
  return { proxy, people: await setUp(name, { commitRows, through: proxy.through }) }
}

/** Bytes of the enumeration that pass: its last page does not. */
const LAST_PAGE = 14_000

test('a key enumeration whose last page is cut, again and again, deletes nothing', async () => {
  const { proxy, people } = await behindProxy(100_000)
  well(await people.run())
  await trade(people, 1)
  proxy.arm({ kind: 'cut', direction: 'down', afterBytes: LAST_PAGE }, 'always')
  const cut = (await people.run()).datasets[0]
  expect(proxy.fired()).toBeGreaterThan(1)
  expect(cut).toMatchObject({ status: 'failed', failure: 'TransientError', deleted: 0 })
  expect(await people.names()).toHaveLength(ROWS)
  expect(await people.names()).toContain('51!')
  proxy.disarm()
  expect(well(await people.run()).datasets[0]).toMatchObject({ deleted: 50 })
  expect(await people.names()).toEqual(await inSource(people))
})

test.each(WAREHOUSES)(
  '%s: fault 5: a key scan whose lease was taken over in its middle ends with 7 and deletes nothing more',
  async (name) => {
    const { proxy, people } = await behindProxy(COMMIT_ROWS, name)
    well(await people.run())
    await trade(people, 1)
    proxy.arm({ kind: 'stall', direction: 'down', afterBytes: LAST_PAGE })
    const late = people.run()
    while (proxy.fired() === 0 || (await stateOf(people.warehouse)).keys?.at === undefined)
      await new Promise((resolve) => setTimeout(resolve, 20))

    await inWarehouse(people.warehouse, async (session) => {
      const leases = session.dialect.relation(session.internal, 'leases')
      // As somebody leaves it who took it over and has ended.
      await session.transaction((tx) => tx.run(`update ${leases} set epoch = epoch + 1, holder = ''`))
    })
    await trade(people, 201)
    const first = well(await people.run())
    expect(first.datasets[0]).toMatchObject({ deleted: 100 })
    // What came since then was never seen by the late one, whose last page is older.
    await people.source.query("insert into people values (9001, 'new', null, timestamp '2034-01-01')")
    well(await people.run())
    const before = await commits(people.warehouse)
    proxy.release()
    const zombie = await late
    expect(zombie).toMatchObject({ status: 'failed', exitCode: 7 })
    expect(zombie.datasets[0]).toMatchObject({ deleted: 0, failure: 'LeaseError' })
    expect(['E703', 'E706']).toContain(zombie.datasets[0]!.problem!.code)
    expect(await commits(people.warehouse)).toEqual(before)
    expect(await people.names()).toEqual(await inSource(people))
  },
)

const commits = (warehouse: TestWarehouse): Promise<string[]> =>
  inWarehouse(warehouse, async (session) => {
    const from = session.dialect.relation(session.internal, 'commits')
    const rows = await session.query<{ id: string }>(`select commit_id as id from ${from}`)
    return rows.map(({ id }) => id).sort()
  })

test('cut once, a key scan goes on within its run from where it was committed', async () => {
  const { proxy, people } = await behindProxy(COMMIT_ROWS)
  well(await people.run())
  await trade(people, 1)
  proxy.arm({ kind: 'cut', direction: 'down', afterBytes: LAST_PAGE })
  const doings: string[] = []
  const onEvent = (event: RunEvent) => event.kind === 'progress' && doings.push(event.doing)
  expect(well(await people.run({ onEvent })).datasets[0]).toMatchObject({ deleted: 50 })
  expect(doings.indexOf('retrying')).toBeGreaterThan(doings.indexOf('scanning'))
  expect(doings.slice(doings.indexOf('retrying'))).not.toContain('reading')
  expect(proxy.fired()).toBe(1)
  expect(await people.names()).toEqual(await inSource(people))
})

test('a key scan that the user stops deletes nothing, and the next run begins it anew', async () => {
  const people = await setUp('duckdb', { commitRows: COMMIT_ROWS })
  well(await people.run())
  await trade(people, 1)
  const stop = new AbortController()
  let scanned = 0
  const stopped = await people.run({
    signal: stop.signal,
    onEvent(event) {
      if (event.kind === 'progress' && event.doing === 'scanning' && ++scanned === 3) stop.abort()
    },
  })
  expect(stopped).toMatchObject({ status: 'interrupted', exitCode: 5 })
  expect(await people.names()).toHaveLength(ROWS)
  expect(well(await people.run()).datasets[0]).toMatchObject({ deleted: 50 })
  expect(await people.names()).toEqual(await inSource(people))
})
