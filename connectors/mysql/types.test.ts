import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../../sdk/contract/reader-contract.ts'
import type { SourceReader } from '../../sdk/index.ts'
import { freshMysql, type TestDatabase } from '../../tests/support/databases.ts'
import { corpus, corpusTable, readsSamples, type Sample } from '../../tests/support/sql-corpus.ts'
import { mysql } from './mysql.ts'

const CORPUS: Sample[] = [
  ['tinyint(1)', '2', 'integer', 2],
  ['boolean', 'true', 'integer', 1],
  ['smallint', '-32768', 'integer', -32768],
  ['mediumint unsigned', '16777215', 'integer', 16777215],
  ['int unsigned', '4294967295', 'integer', 4294967295],
  ['int(5) zerofill', '42', 'integer', 42],
  ['bigint', '9007199254740991', 'integer', 9007199254740991],
  ['bigint', '-9007199254740993', 'integer', '-9007199254740993'],
  ['bigint unsigned', '18446744073709551615', 'integer', '18446744073709551615'],
  ['decimal(10,2)', '1.10', 'decimal', 1.1],
  ['decimal(10,2)', '-0.001', 'decimal', 0],
  [
    'decimal(38,10)',
    '1234567890123456789012345678.0123456789',
    'decimal',
    '1234567890123456789012345678.0123456789',
  ],
  ['decimal(16,6)', '1234567890.123456', 'decimal', '1234567890.123456'],
  ['float', '0.1', 'float', 0.10000000149011612],
  ['float', '3.4028235e38', 'float', 3.4028234663852886e38],
  ['double', '5e-324', 'float', 5e-324],
  ['double', '1.7976931348623157e308', 'float', 1.7976931348623157e308],
  ['double', '91063.95831876689', 'float', 91063.95831876689],
  ['double', '99999999.99999999', 'float', 99999999.99999999],
  ['double', '0.30000000000000004', 'float', 0.30000000000000004],
  ['date', "'2026-03-29'", 'date', '2026-03-29'],
  ['date', "'0000-00-00'", 'date', '0000-00-00'],
  ['date', "'2026-00-00'", 'date', '2026-00-00'],
  ['datetime', "'2026-03-29 02:30:00'", 'datetime', '2026-03-29T02:30:00.000000'],
  ['datetime(6)', "'2026-03-29 02:30:00.123456'", 'datetime', '2026-03-29T02:30:00.123456'],
  ['datetime(3)', "'9999-12-31 23:59:59.999'", 'datetime', '9999-12-31T23:59:59.999000'],
  ['datetime', "'0000-00-00 00:00:00'", 'datetime', '0000-00-00 00:00:00'],
  ['datetime', "'2026-00-00 10:00:00'", 'datetime', '2026-00-00 10:00:00'],
  ['timestamp(6) null', "'2026-03-28 12:30:00.123456'", 'timestamp', '2026-03-28T12:30:00.123456Z'],
  ['timestamp null', "'2026-03-28 12:30:00'", 'timestamp', '2026-03-28T12:30:00.000000Z'],
  ['timestamp null', "'0000-00-00 00:00:00'", 'timestamp', '0000-00-00 00:00:00'],
  ['time', "'-838:59:59'", 'time', '-838:59:59.000000'],
  ['time(3)', "'26:00:00.5'", 'time', '26:00:00.500000'],
  ['year', '2026', 'integer', 2026],
  ['bit(1)', "b'1'", 'integer', 1],
  ['bit(8)', "b'101'", 'integer', 5],
  ['bit(63)', '0x7fffffffffffffff', 'integer', '9223372036854775807'],
  ['bit(64)', '0x8000000000000001', 'text', `1${'0'.repeat(62)}1`],
  [
    'json',
    `'{"a":12345678901234567890,"b":1.0,"c":[null,"é"]}'`,
    'json',
    { a: '12345678901234567890', b: 1, c: [null, 'é'] },
  ],
  ['longtext', `'{"a":1}'`, 'text', '{"a":1}'],
  ["enum('a','b')", "'b'", 'text', 'b'],
  ["enum('a','b')", "''", 'text', ''],
  ["set('x','y')", "'x,y'", 'text', 'x,y'],
  ['char(5)', "'ab'", 'text', 'ab'],
  ['varchar(20)', `'é😀 \\n\\'"'`, 'text', 'é😀 \n\'"'],
  ['varchar(20) character set latin1', "'é'", 'text', 'é'],
  ['text', "''", 'text', ''],
  ['binary(4)', "x'dead'", 'binary', '3q0AAA=='],
  ['varbinary(4)', "x'00ff10'", 'binary', 'AP8Q'],
  ['blob', "''", 'binary', ''],
  ['point', 'point(1, 2.5)', 'text', 'POINT(1 2.5)'],
  ['uuid', "'6f9619ff-8b86-d011-b42d-00cf4fc964ff'", 'text', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'],
  ['inet6', "'::1'", 'text', '::1'],
]

let database: TestDatabase
let reader: SourceReader

beforeAll(async () => {
  database = await freshMysql('types')
  await database.query(`
    set time_zone = '+00:00', sql_mode = '';
    ${corpusTable(CORPUS)}
    create table doubles (id int primary key, d double, f float, n decimal(60,12))`)
  reader = mysql.open({ connection: 'shop', root: '/', options: { url: database.url } })
})
afterAll(() => database?.drop())

readsSamples(CORPUS, () => reader)

test('any double, float and decimal comes back exactly', async () => {
  const seed = Date.now()
  const row = fc.tuple(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -1e9, max: 1e9 }).map((it) => it / 99_991),
  )
  const samples = fc.sample(row, { numRuns: 500, seed })
  await database.query(
    `insert into doubles (id, d, f, n) values ${samples.map(([d, f, q], i) => `(${2 * i}, ${d}, ${f}, 0), (${2 * i + 1}, ${q}, 0, 0)`).join(', ')}`,
  )
  const rows = rowsOf(await readBatches(reader, { ref: 'p.doubles', from: 'doubles' }))
  for (const [i, [d, f, q]] of samples.entries()) {
    // MariaDB itself stores a literal -0 as 0.
    expect(rows[2 * i]!.d, `seed ${seed}`).toBe(d + 0)
    expect(rows[2 * i]!.f, `seed ${seed}`).toBe(f + 0)
    expect(rows[2 * i + 1]!.d, `seed ${seed}`).toBe(q)
  }
})

test('an account that may only read still sees which columns are JSON', async () => {
  const account = database.name.slice(0, 30)
  await database.query(`create user '${account}'@'%' identified by 'only-reads';
    grant select on ${database.name}.corpus to '${account}'@'%'`)
  try {
    const url = new URL(database.url)
    url.username = account
    url.password = 'only-reads'
    const limited = mysql.open({ connection: 'shop', root: '/', options: { url: url.href } })
    const types = (it: SourceReader) => it.describe(corpus).then(({ schema }) => schema.fields)
    expect(await types(limited)).toEqual(await types(reader))
  } finally {
    await database.query(`drop user '${account}'@'%'`)
  }
})
