import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { RunReport } from '../../../core/report.ts'
import { freshPostgres } from '../../support/databases.ts'
import { counterFaults } from '../../support/oracle.ts'
import type { Envelope } from '../../support/project.ts'
import { type TestProject, warehouseProject } from '../../support/project.ts'
import { listRejects, told } from '../../support/report.ts'
import { freshWarehouse, inWarehouse, unifiedRows, WAREHOUSES } from '../../support/warehouse.ts'

const MEGABYTE = 1_000_000
/** The last below the limit, and one above it. All of them: POLDER_TEST_LARGE=1. */
const SIZES = process.env.POLDER_TEST_LARGE ? [7, 9, 16, 64, 256] : [7, 32]
const LIMIT = 8
/** What a run's memory differs by from itself; DuckDB may take all of its 128 MB for a row that is loaded. */
const OWN_MEMORY = 60 * MEGABYTE
const DUCKDB_MEMORY = 128 * MEGABYTE

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs, and tells the largest memory that the process had (bytes). */
async function watchedRun(project: TestProject): Promise<{ answer: Envelope<RunReport>; peak: number }> {
  let peak = 0
  let timer: NodeJS.Timeout | undefined
  const look = (pid: number) => {
    try {
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      peak = Math.max(peak, Number(kilobytes ?? 0) * 1024)
    } catch {
      // It has ended.
    }
  }
  const answer = await project
    .json<RunReport>(['run'], { onStart: ({ pid }) => (timer = setInterval(() => look(pid), 20)) })
    .finally(() => clearInterval(timer))
  return { answer, peak }
}

const pipeline = (from: string, more = '') => `pipeline: big
connection: source
datasets:
  people:
    from: ${from}
    key: id
    to:
      party:
        kind: { is: person }
        full_name: name
        attributes: { note: note }
${more}`

async function postgresSource(
  megabytes: number,
): Promise<{ files: Record<string, string>; env: Record<string, string> }> {
  const source = await freshPostgres('big')
  cleanups.push(source.drop)
  await source.query(`create table people (id int primary key, name text, note text);
    insert into people select n, 'Person ' || n, case when n = 77 then repeat('x', ${megabytes * MEGABYTE}) end
    from generate_series(1, 150) n`)
  const connections = 'source:\n  connector: postgres\n  url: ${env:SOURCE_URL}\n'
  return {
    files: { 'config/connections.yaml': connections, 'pipelines/big.yaml': pipeline('public.people') },
    env: { SOURCE_URL: source.url },
  }
}

async function fileSource(format: 'jsonl' | 'csv', megabytes: number) {
  const note = (n: number) => (n === 77 ? 'x'.repeat(megabytes * MEGABYTE) : '')
  const ids = Array.from({ length: 150 }, (_, i) => i + 1)
  const lines =
    format === 'csv'
      ? ['id,name,note', ...ids.map((n) => `${n},Person ${n},${note(n)}`)]
      : ids.map((id) => JSON.stringify({ id, name: `Person ${id}`, note: note(id) }))
  const connections = 'source:\n  connector: files\n  path: ./data\n'
  return {
    files: {
      'config/connections.yaml': connections,
      'pipelines/big.yaml': pipeline(`people.${format}`),
      [`data/people.${format}`]: `${lines.join('\n')}\n`,
    },
    env: {},
  }
}

const SOURCES = {
  postgres: postgresSource,
  jsonl: (megabytes: number) => fileSource('jsonl', megabytes),
  csv: (megabytes: number) => fileSource('csv', megabytes),
}

const CASES = Object.keys(SOURCES).flatMap((name) =>
  (name === 'postgres' || process.env.POLDER_TEST_LARGE ? SIZES : SIZES.slice(-1)).map(
    (size) => [name, size] as const,
  ),
)

