import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openProject } from '../../app/index.ts'
import { makeFile } from '../../connectors/duckdb/testing.ts'
import type { RunReport } from '../../core/report.ts'
import { freshMysql, postgresQuery } from '../support/databases.ts'
import { emptyProject, type TestProject, warehouseProject } from '../support/project.ts'
import {
  freshWarehouse,
  inWarehouse,
  type TestWarehouse,
  WAREHOUSES,
  warehouseAt,
} from '../support/warehouse.ts'

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.reverse()) await step()
})

const TABLE = {
  'schema/forecast.yaml': `table: forecast
description: What a balance grows to
columns:
  grown: { type: double, description: After three years }
  cents: { type: "decimal(12,2)", description: The same in whole cents }
`,
}

/** The last row has next to nothing left: no power is proven so small, and JavaScript computes it. */
const ROWS = [
  [1, 1234.56, 0.05],
  [2, 0.1, 0.03],
  [3, 99_999.99, 0.0123],
  [4, 5, null],
  [5, 7, -0.99999],
] as const
const FORECAST = (rate: number | null, balance: number) => (rate === null ? null : balance * (1 + rate) ** 3)

const pipeline = (from: string, more: string) => `pipeline: bank
connection: bank
datasets:
  balances:
    from: ${from}
${more}    to:
      forecast:
        when: $exists(id)
        grown: balance * $power(1 + rate, 3)
        cents: balance * $power(1 + rate, 3)
`

async function stand(name: (typeof WAREHOUSES)[number]): Promise<[TestProject, TestWarehouse, from: string]> {
  const values = ROWS.map((it) => `(${it.map((value) => value ?? 'null').join(', ')})`).join(', ')
  const sql = `create table balances (id int primary key, balance decimal(12,2), rate decimal(8,6)); insert into balances values ${values}`
  const connection = (text: string) => ({ ...TABLE, 'config/connections.yaml': `bank:\n  ${text}\n` })
  if (name === 'duckdb') {
    const project = await emptyProject()
    const path = join(project.root, 'warehouse.duckdb')
    const warehouse = warehouseAt(path)
    await makeFile(path, sql)
    await project.write({
      'polder.yaml': `${warehouseAt('./warehouse.duckdb').yaml}timezone: UTC\n`,
      ...connection(`connector: duckdb\n  path: ./warehouse.duckdb`),
    })
    undo.push(project.remove)
    return [project, warehouse, 'main.balances']
  }
  const warehouse = await freshWarehouse(name)
  const own = Object.values(warehouse.env)[0]!
  const source = name === 'mysql' ? await freshMysql('bank') : undefined
  const url = source?.url ?? own
  for (const it of sql.split('; ')) await (source ? source.query(it) : postgresQuery(url, it))
  const files = connection(`connector: ${name}\n  url: \${env:BANK_URL}`)
  const project = await warehouseProject(warehouse, files, { env: { BANK_URL: url } })
  undo.push(...(source ? [source.drop] : []), warehouse.drop, project.remove)
  return [project, warehouse, name === 'mysql' ? 'balances' : 'public.balances']
}

test.each(WAREHOUSES)(
  '%s computes a power itself only where the dataset takes its last bits',
  async (name) => {
    const [project, warehouse, from] = await stand(name)
    const polder = async <T>(
      work: (it: Awaited<ReturnType<typeof openProject>>) => Promise<T>,
    ): Promise<T> => {
      const opened = await openProject(project.root, { env: { ...process.env, ...project.env } })
      return work(opened).finally(() => opened.close())
    }
    const say = (more: string) => project.write({ 'pipelines/bank.yaml': pipeline(from, more) })
    const plan = () => polder(async (it) => (await it.plan([])).datasets[0]!)
    const { signal } = new AbortController()
    const run = (): Promise<RunReport> =>
      polder((it) => it.run([], { full: false, allowShrink: false, signal, onEvent: () => {} }))
    const grown = () =>
      inWarehouse(warehouse, async (session) => {
        const rows = await session.query<{ source_id: string; grown: number | null; cents: string | null }>(
          `select source_id, grown, cents from ${session.dialect.relation(session.schema, 'forecast')} order by source_id`,
        )
        return rows.map((it) => [Number(it.source_id), it.grown === null ? null : Number(it.grown), it.cents])
      })
    const near = (ids: number[]) =>
      ROWS.filter(([id]) => ids.includes(id)).map(([id, balance, rate]) => {
        const value = FORECAST(rate, balance)
        return [id, value && expect.closeTo(value, 9), value?.toFixed(2) ?? null]
      })

    const copies = name === 'duckdb' ? '' : '    load: copy\n'
    await say(copies)
    const before = await plan()
    expect(before.road).toBe('stream')
    const told = [...before.because, ...before.obstacles.map((it) => it.because)].join('\n')
    expect(told).toContain('the last bits of a double may differ; doubles: close takes it all the same')
    const streamed = await run()
    expect(streamed.datasets[0]!.counts).toMatchObject({ loaded: 5, rejected: 0 })
    expect(await grown()).toEqual(near([1, 2, 3, 4, 5]))

    await say(`${copies}    doubles: close\n`)
    const after = await plan()
    expect(after).toMatchObject({ mapping: { changed: true } })
    if (name === 'duckdb') expect(after.obstacles.map((it) => it.what)).toEqual(['rows'])
    else {
      expect(after.road).toBe('pushdown')
      const pushed = await run()
      expect(pushed.datasets[0]).toMatchObject({ road: 'pushdown', counts: { rejected: 0 } })
      expect(await grown()).toEqual(near([1, 2, 3, 4, 5]))
    }

    // A decimal of a double depends on the session in PostgreSQL; the double itself does not.
    const own = pipeline(from, '    load: direct\n    doubles: close\n')
    await project.write({
      'pipelines/bank.yaml': name === 'postgres' ? own.replace(/ +cents: .*\n/, '') : own,
    })
    expect((await plan()).road).toBe('view')
    await run()
    const seen = near([1, 2, 3, 4])
    expect(await grown()).toEqual(name === 'postgres' ? seen.map(([id, value]) => [id, value, null]) : seen)
  },
)
