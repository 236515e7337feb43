import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serverBinaries } from '../../support/binaries.ts'
import { queryAt } from '../../support/databases.ts'
import { claimFolder } from '../../support/leftovers.ts'
import { startMariadb } from '../../support/mariadb-server.ts'
import { counterFaults, FLAWLESS, judge } from '../../support/oracle.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { type TestProject, warehouseProject } from '../../support/project.ts'
import { codesOf, runReport, runsWell, told } from '../../support/report.ts'
import type { TestServer } from '../../support/server-process.ts'
import { type Shop, seededShop } from '../../support/shop.ts'
import { freshWarehouse, inWarehouse, openKind, type TestWarehouse } from '../../support/warehouse.ts'

const ROWS = 6_000
/** A server that is down may keep a run for so long, not longer. */
const PATIENCE_MS = 5 * 60_000

let shop: Shop
let root: string
beforeAll(async () => {
  shop = await seededShop(ROWS)
  root = claimFolder()
})
afterAll(async () => {
  await shop.database.drop()
  rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
})

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const SERVERS = {
  postgres: () => startPostgres(serverBinaries(console.info).postgres, root, { durable: true }),
  mysql: () => startMariadb(serverBinaries(console.info), root, { durable: true }),
}

describe.each(['postgres', 'mysql'] as const)('%s', (name) => {
  let server: TestServer
  beforeAll(async () => {
    server = await SERVERS[name]()
  })
  afterAll(() => server.stop())

  async function setUp(): Promise<{ warehouse: TestWarehouse; project: TestProject }> {
    const warehouse = await freshWarehouse(name, undefined, server.url)
    const project = await warehouseProject(warehouse, shop.files, { commitRows: 200, env: shop.env })
    cleanups.push(warehouse.drop, project.remove)
    return { warehouse, project }
  }

  const expectTruth = async (warehouse: TestWarehouse) => {
    const truth = await shop.truth()
    await inWarehouse(warehouse, async (session) => {
      expect(await judge(session, truth)).toEqual(FLAWLESS)
      expect(await counterFaults(session)).toEqual([])
    })
  }

  /** An account that read_only binds: administrators may write all the same. */
  async function bound(): Promise<(url: string) => string> {
    if (name === 'postgres') return (url) => url
    await queryAt(
      server.url,
      `create or replace user writer identified by 'pass-8841';
       grant all on *.* to writer; revoke read_only admin, super on *.* from writer`,
    )
    return (url) => url.replace(/\/\/[^@]*@/, '//writer:pass-8841@')
  }

  test('a server that takes no writes is told as such', async () => {
    const warehouse = await freshWarehouse(name, await bound(), server.url)
    cleanups.push(warehouse.drop)
    const [url] = Object.values(warehouse.env) as [string]
    const database = new URL(url).pathname.slice(1)
    const readOnly = (is: boolean) =>
      name === 'mysql'
        ? `set global read_only = ${Number(is)}`
        : `alter database ${database} set default_transaction_read_only = ${is}`
    await queryAt(server.url, readOnly(true))
    const session = await openKind(name, warehouse, { url })
    await expect(session.prepare()).rejects.toThrow(/^E618: .*read-only.*primary server/)
    await session.close()
    await queryAt(server.url, readOnly(false))
  })

  /** Runs, and crashes the server once the run has committed. */
  async function runInto(project: TestProject, warehouse: TestWarehouse) {
    const answer = runReport(project)
    const session = await warehouse.open()
    const from = session.dialect.relation(session.internal, 'batches')
    while ((await session.query(`select 1 as one from ${from}`).catch(() => [])).length < 3) await pause(10)
    await server.crash()
    await session.close()
    return { answer }
  }

  test('fault 26: a warehouse that dies in the middle and comes back in seconds is waited for', async () => {
    const { warehouse, project } = await setUp()
    const running = await runInto(project, warehouse)
    await pause(2_000)
    await server.again()
    const answer = await running.answer
    expect(answer.exitCode, told(answer)).toBe(0)
    await runsWell(project)
    await expectTruth(warehouse)
  })

  test('fault 26: a warehouse that stays away ends the run as resumable, a next run the same, and then it goes on', async () => {
    const { warehouse, project } = await setUp()
    const started = performance.now()
    const answer = await (await runInto(project, warehouse)).answer
    expect(performance.now() - started).toBeLessThan(PATIENCE_MS)
    expect(answer.exitCode, told(answer)).toBe(5)
    expect(['E601', 'E602']).toEqual(expect.arrayContaining(codesOf(answer)))
    const atStart = await runReport(project)
    expect(atStart.exitCode, told(atStart)).toBe(5)
    expect(codesOf(atStart)).toEqual(['E602'])
    await server.again()
    await runsWell(project)
    await expectTruth(warehouse)
  })
})

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))
