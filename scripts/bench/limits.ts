import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Part, WarehouseSession } from '../../core/warehouse.ts'
import { program } from '../../tests/support/binaries.ts'
import type { TestWarehouse, WarehouseName } from '../../tests/support/warehouse.ts'
import { benchTable, mappedBatch, NAMES } from './rows.ts'

/** What the engine's own road takes for the same rows. */
export interface Limit {
  name: string
  run(): Promise<unknown>
}

interface Given {
  warehouse: TestWarehouse
  session: WarehouseSession
  /** Holds the rows. */
  part: Part
  rows: number
}

/**
 * What the engine takes for the rows of a table as they landed there, into an empty one of the same columns; in MariaDB, where a
 * table is its key, of the same keys too.
 */
export function landedLimit(kind: WarehouseName, given: Landed): Promise<Limit> {
  return { postgres: landedPipe, duckdb: landedInsert, mysql: landedFile }[kind](given)
}

/** @param relation  the table's name in the internal schema */
interface Landed {
  warehouse: TestWarehouse
  session: WarehouseSession
  relation: string
}

async function landedPipe({ session, warehouse, relation }: Landed): Promise<Limit> {
  const [from, into] = await twin(session, relation)
  return { name: 'text pipe, rows as landed', run: pipe(Object.values(warehouse.env)[0]!, from, into) }
}

async function landedInsert({ session, relation }: Landed): Promise<Limit> {
  const [from, into] = await twin(session, relation)
  const run = () => session.transaction((tx) => tx.run(`insert into ${into} select * from ${from}`))
  return { name: 'insert … select, rows as landed', run }
}

/** The rows lie in a file before anything is timed. */
async function landedFile({ session, warehouse, relation }: Landed): Promise<Limit> {
  const [from, into] = await twin(session, relation)
  const names = await session.query<{ name: string }>(
    'select column_name as name from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position',
    [session.internal, relation],
  )
  const folder = await mkdtemp(join(tmpdir(), 'polder-bench-'))
  const file = join(folder, 'rows.tsv')
  const texts = names.map(({ name }) => `ifnull(${session.dialect.quote(name)}, '\\\\N')`)
  await client(warehouse, `select ${texts.join(', ')} from ${from}`, ['-N', '-B', '-r', '--quick'], file)
  const load = `load data local infile '${file}' into table ${into} character set utf8mb4`
  const run = () => client(warehouse, load).finally(() => rm(folder, { recursive: true }))
  return { name: 'LOAD DATA, rows as landed', run }
}

async function twin(session: WarehouseSession, relation: string): Promise<[string, string]> {
  const [from, into] = [relation, 'limit_landed'].map((it) => session.dialect.relation(session.internal, it))
  const like = session.facts.unionPushdown ? `as select * from ${from} limit 0` : `like ${from}`
  await session.transaction((tx) => tx.run(`create table ${into} ${like}`))
  return [from!, into!]
}

/** The first is the one that shares are taken of. */
export function limits(kind: WarehouseName, given: Given): Promise<Limit[]> {
  return { postgres: textPipes, duckdb: insertSelects, mysql: loadData }[kind](given)
}

const columnsOf = (session: WarehouseSession): string =>
  NAMES.map((it) => session.dialect.quote(it)).join(', ')

/** An empty table of the landed columns, without a key. */
async function clone({ session, part }: Given, name: string, columns: string): Promise<[string, string]> {
  const from = session.dialect.relation(session.internal, part.form.relation)
  const into = session.dialect.relation(session.internal, name)
  await session.transaction((tx) => tx.run(`create table ${into} as select ${columns} from ${from} limit 0`))
  return [from, into]
}

async function textPipes(given: Given): Promise<Limit[]> {
  const { session, warehouse } = given
  const mapped = columnsOf(session)
  const [from, twelve] = await clone(given, 'limit_mapped', mapped)
  const [, landed] = await twin(session, given.part.form.relation)
  const url = Object.values(warehouse.env)[0]!
  return [
    { name: 'limit: text pipe, mapped columns', run: pipe(url, `(select ${mapped} from ${from})`, twelve) },
    { name: 'limit: text pipe, rows as landed', run: pipe(url, from, landed) },
  ]
}

