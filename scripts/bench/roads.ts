/**
 * `npm run bench:roads`: what a copy inside the warehouse and a view cost beside SQL written by hand, and beside the
 * stream; and copies from the same servers into DuckDB, where DUCKDB_EXTENSION_DIRECTORY has its extensions. Starts
 * throw-away servers unless POLDER_TEST_*_URL name some. With `--views` only views are measured.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { openProject } from '../../app/index.ts'
import type { DatasetRun } from '../../core/report.ts'
import { freshMysql, freshPostgres, queryAt } from '../../tests/support/databases.ts'
import { extensionFolder } from '../../tests/support/extensions.ts'
import startServers from '../../tests/support/global-setup.ts'
import { freshWarehouse, type TestWarehouse } from '../../tests/support/warehouse.ts'
import { type Line, median, print, seconds } from './measure.ts'
import { copyInto, insertAll, PIPELINE, TYPES } from './project.ts'
import { measureDuckdb } from './roads-duckdb.ts'
import {
  byHand,
  byHandTested,
  COLUMNS,
  oddRows,
  proveAlike,
  QUERIES,
  sameRows,
  TESTS,
  TEXTS_OF_PEOPLE,
  TIMES_OF_PEOPLE,
  timeViews,
  VIEWS,
} from './view-queries.ts'

const { values: words } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'postgres,mysql,duckdb' },
    json: { type: 'boolean', default: false },
    views: { type: 'boolean', default: false },
  },
})

type Name = 'postgres' | 'mysql'
type Session = Awaited<ReturnType<TestWarehouse['open']>>

interface Place {
  session: Session
  run(load: 'copy' | 'direct', streams?: boolean): Promise<DatasetRun>
  people: string
  /** Statements at the source, in one session that lets every date in. */
  says(sql: string[]): Promise<unknown>
  drop(): Promise<void>
}

async function makePeople(name: Name, url: string, rows: number): Promise<void> {
  const stamp = name === 'mysql' ? 'datetime(6)' : 'timestamptz'
  const say = (sql: string) => queryAt(url, sql)
  await say(`create table people (${TYPES}, made_at ${stamp}, changed_at ${stamp})`)
  if (name === 'mysql') await insertAll(say, rows)
  else await copyInto(url, rows)
  await say(name === 'mysql' ? 'analyze table people' : 'vacuum analyze people')
}

