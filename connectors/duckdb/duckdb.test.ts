import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../../sdk/contract/reader-contract.ts'
import { ConfigError, noteWriter, SourceError, TransientError } from '../../sdk/index.ts'
import { corpus, corpusTable, expectCorpus, type Sample } from '../../tests/support/sql-corpus.ts'
import { duckdb } from './duckdb.ts'
import { makeFile } from './testing.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polder-duckdb-test-'))
})
afterEach(() => rm(root, { recursive: true }))

const path = () => join(root, 'shop.duckdb')
const make = (sql: string) => makeFile(path(), sql)
const open = (name = 'shop.duckdb') => duckdb.open({ connection: 'shop', root, options: { path: name } })
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error)
const rows = async (from: string, key?: string[]) =>
  rowsOf(await readBatches(open(), { ref: 'p.t', from, ...(key ? { key } : {}) }))

const CORPUS: Sample[] = [
  ['TINYINT', '-128', 'integer', -128],
  ['BIGINT', '9223372036854775807', 'integer', '9223372036854775807'],
  ['UBIGINT', '18446744073709551615', 'integer', '18446744073709551615'],
  [
    'HUGEINT',
    '-170141183460469231731687303715884105728',
    'integer',
    '-170141183460469231731687303715884105728',
  ],
  ['DECIMAL(38,10)', "'1234567890123456789012345678.9'", 'decimal', '1234567890123456789012345678.9'],
  ['DECIMAL(9,2)', '1.10', 'decimal', 1.1],
  ['DOUBLE', '0.1::double + 0.2::double', 'float', 0.30000000000000004],
  ['FLOAT', '0.1', 'float', 0.10000000149011612],
  ['DOUBLE', "'-inf'", 'float', '-Infinity'],
  ['BOOLEAN', 'false', 'boolean', false],
  ['VARCHAR', "'a' || chr(0) || 'é😀'", 'text', 'a\0é😀'],
  ['VARCHAR', "chr(65279) || 'a'", 'text', '\uFEFFa'],
  ['VARCHAR', "''", 'text', ''],
  ['DATE', "'2026-02-28'", 'date', '2026-02-28'],
  ['DATE', "'infinity'", 'date', 'infinity'],
  ['TIMESTAMP', "'2026-03-29 02:30:00.1'", 'datetime', '2026-03-29T02:30:00.100000'],
  ['TIMESTAMP WITH TIME ZONE', "'2026-03-29 02:30:00+02'", 'timestamp', '2026-03-29T00:30:00.000000Z'],
  ['TIME', "'23:59:59.5'", 'time', '23:59:59.500000'],
  ['BLOB', "'\\x00\\xFFa'", 'binary', 'AP9h'],
  ['UUID', "'00000000-0000-0000-0000-00000000000A'", 'text', '00000000-0000-0000-0000-00000000000a'],
  ["ENUM('x', 'y')", "'y'", 'text', 'y'],
  ['JSON', `'{"a": 12345678901234567890}'`, 'json', { a: '12345678901234567890' }],
  ['INTEGER[]', '[1, null]', 'json', [1, null]],
  ['STRUCT(a INTEGER)', '{a: 1}', 'json', { a: 1 }],
]

test('every type comes in its canonical form', async () => {
  await make(corpusTable(CORPUS, (type, sql) => `cast(${sql} as ${type})`))
  const { key, keyProven } = await open().describe(corpus)
  expect([key, keyProven]).toEqual([['id'], true])
  await expectCorpus(open(), CORPUS)
})

test('a key of any type is read on behind every row', async () => {
  for (const [type, sql, field] of CORPUS.filter(([, , field]) => field !== 'json')) {
    await make(
      `create or replace table t (k ${type}, v integer); insert into t values (cast(${sql} as ${type}), 1)`,
    )
    const dataset = { ref: 'p.t', from: 't', key: ['k'] }
    const [batch] = await readBatches(open(), dataset)
    const ask = {
      fields: ['*'],
      maxRows: 10,
      maxBytes: 1e6,
      signal: new AbortController().signal,
      prefer: ['columns' as const],
    }
    const left = []
    for await (const it of open().read(dataset, { id: '0' }, batch!.checkpoint!, ask))
      left.push(...rowsOf([it]))
    expect(left, `${type} ${sql} (${field})`).toEqual([])
  }
})

test('texts of a key are told apart and ordered by their bytes, whatever the collation', async () => {
  await make(
    `create table t (k varchar collate nocase, v int); insert into t values ('b', 1), ('A', 2), ('a', 3), ('é', 4)`,
  )
  expect((await rows('t', ['k'])).map((it) => it['k'])).toEqual(['A', 'a', 'b', 'é'])
  const { schema } = await open().describe({ ref: 'p.t', from: 't' })
  expect(schema.fields[0]!.sourceType).toBe('VARCHAR COLLATE')
})

test('a file that another process may write to is waited for', async () => {
  await make('create table t (id integer)')
  const code = `import('@duckdb/node-api').then(async ({ DuckDBInstance }) => {
    // One that nobody can reach any more is closed when memory is collected.
    globalThis.kept = await DuckDBInstance.create(process.argv[1])
    console.log('open'); setInterval(() => {}, 1000) })`
  const child = spawn(process.execPath, ['-e', code, path()], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(child.stdout, 'data')
    const error = (await failure(rows('t'))) as TransientError
    expect(error).toBeInstanceOf(TransientError)
    expect(error.code).toBe('E434')
    expect(error.message).toContain(`process id ${child.pid}`)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  expect(await rows('t')).toEqual([])
})

test('reading a file that this process writes to leaves its lock where it is', async () => {
  const instance = await DuckDBInstance.create(path())
  const gone = noteWriter(path(), Promise.resolve(instance))
  const connection = await instance.connect()
  await connection.run('create table t (id integer); insert into t values (1)')
  expect(await rows('t')).toEqual([{ id: 1 }])
  const code = `import('@duckdb/node-api').then(({ DuckDBInstance }) => DuckDBInstance.create(process.argv[1])).then(() => console.log('in'), () => console.log('out'))`
  const child = spawn(process.execPath, ['-e', code, path()], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  expect(String(said).trim()).toBe('out')
  gone()
  connection.closeSync()
  instance.closeSync()
})

test('what is no DuckDB file, not there or outside the project is said', async () => {
  await writeFile(path(), 'not a database, but long enough to have a header of its own'.repeat(300))
  expect(await failure(open().test())).toMatchObject({ code: 'E435', constructor: SourceError })
  expect(await failure(open('gone.duckdb').test())).toMatchObject({ code: 'E404', constructor: ConfigError })
  expect(await failure(open('/etc/passwd').test())).toMatchObject({ code: 'E421' })
})

test('a sort that needs more memory than there is goes to the disk, and leaves nothing there', async () => {
  await make(
    `create table t as select (i * 7919) % 800000 as id, repeat(md5(i::varchar), 30) as v from range(800000) s (i)`,
  )
  const ask = {
    fields: ['*'],
    maxRows: 20_000,
    maxBytes: 1e8,
    signal: new AbortController().signal,
    prefer: ['columns' as const],
  }
  let next = 0
  for await (const batch of open().read({ ref: 'p.t', from: 't', key: ['id'] }, { id: '0' }, null, ask)) {
    expect(rowsOf([batch])[0]!['id']).toBe(next)
    next += batch.rows
    if (next > 100_000) break
  }
  const left = (await readdir(tmpdir())).filter((it) =>
    it.startsWith(`polder-spill-${hostname()}-${process.pid}-`),
  )
  expect(left).toEqual([])
})
