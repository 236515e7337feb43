import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PolderError } from '../../../core/errors.ts'
import { EXPORT_FILES } from '../../support/exports.ts'
import { diedAt, runKilledAt, seededRandom, testSeed } from '../../support/kill.ts'
import { counterFaults, FLAWLESS, judge, type Truth } from '../../support/oracle.ts'
import { type TestProject, warehouseProject } from '../../support/project.ts'
import { codesOf, runReport, runsWell, told } from '../../support/report.ts'
import { freshWarehouse, inWarehouse, type TestWarehouse } from '../../support/warehouse.ts'

const ROWS = 4_000
/** More of them: POLDER_TEST_DAMAGES=200. */
const DAMAGES = Number(process.env.POLDER_TEST_DAMAGES ?? 1)
/** A clear refusal names the page that tells what to do. */
const REFUSALS = ['E608', 'E606']
const RUNBOOK = 'docs/guide/damaged-warehouse.md'

const seed = testSeed()
const random = seededRandom(seed)

let warehouse: TestWarehouse
let project: TestProject
let path: string
beforeAll(async () => {
  console.info(`fault 29: POLDER_TEST_SEED=${seed}`)
  warehouse = await freshWarehouse('duckdb')
  path = /path: (.*)/.exec(warehouse.yaml)![1]!
  project = await warehouseProject(warehouse, FILES, { commitRows: 200 })
  await runsWell(project)
  await project.write({ 'data/customers.csv': csv(2) })
  // Killed inside a merge: the log beside the file holds commits and half of one.
  const killed = await runKilledAt(project, 'K7', 12)
  expect(diedAt(killed, 'K7'), killed.stderr).toBe(true)
  for (const file of [path, `${path}.wal`]) {
    expect((await stat(file)).size).toBeGreaterThan(0)
    await copyFile(file, `${file}.kept`)
  }
})
afterAll(async () => {
  await project.remove()
  await warehouse.drop()
})

const somewhere = (bytes: Buffer) => Math.floor(random() * bytes.length)

const DAMAGE: Record<string, (bytes: Buffer) => Buffer> = {
  truncated: (bytes) => bytes.subarray(0, somewhere(bytes)),
  flipped: (bytes) => {
    bytes[somewhere(bytes)]! ^= 1 << Math.floor(random() * 8)
    return bytes
  },
  zeroed: (bytes) => {
    const at = somewhere(bytes)
    return bytes.fill(0, at, at + 4096)
  },
}

const CASES = ['.wal', ''].flatMap((ending) =>
  Object.keys(DAMAGE).flatMap((how) =>
    Array.from({ length: DAMAGES }, (_, n) => [ending || 'file', how, n + 1, ending] as const),
  ),
)

test.each(CASES)(
  'fault 29: %s %s (%i): an older whole state, or a clear refusal',
  async (_, how, _n, ending) => {
    await copyFile(`${path}.kept`, path)
    await copyFile(`${path}.wal.kept`, `${path}.wal`)
    const file = `${path}${ending}`
    await writeFile(file, DAMAGE[how]!(await readFile(file)))

    const answer = await runReport(project)
    if (answer.exitCode !== 0) {
      expect(REFUSALS, told(answer)).toEqual(expect.arrayContaining(codesOf(answer)))
      expect(answer.problems[0]!.remedy).toContain(RUNBOOK)
      expect(answer.exitCode).toBe(6)
      return
    }
    await inWarehouse(warehouse, async (session) => {
      expect(await judge(session, truth(2))).toEqual(FLAWLESS)
      expect(await counterFaults(session)).toEqual([])
    }).catch((error: unknown) => {
      // The damage lies where this run did not read: found when it is read.
      if (!(error instanceof PolderError) || !REFUSALS.includes(error.code)) throw error
    })
  },
)

test('fault 29: the file without its log is an older whole state, from which the next run goes on', async () => {
  await copyFile(`${path}.kept`, path)
  await rm(`${path}.wal`, { force: true })
  await runsWell(project)
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth(2))).toEqual(FLAWLESS)
    expect(await counterFaults(session)).toEqual([])
  })
})

test('fault 29: a damaged warehouse that was moved away is read anew', async () => {
  await writeFile(path, 'not what DuckDB wrote '.repeat(1000))
  expect(codesOf(await runReport(project))).toEqual(['E608'])
  await rm(path)
  await rm(`${path}.wal`, { force: true })
  await runsWell(project)
  await inWarehouse(warehouse, async (session) => {
    expect(await judge(session, truth(2))).toEqual(FLAWLESS)
  })
})

const nameOf = (n: number, version: number) => `Customer ${(n * 7919) % 10_007}${n % 2 ? '' : ` v${version}`}`

const csv = (version: number): string =>
  `customer_id,name\n${Array.from({ length: ROWS }, (_, n) => `${n + 1},${nameOf(n, version)}\n`).join('')}`

const truth = (version: number): Truth => ({
  party: new Map(
    Array.from({ length: ROWS }, (_, n) => {
      const id = `files:customers:${n + 1}`
      return [id, { id, kind: 'person', full_name: nameOf(n, version) }]
    }),
  ),
})

const FILES = { ...EXPORT_FILES, 'data/customers.csv': csv(1) }
