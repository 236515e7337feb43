import driver from 'node-sqlite3-wasm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshMysql, freshPostgres, type TestDatabase } from '../support/databases.ts'
import { type Loaded, loadedProject } from './harness.ts'
import { CONNECTIONS } from './project-files.ts'

/** Marks that a double does not tell apart, in ascending order; the last comes after the first reading. */
const MARKS = {
  whole: ['9007199254740991', '9007199254740992', '9007199254740993', '9007199254740994'],
  exact: [
    '-0.5',
    '12345678901234567.8900000001',
    '12345678901234567.8900000002',
    '12345678901234567.8900000003',
  ],
  instant: [
    '2026-03-29T01:30:00.123456Z',
    '2026-03-29T01:30:00.123457Z',
    '2026-10-25T00:30:00.000000Z',
    '2026-10-25T00:30:00.000001Z',
  ],
  local: [
    '2026-03-29T02:30:00.000000',
    '2026-10-25T02:30:00.000000',
    '2026-10-25T02:30:00.000001',
    '2026-10-25T02:30:00.000002',
  ],
} as const
type Kind = keyof typeof MARKS
const KINDS = Object.keys(MARKS) as Kind[]
const HELD: Record<string, readonly Kind[]> = { pg: KINDS, maria: KINDS, lite: ['whole'] }

const TYPES: Record<'pg' | 'maria', Record<Kind, string>> = {
  pg: { whole: 'bigint', exact: 'numeric(38,10)', instant: 'timestamptz', local: 'timestamp' },
  maria: { whole: 'bigint', exact: 'decimal(38,10)', instant: 'timestamp(6) null', local: 'datetime(6)' },
}
const isNumber = (kind: Kind) => kind === 'whole' || kind === 'exact'
function literal(kind: Kind, mark: string, source: string): string {
  if (isNumber(kind)) return mark
  return source === 'maria' ? `'${mark.replace('T', ' ').replace('Z', '')}'` : `'${mark}'`
}
const insert = (kind: Kind, source: string, from: number, to: number): string =>
  `insert into marks_${kind} (id, m) values ${MARKS[kind]
    .slice(from, to)
    .map((it, n) => `(${from + n}, ${literal(kind, it, source)})`)
    .join(', ')}`
const create = (source: 'pg' | 'maria'): string[] =>
  KINDS.flatMap((kind) => [
    `create table marks_${kind} (id int primary key, m ${TYPES[source][kind]})`,
    insert(kind, source, 0, 3),
  ])

const pipeline = (source: string): string =>
  [
    `pipeline: from_${source}\nconnection: ${source}\ndatasets:`,
    ...HELD[source]!.map(
      (kind) =>
        `  ${kind}:\n    from: marks_${kind}\n    cursor: m\n    timezone: UTC\n    to:\n      marked:\n        mark: m`,
    ),
    '',
  ].join('\n')
const FILES = {
  'config/connections.yaml': CONNECTIONS,
  'schema/marked.yaml':
    'table: marked\ndescription: Rows by mark\ncolumns:\n  mark:\n    type: text\n    description: The mark\n',
  ...Object.fromEntries(Object.keys(HELD).map((it) => [`pipelines/from_${it}.yaml`, pipeline(it)])),
}

let databases: TestDatabase[] = []
let loaded: Loaded
function inSqlite(path: string, statements: string[]): void {
  const database = new driver.Database(path)
  for (const sql of statements) database.exec(sql)
  database.close()
}

beforeAll(async () => {
  databases = await Promise.all([freshPostgres('marks'), freshMysql('marks')])
  await databases[0]!.query(["set timezone = 'UTC'", ...create('pg')].join(';\n'))
  await databases[1]!.query(["set time_zone = '+00:00'", ...create('maria')].join(';\n'))
  const env = { TYPES_POSTGRES_URL: databases[0]!.url, TYPES_MYSQL_URL: databases[1]!.url }
  loaded = await loadedProject('duckdb', FILES, env, async (folder) =>
    inSqlite(`${folder}/types.db`, [
      'create table marks_whole (id integer primary key, m integer)',
      insert('whole', 'lite', 0, 3),
    ]),
  )
}, 60_000)
afterAll(async () => {
  await loaded?.drop()
  await Promise.all(databases.map((it) => it.drop()))
})

test('a cursor tells marks apart that a double does not, and the next one is not lost', async () => {
  await loaded.run()
  for (const [source, database] of [
    ['pg', databases[0]],
    ['maria', databases[1]],
  ] as const)
    await database!.query(
      [
        source === 'pg' ? "set timezone = 'UTC'" : "set time_zone = '+00:00'",
        ...KINDS.map((it) => insert(it, source, 3, 4)),
      ].join(';\n'),
    )
  inSqlite(`${loaded.project.root}/data/types.db`, [insert('whole', 'lite', 3, 4)])
  const second = await loaded.run()
  expect(second.datasets.map((it) => [it.mode, it.status, it.counts.loaded])).toEqual(
    second.datasets.map(() => ['incremental', 'ok', 1]),
  )
  const rows = await loaded.rows('marked')
  const found = [...rows].map(([id, row]) => [id, row['mark']])
  const expected = Object.entries(HELD).flatMap(([source, kinds]) =>
    kinds.flatMap((kind) => MARKS[kind].map((mark, n) => [`from_${source}:${kind}:${n}`, mark])),
  )
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
}, 60_000)
