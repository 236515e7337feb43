import { afterEach, expect, test } from 'vitest'
import { program } from '../../support/binaries.ts'
import { freshPostgres } from '../../support/databases.ts'
import { warehouseProject } from '../../support/project.ts'
import { told } from '../../support/report.ts'
import { freshWarehouse, inWarehouse, unifiedRows } from '../../support/warehouse.ts'

const faketime = program('faketime')
if (faketime === undefined) console.warn('SKIPPED, fault 20 (clocks that differ): no faketime here')

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const FILES = {
  'config/connections.yaml': 'source:\n  connector: postgres\n  url: ${env:SOURCE_URL}\n',
  'pipelines/skew.yaml': `pipeline: skew
connection: source
datasets:
  people:
    from: public.people
    cursor: at
    lookback: 1s
    to:
      party:
        kind: { is: person }
        full_name: name
`,
}

test.skipIf(faketime === undefined).each(['+10m', '-10m'])(
  'fault 20: with a clock of the host and the warehouse that is off by %s, no change is missed and no future row moves the cursor',
  async (skew) => {
    const source = await freshPostgres('skew')
    const warehouse = await freshWarehouse('duckdb')
    const project = await warehouseProject(warehouse, FILES, { env: { SOURCE_URL: source.url } })
    cleanups.push(source.drop, warehouse.drop, project.remove)
    await source.query(`create table people (id int primary key, name text, at timestamptz);
      insert into people values (1, 'now', now()), (2, 'future', now() + interval '1 hour')`)
    const run = async () => {
      const answer = await project.json<{ datasets: { mode: string; cursor: string }[] }>(['run'], {
        wrap: (words) => [faketime!, '-f', skew, ...words],
        // Timers of Node stand on the clock that only goes forward.
        env: { FAKETIME_DONT_FAKE_MONOTONIC: '1' },
      })
      expect(answer.exitCode, told(answer as never)).toBe(0)
      return answer.result.datasets[0]!
    }
    const cursorAfter = async () => (await run()).cursor
    const first = await cursorAfter()
    expect(Math.abs(Date.parse(first) - Date.now())).toBeLessThan(60_000)
    await source.query(`insert into people values (3, 'later', now())`)
    const second = await run()
    expect(second.mode).toBe('incremental')
    expect(second.cursor > first).toBe(true)
    expect(Math.abs(Date.parse(second.cursor) - Date.now())).toBeLessThan(60_000)
    await source.query(`update people set name = 'changed', at = now() where id = 1`)
    expect((await run()).mode).toBe('incremental')
    const rows = await inWarehouse(warehouse, (session) => unifiedRows(session, 'party'))
    expect(rows.map((it) => it['full_name'])).toEqual(['changed', 'future', 'later'])
  },
)
