import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openProject } from '../../app/index.ts'
import type { RunEvent, RunReport } from '../../core/report.ts'
import {
  freshPostgres,
  type HeldSession,
  heldSession,
  queryAt,
  type TestDatabase,
} from '../support/databases.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { freshWarehouse, type TestWarehouse } from '../support/warehouse.ts'

/** Longer than a lease waits for its next renewal. */
const RENEWAL_MS = 10_000

const PIPELINE = `pipeline: shop
connection: source
datasets:
  customers:
    from: public.customers
    contract: discard_row
    to:
      party:
        kind: { is: person }
        full_name: name
        birth_date: born
`

let source: TestDatabase
let warehouse: TestWarehouse
let project: TestProject
let held: HeldSession
beforeEach(async () => {
  source = await freshPostgres('shop')
  warehouse = await freshWarehouse('postgres')
  held = await heldSession(url())
})
afterEach(async () => {
  vi.useRealTimers()
  await held.end()
  await project.remove()
  await warehouse.drop()
  await source.drop()
})

const url = (): string => Object.values(warehouse.env)[0]!

/** A first read of so many rows, of which those are rejected that are `broken`: SQL over their number `n`. */
async function prepare(rows: number, commitRows: number, broken: string): Promise<void> {
  await source.query(`create table customers (id integer primary key, name text, born text);
    insert into customers select n, 'Ada ' || n, case when ${broken} then 'no date' else '1950-01-01' end from generate_series(1, ${rows}) n;
    analyze customers`)
  const files = {
    'config/connections.yaml': `source:\n  connector: postgres\n  url: \${env:SOURCE_URL}\n`,
    'pipelines/shop.yaml': PIPELINE,
  }
  const env = { SOURCE_URL: source.url }
  project = await warehouseProject(warehouse, files, { commitRows, parallel: 2, env })
  // The control tables are there then.
  const it = await openProject(project.root, { env: project.env })
  await it.plan([]).finally(() => it.close())
}

async function run(onEvent: (event: RunEvent) => void = () => {}): Promise<RunReport> {
  const it = await openProject(project.root, { env: project.env })
  const { signal } = new AbortController()
  return it.run([], { full: false, allowShrink: false, signal, onEvent }).finally(() => it.close())
}

const count = async (sql: string): Promise<number> => (await queryAt(url(), sql)).length

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('It did not come to that.')
    await sleep(10)
  }
}

test('a renewal of the lease is not kept waiting by commits that follow on each other', async () => {
  await prepare(4000, 50, 'false')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let begun = () => {}
  const committed = new Promise<void>((resolve) => {
    begun = resolve
  })
  const running = run((event) => event.kind === 'committed' && begun())
  await committed
  await held.run('begin')
  // As another commit does that takes long.
  await held.run('select 1 from polder.leases for share')
  vi.advanceTimersByTime(RENEWAL_MS)
  const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'update%leases%'`
  await until(async () => (await count(waiting)) > 0)
  const batches = () => count('select 1 from polder.batches')
  // Those that had begun may end; then there is none any more.
  let before = -1
  await until(async () => {
    const was = before
    before = await batches()
    if (before !== was) await sleep(500)
    return before === was
  })
  expect(await count(waiting)).toBe(1)
  await held.run('commit')
  const report = await running
  expect(report.datasets).toMatchObject([{ status: 'ok', counts: { read: 4000, loaded: 4000 } }])
  expect(before).toBeLessThan(await batches())
})

test('two commits side by side do not pass the threshold of rejects together', async () => {
  // 60 rows each, of which 4 are rejected: too few to be judged alone, too many of 120.
  await prepare(120, 120, 'n % 15 = 0')
  await held.run(`create function polder.waits() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(42); return new; end $$`)
  await held.run(
    'create trigger waits before insert on polder.batches for each row execute function polder.waits()',
  )
  await held.run('select pg_advisory_lock(42)')
  const running = run()
  // One writes the run's record, the other has looked at the threshold and written its rows.
  const open = `select 1 from pg_stat_activity where datname = current_database() and application_name = 'polder' and xact_start is not null`
  const writing = `${open} and wait_event = 'advisory'`
  const idle = `${open} and state = 'idle in transaction'`
  await until(async () => (await count(writing)) === 1 && (await count(idle)) === 1)
  await held.run('select pg_advisory_unlock(42)')
  const [dataset] = (await running).datasets
  expect(dataset).toMatchObject({
    status: 'failed',
    problem: { code: 'E704' },
    counts: { read: 60, rejected: 4 },
  })
  expect(dataset!.problem!.problem).toContain('8 of 120 rows')
})
