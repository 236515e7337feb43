import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshMysql, freshPostgres, type TestDatabase } from '../support/databases.ts'
import { WAREHOUSES } from '../support/warehouse.ts'
import { type Loaded, loadedProject } from './harness.ts'
import { CONNECTIONS } from './project-files.ts'

const SEED = Number(process.env['TYPES_SEED'] ?? Date.now() % 1e9)
/** Below 100: over 5 % of more that are rejected stop a run. */
const ROWS = 90

const digits = (most: number) => fc.bigInt({ min: 0n, max: 10n ** BigInt(most) - 1n }).map(String)
const decimal = fc
  .tuple(
    fc.boolean(),
    fc.nat(28).chain(digits),
    fc.nat(10).chain((scale) => digits(scale).map((it) => it.padStart(scale, '0').slice(0, scale))),
  )
  .map(([minus, whole, rest]) => `${minus ? '-' : ''}${whole}${rest ? `.${rest}` : ''}`)
const instant = fc
  .tuple(fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) }), fc.nat(999))
  .map(([millis, micros]) =>
    new Date(millis).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`),
  )
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('\0', 'a\0', '\uFEFF', '\uFEFFa', ' ', '\\N', '"', "'", '\r\n', '\u{10FFFF}', 'a\uFFFD'),
)
const record = fc.record({
  i: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  d: decimal,
  t: instant,
  s: words,
})
const RECORDS = fc.sample(record, { seed: SEED, numRuns: ROWS })
type Sample = (typeof RECORDS)[number]

const spaced = (it: string) => it.replace('T', ' ').replace('Z', '')
const hex = (it: string) => Buffer.from(it, 'utf8').toString('hex')
const hasNul = ({ s }: Sample) => s.includes('\0')

/** `-0.10` → `-0.1000000000` */
function stored(decimal: string): string {
  const [whole = '', rest = ''] = decimal.split('.')
  const text = `${whole}.${rest.padEnd(10, '0')}`
  return /[1-9]/.test(text) ? text : text.replace('-', '')
}

async function fill(databases: TestDatabase[]): Promise<void> {
  const [postgres, mysql] = databases
  const rows = (one: (it: Sample, n: number) => string, of: (it: Sample) => boolean) =>
    RECORDS.flatMap((it, n) => (of(it) ? [one(it, n)] : [])).join(', ')
  await postgres!.query(`create table sample (id int primary key, i bigint, d numeric(38,10), t timestamptz, s text);
    insert into sample values ${rows(
      (it, n) => `(${n}, ${it.i}, ${it.d}, '${it.t}', convert_from('\\x${hex(it.s)}', 'UTF8'))`,
      (it) => !hasNul(it),
    )}`)
  await mysql!.query(`create table sample (id int primary key, i bigint, d decimal(38,10), t datetime(6), s text);
    insert into sample values ${rows(
      (it, n) => `(${n}, ${it.i}, ${it.d}, '${spaced(it.t)}', convert(x'${hex(it.s)}' using utf8mb4))`,
      () => true,
    )}`)
}

const jsonLines = (): string =>
  RECORDS.map(
    (it, n) => `{"id":${n},"i":${it.i},"d":${it.d},"t":"${it.t}","s":${JSON.stringify(it.s)}}\n`,
  ).join('')

const FROM = { pg: 'sample', maria: 'sample', exports: 'sample.jsonl' }
const pipeline = (connection: keyof typeof FROM): string => `pipeline: ${connection}
connection: ${connection}
datasets:
  sample:
    from: ${FROM[connection]}
    key: id
    timezone: UTC
    to:
      sample: { i: i, d: d, t: t, s: s }
`
const column = (name: string, type: string) => `  ${name}:\n    type: ${type}\n    description: A ${type}\n`
const FILES = {
  'config/connections.yaml': CONNECTIONS,
  'schema/sample.yaml': `table: sample\ndescription: Random values\ncolumns:\n${column('i', 'integer')}${column('d', 'decimal(38,10)')}${column('t', 'timestamp')}${column('s', 'text')}`,
  ...Object.fromEntries(
    (['pg', 'maria', 'exports'] as const).map((it) => [`pipelines/${it}.yaml`, pipeline(it)]),
  ),
}

let databases: TestDatabase[] = []
beforeAll(async () => {
  databases = await Promise.all([freshPostgres('trip'), freshMysql('trip')])
  await fill(databases)
}, 60_000)
afterAll(() => Promise.all(databases.map((it) => it.drop())))

describe.each(WAREHOUSES)(`%s (seed ${SEED})`, (warehouse) => {
  let loaded: Loaded
  afterAll(() => loaded?.drop())

  test('any number, instant and text arrives exactly, or its row is rejected for its NUL', async () => {
    const env = { TYPES_POSTGRES_URL: databases[0]!.url, TYPES_MYSQL_URL: databases[1]!.url }
    loaded = await loadedProject(warehouse, FILES, env, (folder) =>
      writeFile(`${folder}/sample.jsonl`, jsonLines()),
    )
    const report = await loaded.run()
    expect(report.datasets.flatMap((it) => (it.status === 'ok' ? [] : [it.problem]))).toEqual([])
    const rows = await loaded.rows('sample')
    const rejects = await loaded.rejects()
    for (const source of ['pg', 'maria', 'exports'])
      for (const [n, it] of RECORDS.entries()) {
        const row = rows.get(`${source}:sample:${n}`)
        const told = `seed ${SEED}, ${source}, row ${n}`
        const found = row && { i: String(row['i']), d: row['d'], t: row['t'], s: row['s'] }
        expect(found, told).toEqual(hasNul(it) ? undefined : { ...it, d: stored(it.d) })
        const reject = rejects.find((one) => one.dataset === `${source}.sample` && one.sourceId === String(n))
        expect(reject?.code, told).toBe(hasNul(it) && source !== 'pg' ? 'E505' : undefined)
      }
  }, 60_000)
})
