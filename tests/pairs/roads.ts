import { expect } from 'vitest'
import type { Polder } from '../../app/api.ts'
import { openProject } from '../../app/index.ts'
import type { DatasetRun } from '../../core/report.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import type { Row } from '../../core/value.ts'
import { inWarehouse, rowsOf } from '../support/warehouse.ts'
import type { Pair, Stand } from './pairs.ts'

/** What pipelines say of their datasets' roads. */
export interface Words {
  /** By `<pipeline>.<dataset>`. */
  load: Record<string, 'copy' | 'direct'>
  contract: 'evolve' | 'discard_row'
}

export interface Suite {
  /** `<pipeline>.<dataset>` of each. */
  datasets: string[]
  /** Copied inside the warehouse once more, over the rows that are there. */
  again?: boolean
  /** Those that are compared. */
  tables: UnifiedTable[]
  /** The files of the project that say it. */
  files(words: Words): Record<string, string>
  /** What a difference is told with: the expressions of a dataset. */
  says(dataset: string): string
}

type Rows = Map<string, Row>

/**
 * Copies inside the warehouse where it can, then through the process, then inside the warehouse once more, which must
 * find nothing to write, then maps in place: the rows must be the same each time. A view may leave rows out, which it has to list.
 *
 * @returns how many datasets took which road
 */
export async function sameOnAllRoads(pair: Pair, stand: Stand, suite: Suite) {
  const all = (word: 'copy' | 'direct') => Object.fromEntries(suite.datasets.map((it) => [it, word]))
  await stand.project.write(suite.files({ load: all('copy'), contract: 'evolve' }))
  const copied = await runs(stand, suite)
  const first = await rowsIn(stand, suite)
  const pushed = copied.filter((it) => it.road === 'pushdown').length
  if (!pair.roads.includes('pushdown')) expect(pushed).toBe(0)

  await stand.project.write(suite.files({ load: all('copy'), contract: 'discard_row' }))
  const streamed = await runs(stand, suite)
  expect(new Set(streamed.map((it) => it.road))).toEqual(new Set(['stream']))
  const second = await rowsIn(stand, suite)
  same(suite, 'copied inside the warehouse', first, 'streamed', second)
  const nothingWritten = (runs: DatasetRun[]) => {
    // Nothing was: what is compared above is what the first road stored.
    for (const it of runs) expect(it.counts.loaded, `${it.dataset}: ${JSON.stringify(it.counts)}`).toBe(0)
  }
  nothingWritten(streamed)

  if (suite.again && pushed > 0) {
    await stand.project.write(suite.files({ load: all('copy'), contract: 'evolve' }))
    const merged = await runs(stand, suite)
    expect(merged.filter((it) => it.road === 'pushdown')).toHaveLength(pushed)
    same(suite, 'streamed', second, 'merged inside the warehouse', await rowsIn(stand, suite))
    nothingWritten(merged)
  }

  await stand.project.write(suite.files({ load: all('direct'), contract: 'evolve' }))
  const planned = (await polder(stand, (it) => it.plan([]))).datasets
  const views = planned.filter((it) => it.road === 'view').map((it) => it.dataset)
  const mixed = { ...all('copy'), ...Object.fromEntries(views.map((it) => [it, 'direct' as const])) }
  await stand.project.write(suite.files({ load: mixed, contract: 'evolve' }))
  const shown = await runs(stand, suite)
  expect(shown.filter((it) => it.road === 'view').map((it) => it.dataset)).toEqual(views)
  const third = await rowsIn(stand, suite)
  const listing = shown
    .filter((it) => it.warnings.some(({ code }) => code === 'E341'))
    .map((it) => it.dataset)
  const left = await leftOut(stand, listing)
  for (const [id, row] of second)
    if (left.has(`${refOf(row)}/${row['source_id']}`)) {
      expect(third.has(id), `${id} is listed and shown: ${says(suite, row)}`).toBe(false)
      second.delete(id)
    }
  same(suite, 'streamed', second, 'in place', third)
  return { datasets: planned.length, pushed, views: views.length, rows: first.size, leftOut: left.size }
}

function polder<T>(stand: Stand, work: (it: Polder) => Promise<T>): Promise<T> {
  return openProject(stand.project.root, { env: stand.project.env }).then((it) =>
    work(it).finally(() => it.close()),
  )
}

async function runs(stand: Stand, suite: Suite): Promise<DatasetRun[]> {
  const { signal } = new AbortController()
  const options = { full: true, allowShrink: false, signal, onEvent: () => {} }
  const { datasets } = await polder(stand, (it) => it.run([], options))
  for (const it of datasets)
    expect(it.problem, `${JSON.stringify(it.problem)}\n${suite.says(it.dataset)}`).toBeUndefined()
  return datasets
}

function rowsIn(stand: Stand, suite: Suite): Promise<Rows> {
  return inWarehouse(stand.warehouse, async (session) => {
    const rows: Rows = new Map()
    for (const table of suite.tables)
      for (const row of await rowsOf(session, table)) {
        const id = `${table.name} ${row['id']}`
        expect(rows.has(id), `${id} is there twice`).toBe(false)
        if (row['deleted_at'] === null) rows.set(id, row)
      }
    return rows
  })
}

/** Rows that the views of datasets keep out and list: `<pipeline>.<dataset>/<source id>`. */
function leftOut(stand: Stand, listing: string[]): Promise<Set<string>> {
  return inWarehouse(stand.warehouse, async (session) => {
    const left = new Set<string>()
    for (const it of listing) {
      const relation = session.dialect.relation(session.internal, `${it.replace('.', '__')}__rejects`)
      const sql = `select source_id from ${relation}`
      for (const row of await session.query(sql)) left.add(`${it}/${row['source_id']}`)
    }
    return left
  })
}

function same(suite: Suite, one: string, first: Rows, other: string, second: Rows): void {
  const wrong: string[] = []
  for (const id of new Set([...first.keys(), ...second.keys()])) {
    const [a, b] = [first.get(id), second.get(id)]
    if (JSON.stringify(a) === JSON.stringify(b)) continue
    const only = Object.keys(a ?? b!).filter((it) => JSON.stringify(a?.[it]) !== JSON.stringify(b?.[it]))
    const values = only.map((it) => `${it} ${JSON.stringify(a?.[it])} ≠ ${JSON.stringify(b?.[it])}`)
    wrong.push(`${id}: ${a && b ? values.join(', ') : `only ${a ? one : other}`}\n${says(suite, (a ?? b)!)}`)
  }
  expect(wrong.slice(0, 5).join('\n'), `${wrong.length} rows, ${one} ≠ ${other}`).toBe('')
}

const refOf = (row: Row): string => `${row['source']}.${row['source_object']}`

const says = (suite: Suite, row: Row): string => suite.says(refOf(row))
