import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { program } from '../../tests/support/binaries.ts'
import { freshMysql, freshPostgres } from '../../tests/support/databases.ts'
import { freshWarehouse, type WarehouseName } from '../../tests/support/warehouse.ts'
import { type Command, runCommand } from './command.ts'
import { landedLimit } from './limits.ts'
import { seconds } from './measure.ts'

export type SourceName = 'postgres' | 'mysql' | 'csv'

/** A project whose one dataset has twelve mapped fields; a cursor too, where its source can have one. */
export interface BenchProject {
  /** `polder run`. @param profile  see `runCommand` */
  run(profile?: string): Promise<Command>
  /** What its warehouse takes by itself for the rows that a run has landed. */
  limit(): Promise<{ name: string; seconds: number }>
  drop(): Promise<void>
}

const FIELDS =
  'people_id, given_name, family_name, born, gender, language, country, job, branch, staff, site, made_at, changed_at'

export const TYPES =
  'people_id integer primary key, given_name text, family_name text, born date, gender text, language text, ' +
  'country text, job text, branch text, staff integer, site text'

const GENDERS = ['female', 'male', null]
const two = (n: number): string => String(n).padStart(2, '0')
const STEP_ROWS = 5000

function values(n: number): (string | number | null)[] {
  const instant = `2026-01-${two(1 + (n % 28))} ${two(n % 24)}:${two(n % 60)}:00.${String(n % 1_000_000).padStart(6, '0')}`
  const day = `${1950 + (n % 60)}-${two(1 + (n % 12))}-${two(1 + (n % 28))}`
  const who = [
    n,
    `Ada ${n % 1000}`,
    `van der Lovelace ${n}`,
    day,
    GENDERS[n % 3]!,
    n % 2 === 0 ? 'nl' : 'en-GB',
  ]
  return [
    ...who,
    'NL',
    `job ${n % 97}`,
    `branch ${n % 13}`,
    n % 977,
    `https://example.org/${n}`,
    instant,
    instant,
  ]
}

function* steps(rows: number): Generator<(string | number | null)[][]> {
  for (let first = 0; first < rows; first += STEP_ROWS)
    yield Array.from({ length: Math.min(STEP_ROWS, rows - first) }, (_, i) => values(first + i))
}

export const PIPELINE = (from: string, settings: string) => `pipeline: bench
connection: source
datasets:
  people:
    from: ${from}
    ${settings}
    to:
      party:
        kind: { is: person }
        given_name: given_name
        family_name: family_name
        birth_date: born
        gender: gender
        language: language
        country: country
        job_title: job
        industry: branch
        employees: staff
        website: site
        created_at: made_at
        updated_at: changed_at
`

interface Source {
  from: string
  connection: string
  /** The line of the dataset that its kind of source needs or allows. */
  settings: string
  env: Record<string, string>
  drop(): Promise<void>
}

const sources: Record<SourceName, (root: string, rows: number) => Promise<Source>> = {
  postgres: async (_root, rows) => {
    const database = await freshPostgres('bench')
    await database.query(`create table people (${TYPES}, made_at timestamptz, changed_at timestamptz)`)
    await copyInto(database.url, rows)
    await database.query('create index on people (changed_at, people_id); analyze people')
    return server('postgres', 'public.people', database)
  },
  mysql: async (_root, rows) => {
    const database = await freshMysql('bench')
    await database.query(
      `create table people (${TYPES}, made_at datetime(6), changed_at datetime(6), key (changed_at, people_id))`,
    )
    await insertAll(database.query, rows)
    return server('mysql', 'people', database)
  },
  csv: async (root, rows) => {
    await mkdir(join(root, 'data'), { recursive: true })
    await pipeline(Readable.from(csv(rows)), createWriteStream(join(root, 'data/people.csv')))
    const connection = 'source:\n  connector: files\n  path: ./data/*.csv\n  timezone: UTC\n'
    return { from: 'people.csv', connection, settings: 'key: people_id', env: {}, drop: async () => {} }
  },
}

function server(
  connector: string,
  from: string,
  { url, drop }: { url: string; drop(): Promise<void> },
): Source {
  const connection = `source:\n  connector: ${connector}\n  url: \${env:BENCH_URL}\n  timezone: UTC\n`
  return { from, connection, settings: 'cursor: changed_at', env: { BENCH_URL: url }, drop }
}

export async function insertAll(query: (sql: string) => Promise<unknown>, rows: number): Promise<void> {
  const literal = (value: string | number | null) =>
    typeof value === 'string' ? `'${value}'` : String(value)
  for (const step of steps(rows)) {
    const tuples = step.map((row) => `(${row.map(literal).join(', ')})`)
    await query(`insert into people (${FIELDS}) values ${tuples.join(', ')}`)
  }
}

/** By the server's own client: rows by the million. */
export function copyInto(url: string, rows: number): Promise<void> {
  const words = ['-X', '-q', '-d', url, '-c', 'copy people from stdin with (format csv, header)']
  const child = spawn(program('psql')!, words, { stdio: ['pipe', 'inherit', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`psql ended with ${code}`))))
    pipeline(Readable.from(csv(rows)), child.stdin).catch(reject)
  })
}

function* csv(rows: number): Generator<string> {
  yield `${FIELDS.replaceAll(' ', '')}\n`
  for (const step of steps(rows)) yield step.map((row) => `${row.map((it) => it ?? '').join(',')}\n`).join('')
}

export async function benchProject(
  from: SourceName,
  into: WarehouseName,
  rows: number,
): Promise<BenchProject> {
  const root = await mkdtemp(join(tmpdir(), 'polder-bench-'))
  const warehouse = await freshWarehouse(into)
  const source = await sources[from](root, rows)
  const files = {
    'polder.yaml': `${warehouse.yaml}timezone: UTC\n`,
    'config/connections.yaml': source.connection,
    'pipelines/bench.yaml': PIPELINE(source.from, source.settings),
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return {
    run: (profile) => runCommand(root, { ...warehouse.env, ...source.env }, profile),
    async limit() {
      const session = await warehouse.open()
      try {
        const relation = session.facts.unionPushdown ? 'party__bench__people' : 'party__parts'
        const { name, run } = await landedLimit(into, { warehouse, session, relation })
        return { name, seconds: await seconds(run) }
      } finally {
        await session.close()
      }
    },
    async drop() {
      await source.drop()
      await warehouse.drop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
