import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunReport } from '../../core/report.ts'
import { FLAWLESS, judge } from '../support/oracle.ts'
import { type CommandOptions, type TestProject, warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { type Shop, seededShop } from '../support/shop.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, WAREHOUSES } from '../support/warehouse.ts'

const ROWS = 6_000
const COMMIT_ROWS = 100
/** Longer than a lease lasts. */
const PAUSE_MS = 33_000
const STOP_LIMIT_MS = 20_000

let shop: Shop
beforeAll(async () => {
  shop = await seededShop(ROWS)
})
afterAll(() => shop.database.drop())

async function withProject(
  name: (typeof WAREHOUSES)[number],
  work: (project: TestProject, warehouse: TestWarehouse) => Promise<void>,
): Promise<void> {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, shop.files, { commitRows: COMMIT_ROWS, env: shop.env })
  await work(project, warehouse).finally(async () => {
    await project.remove()
    await warehouse.drop()
  })
}

type Child = Parameters<NonNullable<CommandOptions['onStart']>>[0]

/** Starts a run and gives its process once its first commit can be seen from outside. */
async function startRun(project: TestProject, isCommitting: () => Promise<boolean>) {
  let child: Child | undefined
  const ended = project.polder(['run', '--json'], { onStart: (started) => (child = started) })
  while (!(await isCommitting())) await pause(50)
  return { child: child!, ended }
}

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))

/** DuckDB cannot be looked into while the run holds it: the run is given a moment instead. */
function committing(warehouse: TestWarehouse): () => Promise<boolean> {
  if (warehouse.name === 'duckdb') return () => pause(2_500).then(() => true)
  return () => inWarehouse(warehouse, async (session) => (await commits(session).catch(() => 0)) > 2)
}

type Session = Parameters<Parameters<typeof inWarehouse>[1]>[0]

async function commits(session: Session): Promise<number> {
  return (await customerCommits(session)).length
}

/** Ids of all commits of the dataset that is frozen. */
async function customerCommits(session: Session): Promise<string[]> {
  const from = session.dialect.relation(session.internal, 'batches')
  const sql = `select commit_id from ${from} where dataset = 'shop.customers' order by commit_id`
  return (await session.query<{ commit_id: string }>(sql)).map((it) => it.commit_id)
}

async function expectFlawless(warehouse: TestWarehouse): Promise<void> {
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => expect(await judge(session, truth)).toEqual(FLAWLESS))
}

test.each(WAREHOUSES)(
  '%s: fault 4: SIGTERM ends the run after its commit, and the next one goes on',
  async (name) => {
    await withProject(name, async (project, warehouse) => {
      const { child, ended } = await startRun(project, committing(warehouse))
      const at = performance.now()
      child.kill('SIGTERM')
      const result = await ended
      expect(performance.now() - at).toBeLessThan(STOP_LIMIT_MS)
      expect(result.signal, result.stderr).toBeNull()
      expect(result.code).toBe(5)
      await runsWell(project)
      await expectFlawless(warehouse)
    })
  },
)

test('fault 5: a run that was frozen for longer than its lease commits nothing when it wakes', async () => {
  await withProject('postgres', async (project, warehouse) => {
    const { child, ended } = await startRun(project, committing(warehouse))
    child.kill('SIGSTOP')
    await pause(PAUSE_MS)
    await runsWell(project)
    const before = await inWarehouse(warehouse, customerCommits)
    child.kill('SIGCONT')
    const { code, stdout } = await ended
    const { result } = JSON.parse(stdout) as { result: RunReport }
    expect(['E703', 'E706']).toContain(result.datasets[0]!.problem?.code)
    expect(code).toBe(7)
    expect(await inWarehouse(warehouse, customerCommits)).toEqual(before)
    await expectFlawless(warehouse)
  })
})
