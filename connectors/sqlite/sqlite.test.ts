import { copyFile, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import driver from 'node-sqlite3-wasm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../../sdk/contract/reader-contract.ts'
import { ConfigError, SourceError, TransientError } from '../../sdk/index.ts'
import { corpusTable, expectCorpus, type Sample } from '../../tests/support/sql-corpus.ts'
import { sqlite } from './sqlite.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'polder-sqlite-test-'))
})
afterEach(() => rm(root, { recursive: true }))

function make(sql: string, name = 'shop.db'): void {
  const database = new driver.Database(join(root, name))
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

const open = (path = 'shop.db') => sqlite.open({ connection: 'shop', root, options: { path } })
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error)
const rows = async (from: string, path?: string) =>
  rowsOf(await readBatches(open(path), { ref: 'p.t', from }))

const CORPUS: Sample[] = [
  ['integer', '9007199254740991', 'integer', 9007199254740991],
  ['bigint', '9223372036854775807', 'integer', '9223372036854775807'],
  ['bigint', '-9223372036854775808', 'integer', '-9223372036854775808'],
  ['boolean', 'true', 'integer', 1],
  ['decimal(10,2)', "'1.10'", 'float', 1.1],
  ['real', '5', 'float', 5],
  ['double', '9e999', 'float', 'Infinity'],
  ['double', '0.1 + 0.2', 'float', 0.30000000000000004],
  ['string', "'007'", 'integer', 7],
  ['int', "'abc'", 'text', 'abc'],
  ['text', "'é😀'", 'text', 'é😀'],
  ['text', "'a' || char(0) || 'é'", 'text', 'a\0é'],
  ['text', "''", 'text', ''],
  ['', "x'00ff61'", 'binary', 'AP9h'],
  ['blob', 'zeroblob(0)', 'binary', ''],
  ['datetime', "'2026-03-29 02:30:00'", 'text', '2026-03-29 02:30:00'],
  ['date', '1774747800', 'integer', 1774747800],
]

test('every value keeps its own type, whatever its column declares', async () => {
  make(`${corpusTable(CORPUS)}
    create table mixed (id integer primary key, v); insert into mixed values (1, 1), (2, 'x'), (3, x'ff'), (4, null)`)
  await expectCorpus(open(), CORPUS)
  expect((await rows('mixed')).map((it) => it.v)).toEqual([1, 'x', '/w==', null])
  expect((await open().describe({ ref: 'p.m', from: 'mixed' })).schema.fields[1]!.type).toBe('unknown')
})

test.each(['UTF-8', 'UTF-16le', 'UTF-16be'])(
  'texts of a file in %s keep every character',
  async (encoding) => {
    const texts = ['\uFEFFa', `\uFEFF${'long'.repeat(9)}`, 'é😀', 'a\uFFFDb', '', 'b']
    make(`pragma encoding = '${encoding}'; create table t (id integer primary key, v);
    insert into t (v) values ${texts.map((it) => `('${it}')`).join(', ')}, (x'feff'), (x'ff')`)
    expect((await rows('t')).map((it) => it['v'])).toEqual([...texts, '/v8=', '/w=='])
  },
)

test('a text of bytes that are no UTF-8 costs its row, whatever its length', async () => {
  make(`create table t (id integer primary key, v text);
    insert into t values (1, cast(x'636166e9' as text)), (2, cast(x'${'61'.repeat(40)}e9' as text)), (3, 'kept')`)
  const batches = await readBatches(open(), { ref: 'p.t', from: 't' })
  expect(rowsOf(batches)).toEqual([{ id: 3, v: 'kept' }])
  expect(batches.flatMap((it) => it.broken ?? []).map((it) => it.code)).toEqual(['E444', 'E444'])
})

test('keys of any storage class go on where they stood, one row at a time', async () => {
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((it) => `(${it} + 0.0)`),
    fc.string({ unit: 'grapheme' }).map((it) => `'${it.replaceAll("'", "''").replaceAll('\0', '')}'`),
    fc.uint8Array({ maxLength: 4 }).map((it) => `x'${Buffer.from(it).toString('hex')}'`),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 8 }), async (values) => {
      make(`drop table if exists t; create table t (k primary key, n integer);
        ${values.map((it, n) => `insert or ignore into t values (${it}, ${n});`).join('\n')}`)
      const dataset = { ref: 'p.t', from: 't' }
      const batches = await readBatches(open(), dataset, { maxRows: 1 })
      for (const [i, { checkpoint }] of batches.entries()) {
        const rest = await readBatches(open(), dataset, { from: checkpoint! })
        expect(rowsOf(rest)).toEqual(rowsOf(batches.slice(i + 1)))
      }
    }),
    { numRuns: 25, examples: [[['(635237919598171500 + 0.0)', '0']]] },
  )
})

