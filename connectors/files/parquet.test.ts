import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../../sdk/contract/reader-contract.ts'
import { ConfigError, type FieldType, SourceError, type Value } from '../../sdk/index.ts'
import { files } from './files.ts'

let root: string
let engine: DuckDBConnection
beforeAll(async () => {
  engine = await (await DuckDBInstance.create(':memory:')).connect()
  await engine.run(`set timezone = 'UTC'`)
})
afterAll(() => engine.closeSync())
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polder-parquet-'))
})
afterEach(() => rm(root, { recursive: true }))

async function put(name: string, select: string, more = ''): Promise<void> {
  const path = join(root, name)
  await mkdir(dirname(path), { recursive: true })
  await engine.run(`copy (${select}) to '${path.replaceAll("'", "''")}' (format parquet${more})`)
}

const reader = (options = {}) =>
  files.open({ connection: 'exports', root, options: { path: '.', ...options } })
const ask = (from: string) => ({ ref: 'p.d', from, key: ['id'] })
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error)

/** SQL value, field type and canonical value, as core/field.ts says. */
const CORPUS: [string, FieldType, Value][] = [
  ['1::tinyint', 'integer', 1],
  ['4294967295::uinteger', 'integer', 4294967295],
  ['9007199254740991::bigint', 'integer', 9007199254740991],
  ['(-9223372036854775808)::bigint', 'integer', '-9223372036854775808'],
  ['18446744073709551615::ubigint', 'integer', '18446744073709551615'],
  ['1.10::decimal(10,2)', 'decimal', 1.1],
  [
    '-1234567890123456789012345678.0123456789::decimal(38,10)',
    'decimal',
    '-1234567890123456789012345678.0123456789',
  ],
  ['0.1::float', 'float', 0.10000000149011612],
  ['5e-324::double', 'float', 5e-324],
  [`'nan'::double`, 'float', 'NaN'],
  [`'-inf'::double`, 'float', '-Infinity'],
  ['[1.10, 12345678901234567.89]::decimal(20,2)[]', 'json', [1.1, '12345678901234567.89']],
  [`chr(65279) || 'a'`, 'text', '\uFEFFa'],
  ['true', 'boolean', true],
  [`date '2026-03-29'`, 'date', '2026-03-29'],
  [`date '0001-01-01'`, 'date', '0001-01-01'],
  [`timestamp '2026-03-29 02:30:00.12'`, 'datetime', '2026-03-29T02:30:00.120000'],
  [`timestamp_ns '2026-03-29 02:30:00.123456789'`, 'datetime', '2026-03-29T02:30:00.123456789'],
  [`timestamp_ns '2026-03-29 02:30:00.123456'`, 'datetime', '2026-03-29T02:30:00.123456'],
  [`'infinity'::timestamp`, 'datetime', 'infinity'],
  [`timestamptz '2026-03-29 02:30:00.5+02'`, 'timestamp', '2026-03-29T00:30:00.500000Z'],
  [`time '12:00:00.1234'`, 'time', '12:00:00.123400'],
  [`'\\x00\\xFFa'::blob`, 'binary', 'AP9h'],
  [`uuid '00000000-0000-0000-0000-000000000001'`, 'text', '00000000-0000-0000-0000-000000000001'],
  [`'é' || chr(0) || '😀'`, 'text', 'é\0😀'],
  ['[1, null, 9007199254740993]', 'json', [1, null, '9007199254740993']],
  [
    `{'a': 1234567890123456.78::decimal(30,2), 'b': [{'c': 'nan'::double}], 't': 'nan "inf'}`,
    'json',
    { a: '1234567890123456.78', b: [{ c: 'NaN' }], t: 'nan "inf' },
  ],
  [`map {'k': 1.5}`, 'json', { k: 1.5 }],
  [`'{"q": 12345678901234567890}'::json`, 'json', { q: '12345678901234567890' }],
]