/** @param more  options of the warehouse */
async function writeProject(
  root: string,
  name: Name,
  warehouse: TestWarehouse,
  settings: string,
  more = '',
): Promise<void> {
  const files = {
    'polder.yaml': `${warehouse.yaml}${more}timezone: UTC\n`,
    'config/connections.yaml': `source:\n  connector: ${name}\n  url: \${env:BENCH_URL}\n  timezone: UTC\n`,
    'pipelines/bench.yaml': PIPELINE(name === 'mysql' ? 'people' : 'public.people', settings),
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

const ANY_DATE = `set sql_mode = 'allow_invalid_dates'`

const settingsOf = (load: 'copy' | 'direct', streams: boolean): string =>
  `load: ${load}${streams ? '\n    contract: discard_row' : ''}`

async function place(name: Name, rows: number): Promise<Place> {
  const warehouse = await freshWarehouse(name)
  const source = name === 'mysql' ? await freshMysql('bench') : undefined
  const url = source?.url ?? Object.values(warehouse.env)[0]!
  // Before the warehouse's schema is there: where it has the user's name, the table would be made in it.
  await makePeople(name, url, rows)
  const session = await warehouse.open()
  await session.prepare()
  const people = source ? `${source.name}.people` : 'public.people'
  const root = await mkdtemp(join(tmpdir(), 'polder-bench-'))
  const run = async (load: 'copy' | 'direct', streams = false): Promise<DatasetRun> => {
    await writeProject(root, name, warehouse, settingsOf(load, streams))
    return runOnce(root, { ...warehouse.env, BENCH_URL: url })
  }
  return {
    session,
    run,
    people,
    says: (sql) => queryAt(url, [...(source ? [ANY_DATE] : []), ...sql].join(';\n')),
    async drop() {
      await session.close()
      await source?.drop()
      await warehouse.drop()
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function runOnce(root: string, env: Record<string, string>): Promise<DatasetRun> {
  const polder = await openProject(root, { env })
  try {
    const { signal } = new AbortController()
    const report = await polder.run([], { full: true, allowShrink: false, signal, onEvent: () => {} })
    if (report.exitCode !== 0) throw new Error(JSON.stringify(report.datasets, null, 2))
    return report.datasets[0]!
  } finally {
    await polder.close()
  }
}

/** Seconds of a dataset, from its lease to its end: what a command costs beside is the same for any number of rows. */
function spent({ road, startedAt, endedAt }: DatasetRun, wanted: DatasetRun['road']): number {
  if (road !== wanted) throw new Error(`expected the ${wanted} road, not ${road}`)
  return (Date.parse(endedAt!) - Date.parse(startedAt)) / 1000
}

/** The same rows through this process, into a warehouse of their own. */
async function streamed(name: Name, rows: number): Promise<number> {
  const at = await place(name, rows)
  try {
    return spent(await at.run('copy', true), 'stream')
  } finally {
    await at.drop()
  }
}

async function measure(name: Name, rows: number): Promise<Record<string, number>> {
  const taken: Record<string, number> = words.views
    ? {}
    : { ...(await intoDuckdb(name, rows)), stream: await streamed(name, rows) }
  const at = await place(name, rows)
  try {
    // Who comes first would read what nobody has read.
    await at.session.query(QUERIES['whole']!(`(${byHand(name, at.people)}) as h`))
    if (!words.views) await measureCopies(name, at, taken)
    await measureViews(name, at, false, taken)
    await at.session.transaction((tx) => tx.run(`alter table ${at.people} ${CHECKS[name].join(', ')}`))
    await measureViews(name, at, true, taken)
  } finally {
    await at.drop()
  }
  return taken
}

async function measureCopies(name: Name, at: Place, taken: Record<string, number>): Promise<void> {
  taken['pushdown'] = spent(await at.run('copy'), 'pushdown')
  taken['by hand'] = await insertByHand(name, at)
  taken['merge, nothing changed'] = spent(await at.run('copy'), 'pushdown')
}

const extensions = extensionFolder(['postgres_scanner', 'mysql_scanner'], 'copies into DuckDB')

/** The same rows into DuckDB: by its extension, and through this process. */
async function intoDuckdb(name: Name, rows: number): Promise<Record<string, number>> {
  if (extensions === undefined) return {}
  const source = name === 'mysql' ? await freshMysql('bench') : await freshPostgres('bench')
  const taken: Record<string, number> = {}
  try {
    await makePeople(name, source.url, rows)
    for (const road of ['stream', 'pushdown'] as const) {
      const warehouse = await freshWarehouse('duckdb')
      const root = await mkdtemp(join(tmpdir(), 'polder-bench-'))
      const settings = settingsOf('copy', road === 'stream')
      await writeProject(root, name, warehouse, settings, `  extension_directory: ${extensions}\n`)
      taken[`${road} into duckdb`] = spent(await runOnce(root, { BENCH_URL: source.url }), road)
      await warehouse.drop()
      await rm(root, { recursive: true, force: true })
    }
  } finally {
    await source.drop()
  }
  return taken
}

const years = (it: string) => `${it} between '1900-01-01' and '2100-01-01'`

/** What spares the views all tests of this mapping. */
const CHECKS: Record<Name, string[]> = {
  postgres: TIMES_OF_PEOPLE.map((it) => `add check (${years(it)})`),
  mysql: [
    ...TIMES_OF_PEOPLE.map((it) => `add check (${years(it)} and ${it} <=> ${it} + interval 0 day)`),
    ...TEXTS_OF_PEOPLE.map((it) => `add check (locate(x'00', cast(${it} as binary)) = 0)`),
  ],
}

/** Into a table of the same shape, with the same keys: built behind the rows, or with them where a table is its key. */
async function insertByHand(name: Name, { session, people }: Place): Promise<number> {
  const { dialect, internal } = session
  const isPostgres = name === 'postgres'
  const hand = dialect.relation(internal, 'hand')
  const part = dialect.relation(internal, isPostgres ? 'party__bench__people' : 'party__parts')
  const say = (sql: string) => session.transaction((tx) => tx.run(sql))
  const into =
    `insert into ${hand} (${isPostgres ? '' : 'slot, '}${COLUMNS}, loaded_at, run_id) ` +
    `select ${isPostgres ? '' : '1, '}h.*, ${dialect.now}, 'hand' from (${byHand(name, people)}) as h`
  await say(isPostgres ? `create table ${hand} (like ${part})` : `create table ${hand} like ${part}`)
  const took = await seconds(async () => {
    await say(into)
    if (!isPostgres) return
    await say(`create unique index on ${hand} (id)`)
    await say(`create index on ${hand} (source_id)`)
  })
  await say(`drop table ${hand}`)
  return took
}

async function measureViews(
  name: Name,
  { session, run, people, says }: Place,
  isConstrained: boolean,
  taken: Record<string, number>,
): Promise<void> {
  spent(await run('direct'), 'view')
  const { dialect, internal, schema } = session
  const [ours, hand, tested] = [
    dialect.relation(schema, 'party'),
    dialect.relation(internal, 'hand_view'),
    dialect.relation(internal, 'tested_view'),
  ]
  const say = (sql: string) => session.transaction((tx) => tx.run(sql))
  await say(`create or replace view ${hand} as ${byHand(name, people)}`)
  // Constraints prove the tests to whoever writes by hand too.
  await say(
    `create or replace view ${tested} as ${byHandTested(name, people, isConstrained ? [] : TESTS[name])}`,
  )
  if (isConstrained) await sameRows(session, ours, tested)
  else await proveAlike(session, [ours, tested], oddRows(name, people), says, { people })
  const views = { [VIEWS.ours]: ours, [VIEWS.hand]: hand, [VIEWS.tested]: tested }
  await timeViews(session, views, isConstrained ? ', constrained' : '', taken)
}

/** Speeds beside what was written by hand: 1 is as fast, above 1 faster. */
const COMPARED: [what: string, to: string][] = [
  ['pushdown into duckdb', 'stream into duckdb'],
  ['pushdown', 'by hand'],
  ['pushdown', 'stream'],
  ['merge, nothing changed', 'by hand'],
  ...['', ', constrained', ', Parquet', ', own table'].flatMap((of) =>
    Object.keys(QUERIES).flatMap((it) =>
      [VIEWS.hand, VIEWS.tested].map((to): [string, string] => [`view, ${it}${of}`, `${to}, ${it}${of}`]),
    ),
  ),
]

async function bench(names: (Name | 'duckdb')[], rows: number, rounds: number): Promise<Line[]> {
  const taken = new Map<string, Record<string, number>[]>()
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      taken.set(name, [
        ...(taken.get(name) ?? []),
        await (name === 'duckdb' ? measureDuckdb(rows) : measure(name, rows)),
      ])
      process.stderr.write(`round ${round + 1}, ${name}\n`)
    }
  return [...taken].flatMap(([of, all]) =>
    COMPARED.filter(([what]) => all[0]![what] !== undefined).map(([what, to]) => ({
      of,
      what,
      rowsPerSecond: rows / median(all.map((it) => it[what]!)),
      share: median(all.map((it) => it[to]! / it[what]!)),
      limit: to,
    })),
  )
}

const stop = await startServers()
try {
  print(
    await bench(words.only.split(',') as (Name | 'duckdb')[], Number(words.rows), Number(words.rounds)),
    words.json,
  )
} finally {
  await stop()
}
