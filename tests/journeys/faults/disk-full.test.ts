import { rmSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { serverBinaries } from '../../support/binaries.ts'
import { EXPORT_FILES } from '../../support/exports.ts'
import { tellCommands } from '../../support/kill.ts'
import { claimFolder } from '../../support/leftovers.ts'
import { startMariadb } from '../../support/mariadb-server.ts'
import { counterFaults } from '../../support/oracle.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { type TestProject, warehouseProject } from '../../support/project.ts'
import { codesOf, runReport, runsWell, told } from '../../support/report.ts'
import type { TestServer } from '../../support/server-process.ts'
import { growDisk, noSmallDisk, noSmallDiskForServers, onSmallDisk } from '../../support/small-disk.ts'
import type { WarehouseName } from '../../support/warehouse.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse, unifiedRows } from '../../support/warehouse.ts'

const reason = noSmallDisk()
if (reason !== undefined) console.warn(`SKIPPED, fault 25 (disk full): no disk of its own here: ${reason}`)

const MEGABYTES = 12
const ROWS = 60_000
/** Whole batches. */
const COMMIT_ROWS = 4_096

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Rows that no compression makes small: the disk is full after about a third of them. */
const customers = (rows: number): string => {
  let text = 'customer_id,name\n'
  let state = 1
  for (let n = 1; n <= rows; n++) {
    let name = ''
    for (let i = 0; i < 80; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      name += String.fromCharCode(97 + ((state >> 16) % 26))
    }
    text += `${n},${name}\n`
  }
  return text
}

async function setUp(
  name: WarehouseName,
  rows: number,
  server?: string,
): Promise<{ warehouse: TestWarehouse; project: TestProject }> {
  const warehouse = await freshWarehouse(name, undefined, server)
  cleanups.push(warehouse.drop)
  const files = { ...EXPORT_FILES, 'data/customers.csv': customers(rows) }
  const project = await warehouseProject(warehouse, files, { commitRows: COMMIT_ROWS })
  cleanups.push(project.remove)
  return { warehouse, project }
}

const loaded = (warehouse: TestWarehouse): Promise<number> =>
  inWarehouse(warehouse, async (session) => {
    expect(await counterFaults(session)).toEqual([])
    const commits = session.dialect.relation(session.internal, 'batches')
    const [row] = await session.query<{ sum: string }>(`select sum(rows_loaded) as sum from ${commits}`)
    const rows = await unifiedRows(session, 'party')
    expect(rows).toHaveLength(Number(row!.sum))
    return rows.length
  })

test.skipIf(reason !== undefined)(
  'fault 25: a disk that fills up under a DuckDB warehouse ends the run with 6 and its name, and the next run goes on',
  async () => {
    const { warehouse, project } = await setUp('duckdb', ROWS)
    const path = /path: (.*)/.exec(warehouse.yaml)![1]!
    const keep = join(project.root, 'kept')
    await mkdir(keep)
    const wrap = (words: string[]) => onSmallDisk(dirname(path), MEGABYTES, keep, words)
    const full = await project.json<never>(['run'], { wrap })
    expect(full.exitCode, told(full)).toBe(6)
    expect(full.problems.map((it) => it.code)).toEqual(['E606'])
    expect(full.problems[0]!.problem).toContain(path)

    // As left behind: the disk goes with its process, and a larger one takes its place.
    await cp(keep, dirname(path), { recursive: true })
    const before = await loaded(warehouse)
    expect(before).toBeGreaterThan(0)
    expect(before % COMMIT_ROWS).toBe(0)
    const { result } = await runsWell(project)
    expect(result.counts.read).toBe(ROWS - before)
    expect(await loaded(warehouse)).toBe(ROWS)
  },
)

const noServers = noSmallDiskForServers()
if (noServers !== undefined) console.warn(`SKIPPED, fault 25 (disk full under a server): ${noServers}`)

const SERVERS = {
  postgres: (root: string) =>
    startPostgres(serverBinaries(console.info).postgres, root, { freeMegabytes: FREE_MEGABYTES.postgres }),
  mysql: (root: string) =>
    startMariadb(serverBinaries(console.info), root, { freeMegabytes: FREE_MEGABYTES.mysql }),
}
const SERVER_ROWS = 30_000
/** Full after about half of them. */
const FREE_MEGABYTES = { postgres: 13, mysql: 32 }
const ROOM_MEGABYTES = 1_000

describe.skipIf(noServers !== undefined).each(['postgres', 'mysql'] as const)('%s', (name) => {
  let server: TestServer
  let root: string
  beforeAll(async () => {
    root = claimFolder()
    server = await SERVERS[name](root)
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  })

  test('fault 25: a disk that fills up under a server ends the run with 6; once there is room, the next run goes on', async () => {
    const { warehouse, project } = await setUp(name, SERVER_ROWS, server.url)
    onTestFailed(() => tellCommands(name, project))
    const full = await runReport(project)
    expect(full.exitCode, told(full)).toBe(6)
    expect(codesOf(full)).toEqual(['E606'])
    expect(full.problems[0]!.problem).toMatch(/no space left|is full/i)
    expect(full.problems[0]!.remedy).toMatch(/make room/i)
    growDisk(server.pid(), server.disk, ROOM_MEGABYTES)
    const before = await loaded(warehouse)
    expect(before).toBeGreaterThan(0)
    const { result } = await runsWell(project)
    expect(result.counts.read).toBe(SERVER_ROWS - before)
    expect(await loaded(warehouse)).toBe(SERVER_ROWS)
  })
})

test.each(['stdout', 'stderr'] as const)(
  'fault 25: a full disk under the %s of a run ends it with 6; what was committed stays, and the next run goes on',
  async (stream) => {
    const { warehouse, project } = await setUp('duckdb', 10_000)
    const sign = stream === 'stdout' ? '>' : '2>'
    const wrap = (words: string[]) => ['sh', '-c', `"$@" ${sign} /dev/full`, 'sh', ...words]
    const full = await project.polder(['run', '--log-format', 'json'], { wrap })
    expect(full.code, full.stderr).toBe(6)
    if (stream === 'stdout') expect(full.stderr).toMatch(/stdout.*no space left/i)
    await runsWell(project)
    expect(await loaded(warehouse)).toBe(10_000)
  },
)
