import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WarehouseName } from '../../tests/support/warehouse.ts'
import { build } from './command.ts'
import { costs } from './costs.ts'
import type { Line } from './measure.ts'
import { slope, tenths } from './over-time.ts'
import { type BenchProject, benchProject, type SourceName } from './project.ts'

type Road = [SourceName, WarehouseName]

/** Into an empty part rows are appended; those of a file, whose key nobody proves, are merged. */
const MEMORY_ROADS: Road[] = [
  ['postgres', 'duckdb'],
  ['postgres', 'postgres'],
  ['csv', 'duckdb'],
]

const ROADS: Road[] = [
  ['postgres', 'postgres'],
  ['postgres', 'duckdb'],
  ['mysql', 'postgres'],
  ['csv', 'duckdb'],
  ['postgres', 'mysql'],
]

/**
 * End to end: read, map twelve fields, load; beside what the warehouse takes by itself for the same rows as they landed, and with
 * the work that took the main thread's time.
 */
export async function benchRun(rows: number, only?: string): Promise<Line[]> {
  await build()
  return overRoads(ROADS.filter(chosen(only)), rows, async (project, of) => {
    const folder = await mkdtemp(join(tmpdir(), 'polder-profile-'))
    try {
      const { seconds: spent, peak } = await project.run(folder)
      const notes = (await costs(folder)).map(([kind, it]) => `${kind} ${it.toFixed(1)} s`).join(', ')
      const limit = await project.limit()
      const share = limit.seconds / spent
      return [
        { of, what: `limit: ${limit.name}`, rowsPerSecond: rows / limit.seconds },
        {
          of,
          what: 'first run',
          rowsPerSecond: rows / spent,
          share,
          limit: limit.name,
          rssMegabytes: peak,
          notes,
        },
      ]
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}

/** First runs of many rows in a process of their own, with its memory over time. */
export async function benchMemory(rows: number, only?: string): Promise<Line[]> {
  await build()
  return overRoads(MEMORY_ROADS.filter(chosen(only)), rows, async (project, of) => [
    await firstRun(project, of, rows),
  ])
}

async function firstRun(project: BenchProject, of: string, rows: number): Promise<Line> {
  const { seconds: spent, peak, samples } = await project.run()
  const over = (what: 'rss' | 'heap' | 'external') => `${what} ${tenths(samples, what)}`
  process.stderr.write(`${of}, by tenths in MB: ${over('rss')} | ${over('heap')} | ${over('external')}\n`)
  const notes = `${slope(samples).toFixed(2)} MB/s over the second half`
  return { of, what: 'first run', rowsPerSecond: rows / spent, rssMegabytes: peak, notes }
}

const UNCHANGED_RUNS = 3

/** A first run, and `polder run` over a source that has not changed since. */
export async function benchNoChange(rows: number, only?: string): Promise<Line[]> {
  await build()
  return overRoads(ROADS.filter(chosen(only)), rows, async (project, of) => {
    const lines = [await firstRun(project, of, rows)]
    for (let i = 0; i < UNCHANGED_RUNS; i++) {
      const { seconds: spent, peak, counts } = await project.run()
      const notes = `${spent.toFixed(2)} s, ${counts.read} rows read`
      lines.push({ of, what: 'run without changes', rowsPerSecond: rows / spent, rssMegabytes: peak, notes })
    }
    return lines
  })
}

/** @param only  roads as `postgres-duckdb,csv-duckdb`; nothing: all */
const chosen = (only: string | undefined) => (road: Road) =>
  only === undefined || only.split(',').includes(road.join('-'))

async function overRoads(
  roads: Road[],
  rows: number,
  work: (project: BenchProject, of: string) => Promise<Line[]>,
): Promise<Line[]> {
  const lines: Line[] = []
  for (const [from, into] of roads) {
    const project = await benchProject(from, into, rows)
    try {
      lines.push(...(await work(project, `${from} → ${into}`)))
      process.stderr.write(`${from} → ${into}\n`)
    } finally {
      await project.drop()
    }
  }
  return lines
}
