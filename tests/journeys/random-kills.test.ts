import { describe, expect, onTestFailed, onTestFinished, test } from 'vitest'
import { runKilledAfter, seededRandom, tellCommands, testSeed } from '../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../support/oracle.ts'
import { type TestProject, warehouseProject } from '../support/project.ts'
import { runsWell } from '../support/report.ts'
import { type SteadyShop, steadyShop } from '../support/steady-shop.ts'
import {
  freshWarehouse,
  inWarehouse,
  type TestWarehouse,
  unifiedRows,
  WAREHOUSES,
} from '../support/warehouse.ts'

/** 60 in all on three warehouses; the long run: POLDER_TEST_KILLS=200. */
const KILLS = Number(process.env.POLDER_TEST_KILLS ?? 20)
const ROWS = 600
const COMMIT_ROWS = 250
const PARALLEL = 2

/** All is compared so often; until then 80 of 600 orders go, which the shrink guard takes for true (a fifth). */
const KILLS_BETWEEN_ENDS = 20
/** One kill with what is looked at behind it takes a second on an idle machine, many times that on a busy one. */
const LIMIT_MS = 300_000 + KILLS * 20_000

const COMMANDS = [['run'], ['run'], ['run', '--full'], ['run', 'shop.orders']]

const seed = testSeed()

describe.each(WAREHOUSES)('%s', (name) => {
  test(
    `fault 2: ${KILLS} kills at random times of runs of all kinds, while the source changes, lose and double nothing`,
    async () => {
      console.info(`${name}: POLDER_TEST_SEED=${seed}`)
      const random = seededRandom(seed)
      const { shop, warehouse, project } = await setUp(name)
      const bareMs = (await project.polder(['--version'])).millis
      let runMs = await endsFlawless(project, warehouse, shop)
      const seen = { hits: 0, checks: 1, again: 0, largest: 0 }
      const began = performance.now()
      for (let kill = 1; kill <= KILLS; kill++) {
        await shop.trade(random)
        const words = COMMANDS[Math.floor(random() * COMMANDS.length)]!
        const killed = await runKilledAfter(project, bareMs + random() * (runMs - bareMs), words)
        if (killed.signal === 'SIGKILL') seen.hits += 1
        else expect(killed.code, killed.stderr).toBe(0)
        await holds(warehouse, shop)
        const { again, largest } = await readAgain(warehouse)
        expect(again, 'committed rows that one scan has read again').toBe(0)
        expect(largest, 'rows of one commit').toBeLessThanOrEqual(COMMIT_ROWS)
        seen.again = Math.max(seen.again, again)
        seen.largest = Math.max(seen.largest, largest)
        if (kill % KILLS_BETWEEN_ENDS !== 0 && kill !== KILLS) continue
        runMs = await endsFlawless(project, warehouse, shop)
        seen.checks += 1
      }
      const seconds = Math.round((performance.now() - began) / 1000)
      console.info(`${name}: ${JSON.stringify({ seed, kills: KILLS, ...seen, seconds })}`)
      expect(seen.hits).toBeGreaterThan(KILLS / 4)
    },
    LIMIT_MS,
  )
})

async function setUp(name: (typeof WAREHOUSES)[number]) {
  const shop = await steadyShop(ROWS)
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, shop.files, { env: shop.env })
  const settings = `parallel: ${PARALLEL}\ncommit:\n  rows: ${COMMIT_ROWS}\n`
  await project.write({ 'polder.yaml': `${warehouse.yaml}timezone: Europe/Amsterdam\n${settings}` })
  onTestFailed(() => tellCommands(name, project))
  onTestFinished(async () => {
    await project.remove()
    await warehouse.drop()
    await shop.database.drop()
  })
  return { shop, warehouse, project }
}

/** The first run ends a reading that was under way, the second reads what was traded since that began. */
async function endsFlawless(
  project: TestProject,
  warehouse: TestWarehouse,
  shop: SteadyShop,
): Promise<number> {
  await runsWell(project)
  const started = performance.now()
  await runsWell(project)
  const millis = performance.now() - started
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth)).toEqual(FLAWLESS)
    expect(await counterFaults(session)).toEqual([])
    expect(
      await session.query(`select * from ${session.dialect.relation(session.internal, 'changes')}`),
    ).toEqual([])
  })
  shop.settled()
  return millis
}

/** What must hold at any time, whatever has just died: I1, nothing twice, and nothing gone that has always stood. */
async function holds(warehouse: TestWarehouse, shop: SteadyShop): Promise<void> {
  await inWarehouse(warehouse, async (session) => {
    for (const [table, steady] of Object.entries(shop.steady())) {
      const ids = (await unifiedRows(session, table)).map((it) => String(it['id']))
      const live = new Set(ids)
      expect(live.size, `${table}: ids that stand twice`).toBe(ids.length)
      expect(
        steady.filter((id) => !live.has(id)),
        `${table}: rows that are gone`,
      ).toEqual([])
    }
    expect(await counterFaults(session)).toEqual([])
  })
}

/**
 * Full readings under way note every key that they have committed: more rows committed than keys noted are rows that
 * were read again. What was read and not committed is one commit in each range at most.
 */
async function readAgain(warehouse: TestWarehouse): Promise<{ again: number; largest: number }> {
  return inWarehouse(warehouse, async (session) => {
    const table = (it: string) => session.dialect.relation(session.internal, it)
    const number = async (sql: string, binds: string[] = []) =>
      Number((await session.query<{ n: string | number | null }>(sql, binds))[0]!.n ?? 0)
    let again = 0
    const stored = await session.query<{ dataset: string; state: string }>(
      `select dataset, state from ${table('checkpoints')} where range_id = '0'`,
    )
    for (const { dataset, state } of stored) {
      const { scan } = JSON.parse(state) as { scan?: { id: string; kind: string; startedAt: string } }
      if (scan?.kind !== 'full') continue
      const since = [dataset, scan.startedAt]
      const committed = await number(
        `select sum(rows_read) as n from ${table('batches')} where dataset = ? and committed_at >= ?`,
        since,
      )
      const noted = await number(
        `select count(distinct source_id) as n from ${table('seen')} where dataset = ? and scan_id = ?`,
        [dataset, scan.id],
      )
      again = Math.max(again, committed - noted)
    }
    return { again, largest: await number(`select max(rows_read) as n from ${table('batches')}`) }
  })
}
