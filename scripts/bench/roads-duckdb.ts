import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openProject } from '../../app/index.ts'
import { warehouseAt } from '../../tests/support/warehouse.ts'
import { PIPELINE } from './project.ts'
import {
  byHand,
  byHandTested,
  oddRows,
  proveAlike,
  sameRows,
  TESTS,
  timeViews,
  VIEWS,
} from './view-queries.ts'

/** The rows of `project.ts`, made by DuckDB itself. */
const made = (rows: number): string => {
  const instant = `timestamp '2026-01-01' + (n % 28) * interval 1 day + (n % 86400) * interval 1 second`
  return (
    `select n::integer as people_id, 'Ada ' || n % 1000 as given_name, 'van der Lovelace ' || n as family_name, ` +
    `make_date(1950 + (n % 60)::integer, 1 + (n % 12)::integer, 1 + (n % 28)::integer) as born, ` +
    `case n % 3 when 0 then 'female' when 1 then 'male' end as gender, case n % 2 when 0 then 'nl' else 'en-GB' end as language, ` +
    `'NL' as country, 'job ' || n % 97 as job, 'branch ' || n % 13 as branch, (n % 977)::integer as staff, ` +
    `'https://example.org/' || n as site, ${instant} as made_at, ${instant} as changed_at from range(${rows}) as r (n)`
  )
}

const CONNECTIONS: Record<string, string> = {
  Parquet: 'source:\n  connector: files\n  path: ./data/*.parquet\n  timezone: UTC\n',
  'own table': 'source:\n  connector: duckdb\n  path: ./warehouse.duckdb\n  timezone: UTC\n',
}

/** Seconds of queries over views of a Parquet file and of a table of the warehouse, beside those written by hand. */
export async function measureDuckdb(rows: number): Promise<Record<string, number>> {
  const root = await mkdtemp(join(tmpdir(), 'polder-bench-'))
  const taken: Record<string, number> = {}
  try {
    const warehouse = warehouseAt(join(root, 'warehouse.duckdb'))
    const file = join(root, 'data/people.parquet')
    const within = async (
      work: (session: Awaited<ReturnType<typeof warehouse.open>>) => Promise<unknown>,
    ) => {
      const session = await warehouse.open()
      await work(session).finally(() => session.close())
    }
    await mkdir(dirname(file))
    await within(async (session) => {
      await session.prepare()
      const say = (sql: string) => session.transaction((tx) => tx.run(sql))
      await say(`create table main.people as ${made(rows)}`)
      await say('alter table main.people add primary key (people_id)')
      await say(`copy main.people to '${file}' (format parquet)`)
    })
    for (const [of, connection] of Object.entries(CONNECTIONS)) {
      await mapInPlace(root, warehouse.yaml, connection, of === 'Parquet' ? 'people.parquet' : 'main.people')
      await within(async (session) => {
        const relation = of === 'Parquet' ? `read_parquet('${file}')` : 'main.people'
        const [ours, hand, tested] = [
          session.dialect.relation(session.schema, 'party'),
          session.dialect.relation(session.internal, 'hand_view'),
          session.dialect.relation(session.internal, 'tested_view'),
        ]
        const says = (all: string[]) =>
          session.transaction(async (tx) => {
            for (const sql of all) await tx.run(sql)
          })
        // No constraint says so of a file, and a row without its key has no place.
        const tests = of === 'Parquet' ? ['people_id is not null', ...TESTS.duckdb] : TESTS.duckdb
        await says([
          `create or replace view ${hand} as ${byHand('duckdb', relation)}`,
          `create or replace view ${tested} as ${byHandTested('duckdb', relation, tests)}`,
        ])
        const bytes = 'strlen'
        if (of === 'Parquet') await sameRows(session, ours, tested, bytes)
        else
          await proveAlike(session, [ours, tested], oddRows('duckdb', relation), says, {
            people: relation,
            bytes,
          })
        const views = { [VIEWS.ours]: ours, [VIEWS.hand]: hand, [VIEWS.tested]: tested }
        await timeViews(session, views, `, ${of}`, taken, bytes)
      })
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
  return taken
}

async function mapInPlace(root: string, warehouse: string, connection: string, from: string): Promise<void> {
  const files = {
    'polder.yaml': `${warehouse}timezone: UTC\n`,
    'config/connections.yaml': connection,
    'pipelines/bench.yaml': PIPELINE(from, 'load: direct\n    key: people_id'),
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const polder = await openProject(root, { env: {} })
  try {
    const { signal } = new AbortController()
    const report = await polder.run([], { full: true, allowShrink: false, signal, onEvent: () => {} })
    const dataset = report.datasets[0]!
    if (report.exitCode !== 0 || dataset.mode !== 'view') throw new Error(JSON.stringify(dataset, null, 2))
  } finally {
    await polder.close()
  }
}