test('every type keeps its value', async () => {
  const columns = CORPUS.map(([sql], i) => `${sql} as c${i}, case when false then ${sql} end as n${i}`)
  await put('types.parquet', `select ${columns.join(', ')}`)
  const dataset = { ref: 'p.t', from: 'types.parquet' }
  const { schema } = await reader().describe(dataset)
  const [row] = rowsOf(await readBatches(reader(), dataset))
  for (const [i, [sql, type, value]] of CORPUS.entries()) {
    expect(schema.fields.find((it) => it.name === `c${i}`)!.type, sql).toBe(type)
    expect(row![`c${i}`], sql).toEqual(value)
    expect(row![`n${i}`], sql).toBeNull()
  }
})

test('many row groups are read in their order, and go on where they stood', async () => {
  await put('many.parquet', 'select i as id from range(30000) t (i)', ', row_group_size 2048')
  const batches = await readBatches(reader(), ask('many.parquet'), { maxRows: 7000 })
  expect(rowsOf(batches).map((it) => it.id)).toEqual(Array.from({ length: 30_000 }, (_, i) => i))
  for (const [i, { checkpoint }] of batches.entries()) {
    const rest = await readBatches(reader(), ask('many.parquet'), { from: checkpoint! })
    expect(rowsOf(rest)).toEqual(rowsOf(batches.slice(i + 1)))
  }
})

test('files of one dataset may have other columns; a type that differs is told as unknown', async () => {
  await put('a.parquet', `select 1 as id, 'x' as name`)
  await put('b.parquet', `select 'two' as id, 2.5 as price`)
  const dataset = ask('*.parquet')
  const { schema } = await reader().describe(dataset)
  expect(schema.fields.map((it) => [it.name, it.type])).toEqual([
    ['id', 'unknown'],
    ['name', 'text'],
    ['price', 'decimal'],
  ])
  expect(rowsOf(await readBatches(reader(), dataset))).toEqual([
    { id: 1, name: 'x', price: null },
    { id: 'two', name: null, price: 2.5 },
  ])
})

test('names with the signs of patterns and quotes are names of one file', async () => {
  for (const name of ['a[1].parquet', "it's.parquet", 'x=1/b.parquet'])
    await put(name, `select '${name.length}' as id`)
  await put('a1.parquet', `select 'other' as id`)
  for (const name of ['a[1].parquet', "it's.parquet", 'x=1/b.parquet'])
    expect(rowsOf(await readBatches(reader(), ask(name)))).toEqual([{ id: String(name.length) }])
})

test('a damaged, cut or foreign file fails the read and tells no value', async () => {
  await put('cut.parquet', 'select i as id from range(5000) t (i)')
  const whole = await readFile(join(root, 'cut.parquet'))
  await truncate(join(root, 'cut.parquet'), whole.length - 20)
  await writeFile(join(root, 'foreign.parquet'), 'id,name\n1,secret\n')
  const bad = Buffer.from(whole)
  bad.fill(0xee, 100, 3000)
  await writeFile(join(root, 'bad.parquet'), bad)
  for (const name of ['cut.parquet', 'foreign.parquet', 'bad.parquet']) {
    const error = (await failure(readBatches(reader(), ask(name)))) as SourceError
    expect(error, name).toBeInstanceOf(SourceError)
    expect(error.code, name).toBe('E431')
    expect(error.message).not.toContain('secret')
  }
  await writeFile(join(root, 'a.parquet.gz'), whole)
  const error = await failure(readBatches(reader(), ask('a.parquet.gz')))
  expect(error).toBeInstanceOf(ConfigError)
  expect(error).toMatchObject({ code: 'E426' })
})

test('a key that no file has is a ConfigError', async () => {
  await put('a.parquet', 'select 1 as nr')
  expect(await failure(reader().describe(ask('a.parquet')))).toMatchObject({ code: 'E405' })
})
