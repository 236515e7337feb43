import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { queryAt } from '../../support/databases.ts'
import { seededRandom, testSeed } from '../../support/kill.ts'
import { counterFaults, FLAWLESS, judge } from '../../support/oracle.ts'
import { type TestProject, warehouseProject } from '../../support/project.ts'
import { codesOf, runReport, runsWell, told } from '../../support/report.ts'
import { type Shop, seededShop } from '../../support/shop.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse } from '../../support/warehouse.ts'

const ROWS = 600
/** Of one transaction, and of one dataset in one run. */
const MERGE_ATTEMPTS = 5
const DATASET_ATTEMPTS = 4

const seed = testSeed()
const random = seededRandom(seed)

let shop: Shop
beforeAll(async () => {
  console.info(`fault 27: POLDER_TEST_SEED=${seed}`)
  shop = await seededShop(ROWS)
})
afterAll(() => shop.database.drop())

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

type Name = 'postgres' | 'mysql'

async function setUp(name: Name): Promise<{ warehouse: TestWarehouse; project: TestProject }> {
  const warehouse = await freshWarehouse(name)
  const project = await warehouseProject(warehouse, shop.files, { commitRows: 200, env: shop.env })
  cleanups.push(warehouse.drop, project.remove)
  await runsWell(project)
  return { warehouse, project }
}

interface Trap {
  /** How often a merge came by; no rollback takes it back. */
  passes(): Promise<number>
  remove(): Promise<void>
}

/** Fails merges on the server itself, as `how` says, at the passes that `when` tells. */
async function setTrap(name: Name, warehouse: TestWarehouse, how: string, when: string): Promise<Trap> {
  const url = warehouse.env['TEST_WAREHOUSE_URL']!
  const { internal } = warehouse
  const count = `${internal}.trap_passes`
  await queryAt(url, `create sequence ${count}`)
  if (name === 'postgres') {
    await queryAt(
      url,
      `create function ${internal}.trap() returns trigger language plpgsql as
       $$ begin if nextval('${count}') ${when} then ${how}; end if; return new; end $$;
       create trigger trap before insert on ${internal}.batches for each row execute function ${internal}.trap()`,
    )
  } else {
    await queryAt(
      url,
      `create trigger ${internal}.trap before insert on ${internal}.batches for each row
       begin if nextval(${count}) ${when} then ${how}; end if; end`,
    )
  }
  const last =
    name === 'postgres' ? `select last_value as n from ${count}` : `select nextval(${count}) - 1 as n`
  return {
    passes: async () => Number((await queryAt(url, last))[0]!['n']),
    remove: async () => {
      const on = name === 'postgres' ? `trap on ${internal}.batches` : `${internal}.trap`
      await queryAt(url, `drop trigger ${on}`)
    },
  }
}

async function expectTruth(warehouse: TestWarehouse): Promise<void> {
  const truth = await shop.truth()
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth)).toEqual(FLAWLESS)
    expect(await counterFaults(session)).toEqual([])
  })
}

const signal = (state: string, number: number) =>
  `signal sqlstate '${state}' set mysql_errno = ${number}, message_text = 'trap'`

const PASSING: [Name, string, string][] = [
  ['postgres', 'a deadlock', `raise exception using errcode = '40P01'`],
  ['postgres', 'a serialization failure', `raise exception using errcode = '40001'`],
  ['postgres', 'pg_terminate_backend', 'perform pg_terminate_backend(pg_backend_pid())'],
  ['mysql', 'a deadlock', signal('40001', 1213)],
  ['mysql', 'a lock time-out', signal('HY000', 1205)],
  ['mysql', 'KILL', 'kill connection_id()'],
]

test.each(PASSING)(
  '%s: fault 27: a merge that %s ends is repeated whole, within the run',
  async (name, _, how) => {
    const { warehouse, project } = await setUp(name)
    const trap = await setTrap(name, warehouse, how, '<= 2')
    await shop.trade(random)
    await runsWell(project)
    expect(await trap.passes()).toBeGreaterThan(3)
    await expectTruth(warehouse)
  },
)

test.each(PASSING.slice(0, 1))(
  '%s: fault 27: %s without end is given up after five attempts, and nothing is written',
  async (name, _, how) => {
    const { warehouse, project } = await setUp(name)
    const trap = await setTrap(name, warehouse, how, '> 0')
    await shop.trade(random)
    const answer = await runReport(project, ['shop.customers'])
    expect(answer.exitCode, told(answer)).toBe(5)
    expect(codesOf(answer)).toEqual(['E604'])
    expect(answer.result.datasets[0]!.commits).toBe(0)
    expect(await trap.passes()).toBe(MERGE_ATTEMPTS * DATASET_ATTEMPTS)
    await trap.remove()
    await runsWell(project)
    await expectTruth(warehouse)
  },
)