test.each(CASES)(
  '%s: fault 32: a row of %i MB is loaded or set aside, and takes no more than three times its size',
  async (name, megabytes) => {
    const sourceOf = SOURCES[name as keyof typeof SOURCES]
    const warehouse = await freshWarehouse('duckdb')
    cleanups.push(warehouse.drop)
    const small = await sourceOf(0)
    const project = await warehouseProject(warehouse, small.files, { env: small.env })
    cleanups.push(project.remove)
    const before = await watchedRun(project)
    const source = await sourceOf(megabytes)
    Object.assign(project.env, source.env)
    await project.write(source.files)
    const { answer, peak } = await watchedRun(project)
    expect(answer.exitCode, told(answer)).toBe(0)
    const rejected = megabytes > LIMIT ? 1 : 0
    expect(answer.result.counts).toMatchObject({ read: 150, rejected })
    const rejects = await listRejects(project)
    if (rejected) {
      expect(rejects).toMatchObject([{ code: 'E443', reason: expect.stringMatching(/8 MB/) }])
    }
    console.info(
      `${megabytes} MB: ${Math.round((peak - before.peak) / MEGABYTE)} MB more, peak ${Math.round(peak / MEGABYTE)}`,
    )
    expect(peak - before.peak).toBeLessThan(
      3 * megabytes * MEGABYTE + OWN_MEMORY + (rejected ? 0 : DUCKDB_MEMORY),
    )
    expect(await inWarehouse(warehouse, counterFaults)).toEqual([])
  },
)

test('fault 32: many large rows are loaded in the memory that DuckDB has by default', async () => {
  const warehouse = await freshWarehouse('duckdb')
  cleanups.push(warehouse.drop)
  const { files } = await fileSource('jsonl', 0)
  const project = await warehouseProject(warehouse, files)
  cleanups.push(project.remove)
  const rows = (mark: string) =>
    Array.from({ length: 40 }, (_, id) =>
      JSON.stringify({ id, name: mark, note: mark + '0123456789abcdef0e1e'.repeat(50_000) }),
    ).join('\n')
  for (const mark of ['first', 'second']) {
    await project.write({ 'data/people.jsonl': rows(mark) })
    const { answer, peak } = await watchedRun(project)
    expect(answer.exitCode, told(answer)).toBe(0)
    expect(answer.result.counts).toMatchObject({ read: 40, loaded: 40 })
    expect(peak).toBeLessThan(800 * MEGABYTE)
  }
})

test('fault 32: a row of ten thousand columns is read for the few that are mapped', async () => {
  const warehouse = await freshWarehouse('duckdb')
  cleanups.push(warehouse.drop)
  const names = Array.from({ length: 10_000 }, (_, i) => `column_${i}`)
  const { files } = await fileSource('csv', 0)
  const header = ['id', 'name', 'note', ...names].join(',')
  const body = Array.from({ length: 100 }, (_, n) => `${n},Person ${n},x${',7'.repeat(names.length)}`)
  const data = { 'data/people.csv': `${[header, ...body].join('\n')}\n` }
  const project = await warehouseProject(warehouse, { ...files, ...data })
  cleanups.push(project.remove)
  const { answer } = await watchedRun(project)
  expect(answer.exitCode, told(answer)).toBe(0)
  expect(answer.result.counts).toMatchObject({ read: 100, loaded: 100 })
})

describe.each(WAREHOUSES)('%s', (name) => {
  test('fault 33: what is nested too deep is set aside, lists of a million items are loaded', async () => {
    const warehouse = await freshWarehouse(name)
    cleanups.push(warehouse.drop)
    const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`
    const notes = [
      '"plain"',
      nested(10_000),
      `[${'7,'.repeat(999_999)}7]`,
      nested(30),
      nested(100),
      nested(250),
    ]
    const more = Array.from({ length: 200 }, () => 'null')
    const lines = [...notes, ...more].map((note, id) => `{"id":${id},"name":"Person ${id}","note":${note}}`)
    const { files } = await fileSource('jsonl', 0)
    const project = await warehouseProject(warehouse, { ...files, 'data/people.jsonl': lines.join('\n') })
    cleanups.push(project.remove)
    const { answer } = await watchedRun(project)
    expect(answer.exitCode, told(answer)).toBe(0)
    expect(answer.result.counts).toMatchObject({ read: 206, loaded: 205, rejected: 1 })
    await inWarehouse(warehouse, async (session) => {
      const rows = await unifiedRows(session, 'party')
      const noteOf = (id: number) => {
        const found = rows.find((it) => it['id'] === `big:people:${id}`)!['attributes']
        return (typeof found === 'string' ? JSON.parse(found) : found).note
      }
      expect(noteOf(2)).toHaveLength(1_000_000)
      for (const [id, depth] of [
        [3, 30],
        [4, 100],
        [5, 250],
      ] as const)
        expect(JSON.stringify(noteOf(id))).toBe(nested(depth))
    })
  })
})