const pipe = (url: string, out: string, into: string) => () =>
  shell(`"$PSQL" -qXc "$OUT" "$URL" | "$PSQL" -qXc "$INTO" "$URL"`, {
    PSQL: program('psql')!,
    URL: url,
    OUT: `copy ${out} to stdout`,
    INTO: `copy ${into} from stdin`,
  })

async function insertSelects(given: Given): Promise<Limit[]> {
  const { session } = given
  const mapped = columnsOf(session)
  const [from, twelve] = await clone(given, 'limit_mapped', mapped)
  const [, landed] = await twin(session, given.part.form.relation)
  const insert = (sql: string) => () => session.transaction((tx) => tx.run(sql))
  return [
    {
      name: 'limit: insert … select, mapped columns',
      run: insert(`insert into ${twelve} select ${mapped} from ${from}`),
    },
    {
      name: 'limit: insert … select, rows as landed',
      run: insert(`insert into ${landed} select * from ${from}`),
    },
  ]
}

const STEP_ROWS = 10_000

async function loadData(given: Given): Promise<Limit[]> {
  const { session, warehouse, rows } = given
  const mapped = columnsOf(session)
  const [, bare] = await clone(given, 'limit_bare', mapped)
  const [, keyed] = await clone(given, 'limit_keyed', mapped)
  await session.transaction((tx) => tx.run(`alter table ${keyed} add primary key (id)`))
  const folder = await mkdtemp(join(tmpdir(), 'polder-bench-'))
  const file = join(folder, 'rows.tsv')
  await pipeline(Readable.from(lines(rows)), createWriteStream(file))
  const [, landed] = await twin(session, given.part.form.relation)
  const load =
    (into: string, more = '') =>
    () =>
      client(
        warehouse,
        `load data local infile '${file}' into table ${into} character set utf8mb4 (${mapped}) ${more}`,
      )
  const removed = () => rm(folder, { recursive: true })
  return [
    { name: 'limit: LOAD DATA, no key', run: load(bare) },
    { name: 'limit: LOAD DATA, primary key', run: load(keyed) },
    { name: 'limit: LOAD DATA, rows as landed', run: () => load(landed, FILLED)().finally(removed) },
  ]
}

/** @param into  what it answers goes to this file */
function client(
  warehouse: TestWarehouse,
  sql: string,
  words: string[] = [],
  into = '/dev/null',
): Promise<void> {
  const { hostname, port, username, password } = new URL(Object.values(warehouse.env)[0]!)
  return shell(
    `"$CLIENT" --no-defaults --local-infile=1 --default-character-set=utf8mb4 --protocol=TCP -h"$AT" -P"$PORT" -u"$WHO" ${words.join(' ')} -e "$SQL" > "$INTO"`,
    {
      CLIENT: program('mariadb', 'mysql')!,
      AT: hostname,
      PORT: port,
      WHO: username,
      MYSQL_PWD: password,
      SQL: sql,
      INTO: into,
    },
  )
}

const FILLED =
  "set slot = 1, source = 'bench', source_object = 'people', source_id = substr(id, 14), loaded_at = now(6), " +
  "run_id = 'bench', _version = updated_at"

const isInstant = new Set(
  benchTable.columns.filter((it) => it.type.kind === 'timestamp').map((it) => it.name),
)

function* lines(rows: number): Generator<string> {
  for (let first = 0; first < rows; first += STEP_ROWS) {
    const count = Math.min(STEP_ROWS, rows - first)
    const { names, columns } = mappedBatch(first, count, () => 0).parts[0]!
    let text = ''
    for (let row = 0; row < count; row++)
      text += `${columns.map((it, i) => field(it[row], isInstant.has(names[i]!))).join('\t')}\n`
    yield text
  }
}

function field(value: unknown, instant: boolean): string {
  if (value === null) return '\\N'
  if (typeof value === 'boolean') return value ? '1' : '0'
  return instant ? String(value).replace('T', ' ').replace('Z', '') : String(value)
}

function shell(command: string, env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const words = ['-o', 'pipefail', '-c', command]
    const child = spawn('bash', words, {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`)),
    )
  })
}
