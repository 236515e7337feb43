import type { Counts } from '../../core/counts.ts'
import type { WarehouseName } from '../../tests/support/warehouse.ts'
import { type Line, sampled, seconds } from './measure.ts'
import { type BenchProject, benchProject, type SourceName } from './project.ts'

const ROADS: [SourceName, WarehouseName][] = [
  ['postgres', 'postgres'],
  ['postgres', 'duckdb'],
  ['mysql', 'postgres'],
  ['csv', 'duckdb'],
  ['postgres', 'mysql'],
]

/** The middle of a run is flat when its memory grows by no more than this. */
const FLAT_GROWTH = 1.15

/** End to end: read, map twelve fields, load. */
export const benchRun = (rows: number): Promise<Line[]> =>
  overRoads(ROADS, rows, async (project, of) => {
    const { line } = await measured(project, of, 'first run', rows)
    return [line]
  })

/** First runs of many rows, with the memory of this process over time. */
export const benchMemory = (rows: number): Promise<Line[]> =>
  overRoads(
    [
      ['postgres', 'duckdb'],
      ['postgres', 'postgres'],
    ],
    rows,
    async (project, of) => {
      const { line, samples } = await measured(project, of, 'first run', rows)
      return [{ ...line, notes: flatness(samples) }]
    },
  )

/** A run over a source that has not changed since the last one. */
export const benchNoChange = (rows: number): Promise<Line[]> =>
  overRoads(ROADS, rows, async (project, of) => {
    await project.run()
    const { line, counts, spent } = await measured(project, of, 'run without changes', rows)
    return [{ ...line, notes: `${spent.toFixed(2)} s, ${counts.read} rows read` }]
  })

async function overRoads(
  roads: typeof ROADS,
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

async function measured(project: BenchProject, of: string, what: string, rows: number) {
  let counts: Counts | undefined
  const { result: spent, samples } = await sampled(() =>
    seconds(async () => {
      counts = await project.run()
    }),
  )
  const line: Line = { of, what, rowsPerSecond: rows / spent, rssMegabytes: Math.max(...samples) }
  return { line, samples, spent, counts: counts! }
}

/** Compares the highest points of the second and of the last quarter. */
function flatness(samples: number[]): string {
  const quarter = samples.length >> 2
  const early = Math.max(...samples.slice(quarter, 2 * quarter))
  const late = Math.max(...samples.slice(3 * quarter))
  const word = late <= early * FLAT_GROWTH ? 'flat' : 'growing'
  return `${word}: ${Math.round(early)} MB in the second quarter, ${Math.round(late)} MB in the last`
}