test('keys that its collation takes as equal are not parted by a checkpoint', async () => {
  make(`create table t (k text collate nocase, n integer); insert into t values ('a', 1), ('A', 2), ('b', 3)`)
  const batches = await readBatches(open(), { ref: 'p.t', from: 't', key: ['k'] }, { maxRows: 1 })
  expect(rowsOf(batches)).toHaveLength(3)
  expect(batches.slice(0, 2).every((it) => it.checkpoint === undefined)).toBe(true)
})

test('tables, views and virtual tables are told with their keys; the inner ones of SQLite are not', async () => {
  make(`create table "Odd.name? ""x""" (a int, b int, "is it?" text, primary key (b, a)) without rowid;
    insert into "Odd.name? ""x""" values (1, 2, 'yes');
    create table auto (id integer primary key autoincrement); create view v as select 1 as one;
    create virtual table words using fts5(word); insert into words values ('polder')`)
  expect((await open().datasets()).map((it) => [it.from, it.kind])).toEqual([
    ['main.Odd.name? "x"', 'table'],
    ['main.auto', 'table'],
    ['main.v', 'view'],
    ['main.words', 'table'],
  ])
  const facts = await open().describe({ ref: 'p.o', from: 'Odd.name? "x"' })
  expect(facts).toMatchObject({ key: ['b', 'a'], keyProven: true })
  expect(facts.schema.fields.map((it) => [it.name, it.nullable])).toEqual([
    ['a', false],
    ['b', false],
    ['is it?', true],
  ])
  expect(await rows('Odd.name? "x"')).toEqual([{ a: 1, b: 2, 'is it?': 'yes' }])
  expect(await rows('words')).toEqual([{ word: 'polder' }])
})

test('what lies in a write-ahead log is read too, and nothing appears beside the file', async () => {
  const writer = new driver.Database(join(root, 'live.db'))
  writer.exec(`pragma locking_mode = exclusive; pragma journal_mode = wal; pragma wal_autocheckpoint = 0;
    create table t (id integer primary key); insert into t values (1)`)
  for (const end of ['', '-wal']) await copyFile(join(root, `live.db${end}`), join(root, `shop.db${end}`))
  writer.close()
  await rm(join(root, 'live.db'))
  expect(await rows('t')).toEqual([{ id: 1 }])
  expect((await readdir(root)).sort()).toEqual(['shop.db', 'shop.db-wal'])
})

test('a file that changes while it is read fails the read', async () => {
  make(`create table t (id integer primary key, fill text);
    with recursive s (i) as (select 1 union all select i + 1 from s where i < 5000)
    insert into t select i, 'x' from s`)
  const ask = { fields: ['*'], maxRows: 100, maxBytes: 8_000_000, prefer: ['columns' as const] }
  const { signal } = new AbortController()
  const reading = open().read({ ref: 'p.t', from: 't' }, { id: '0' }, null, { ...ask, signal })
  const error = await failure(
    (async () => {
      for await (const { seq } of reading) if (seq === 0) make('update t set fill = fill || 1')
    })(),
  )
  expect(error).toBeInstanceOf(SourceError)
  expect(error).toMatchObject({ code: 'E423' })
})

test('a file in the middle of a change, damaged, foreign, gone or outside the project is told as such', async () => {
  make('create table t (id integer primary key)')
  await writeFile(join(root, 'shop.db-journal'), Buffer.from('d9d505f920a163d7', 'hex'))
  expect(await failure(rows('t'))).toBeInstanceOf(TransientError)
  expect(await failure(rows('t'))).toMatchObject({ code: 'E433' })
  await writeFile(join(root, 'shop.db-journal'), Buffer.alloc(512))
  expect(await rows('t')).toEqual([])
  await writeFile(join(root, 'foreign.db'), 'id,name\n')
  expect(await failure(rows('t', 'foreign.db'))).toMatchObject({ code: 'E432' })
  await writeFile(
    join(root, 'bad.db'),
    Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(9000, 7)]),
  )
  expect(await failure(rows('t', 'bad.db'))).toMatchObject({ code: 'E432' })
  expect(await failure(rows('t', 'none.db'))).toBeInstanceOf(ConfigError)
  await symlink('/dev/null', join(root, 'link.db'))
  expect(await failure(rows('t', 'link.db'))).toMatchObject({ code: 'E421' })
  expect(await failure(rows('t', '../x.db'))).toMatchObject({ code: expect.stringMatching(/E404|E421/) })
})

test('a view that fails on a row is a SourceError', async () => {
  make(`create table t (id integer primary key); insert into t values (1);
    create view v as select id, abs(-9223372036854775808) as broken from t`)
  expect(await failure(rows('v'))).toMatchObject({ code: 'E408' })
})

test('reading leaves the loop free: other work goes on meanwhile', async () => {
  make(`create table t (id integer primary key, fill text);
    with recursive s (i) as (select 1 union all select i + 1 from s where i < 60000)
    insert into t select i, 'xxxxxxxxxxxxxxxxxxxx' from s`)
  let longestMs = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last)
    last = performance.now()
  }, 1)
  expect(await rows('t')).toHaveLength(60_000)
  clearInterval(timer)
  expect(longestMs).toBeLessThan(1000)
})
