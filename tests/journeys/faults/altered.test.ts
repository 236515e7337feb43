import { afterEach, describe, expect, test } from 'vitest'
import { counterFaults } from '../../support/oracle.ts'
import { peopleProject, well } from '../../support/people.ts'
import { inWarehouse } from '../../support/warehouse.ts'

const ROWS = 2_000
const COMMIT_ROWS = 100

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** No row has a mark, so every reading is a full one. */
const TABLE = `create table people (id int primary key, name varchar(40), email varchar(90), updated_at timestamp null)`
const FILL = {
  postgres: `insert into people select n, 'N' || n, null, null from generate_series(1, ${ROWS}) n`,
  mysql: `insert into people select seq, concat('N', seq), null, null from seq_1_to_${ROWS}`,
}
const NAMES = Array.from({ length: ROWS }, (_, n) => `N${n + 1}`).sort()

const ALTER = [
  {
    what: 'renamed',
    there: 'rename column name to full_name',
    back: 'rename column full_name to name',
    // Whichever look at the table comes first: the contract's, the reader's, or the server's own.
    codes: ['E321', 'E405', 'E409'],
  },
  {
    what: 'retyped',
    there: { postgres: 'alter name type text', mysql: 'modify name text' },
    back: { postgres: 'alter name type varchar(40)', mysql: 'modify name varchar(40)' },
    codes: [],
  },
]

describe.each(['postgres', 'mysql'] as const)('%s as the source', (source) => {
  test.each(ALTER)(
    'fault 30: a used column that is $what in the middle of a reading empties nothing; the next run goes on',
    async ({ there, back, codes }) => {
      const people = await peopleProject('duckdb', {
        settings: '',
        source,
        people: `${TABLE}; ${FILL[source]}`,
        commitRows: COMMIT_ROWS,
      })
      cleanups.push(people.remove)
      const alter = (how: typeof there) =>
        people.source.query(`alter table people ${typeof how === 'string' ? how : how[source]}`)
      let altered: Promise<unknown> | undefined
      let commits = 0
      const report = await people.run({
        onEvent(event) {
          if (event.kind === 'committed' && ++commits === 2) altered = alter(there)
        },
      })
      expect(commits).toBeGreaterThan(1)
      await altered
      const problem = report.datasets[0]!.problem
      if (problem) expect(codes).toContain(problem.code)
      const names = await people.names()
      expect(names.filter((it) => !NAMES.includes(it))).toEqual([])
      await alter(back)
      well(await people.run())
      expect(await people.names()).toEqual(NAMES)
      expect(await inWarehouse(people.warehouse, counterFaults)).toEqual([])
      console.info(
        `${source}: ${problem?.code ?? 'the reading came to its end'} after ${report.counts.read} rows`,
      )
    },
  )
})
