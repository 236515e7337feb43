import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../../sdk/contract/reader-contract.ts'
import type { SourceReader } from '../../sdk/index.ts'
import { freshPostgres, type TestDatabase } from '../../tests/support/databases.ts'
import { corpus, corpusTable, readsSamples, type Sample } from '../../tests/support/sql-corpus.ts'
import { postgres } from './postgres.ts'

const CORPUS: Sample[] = [
  ['smallint', '-32768', 'integer', -32768],
  ['integer', '2147483647', 'integer', 2147483647],
  ['bigint', '9007199254740991', 'integer', 9007199254740991],
  ['bigint', '9007199254740993', 'integer', '9007199254740993'],
  ['bigint', '-9223372036854775808', 'integer', '-9223372036854775808'],
  ['oid', '4294967295', 'integer', 4294967295],
  ['numeric', '0', 'decimal', 0],
  ['numeric', "'-0.00'", 'decimal', 0],
  ['numeric', '1.10', 'decimal', 1.1],
  ['numeric(10,2)', '12345678.90', 'decimal', 12345678.9],
  ['numeric', '123456789.123456', 'decimal', 123456789.123456],
  ['numeric', '1234567890.123456', 'decimal', '1234567890.123456'],
  [
    'numeric(38,10)',
    '1234567890123456789012345678.0123456789',
    'decimal',
    '1234567890123456789012345678.0123456789',
  ],
  ['numeric', "'1e-20'", 'decimal', 1e-20],
  ['numeric', "'NaN'", 'decimal', 'NaN'],
  ['numeric', "'-Infinity'", 'decimal', '-Infinity'],
  ['real', '0.1', 'float', 0.10000000149011612],
  ['real', "'3.4028235e38'", 'float', 3.4028234663852886e38],
  ['real', "'NaN'", 'float', 'NaN'],
  ['double precision', "'5e-324'", 'float', 5e-324],
  ['double precision', "'1.7976931348623157e308'", 'float', 1.7976931348623157e308],
  ['double precision', '0.1::float8 + 0.2::float8', 'float', 0.30000000000000004],
  ['double precision', "'-0'", 'float', -0],
  ['double precision', "'Infinity'", 'float', 'Infinity'],
  ['boolean', 'true', 'boolean', true],
  ['boolean', 'false', 'boolean', false],
  ['date', "'2026-03-29'", 'date', '2026-03-29'],
  ['date', "'0001-01-01'", 'date', '0001-01-01'],
  ['date', "'0044-03-15 BC'", 'date', '0044-03-15 BC'],
  ['date', "'10000-01-01'", 'date', '10000-01-01'],
  ['date', "'infinity'", 'date', 'infinity'],
  ['timestamp', "'2026-03-29 02:30:00'", 'datetime', '2026-03-29T02:30:00.000000'],
  ['timestamp', "'2026-03-29 02:30:00.12'", 'datetime', '2026-03-29T02:30:00.120000'],
  ['timestamp', "'2026-03-29 02:30:00.123456'", 'datetime', '2026-03-29T02:30:00.123456'],
  ['timestamp', "'0044-03-15 00:00:00.123 BC'", 'datetime', '0044-03-15 00:00:00.123 BC'],
  ['timestamp', "'10000-01-01 00:00:00.12345'", 'datetime', '10000-01-01 00:00:00.12345'],
  ['timestamptz', "'2026-03-29 02:30:00.123456+02'", 'timestamp', '2026-03-29T00:30:00.123456Z'],
  ['timestamptz', "'2026-03-29 02:30:00Z'", 'timestamp', '2026-03-29T02:30:00.000000Z'],
  ['timestamptz', "'-infinity'", 'timestamp', '-infinity'],
  ['timestamptz', "'0044-03-15 00:00:00Z BC'", 'timestamp', '0044-03-15 00:00:00+00 BC'],
  ['timestamptz', "'10000-01-01 00:00:00Z'", 'timestamp', '10000-01-01 00:00:00+00'],
  ['time', "'12:00:00'", 'time', '12:00:00.000000'],
  ['time', "'24:00:00'", 'time', '24:00:00.000000'],
  ['time', "'12:00:00.1234'", 'time', '12:00:00.123400'],
  ['timetz', "'12:00:00.5+02'", 'text', '12:00:00.5+02'],
  ['interval', "'1 mon 2 days 03:04:05.678'", 'text', 'P1M2DT3H4M5.678S'],
  [
    'json',
    `'{"a": 1.0, "b": 12345678901234567890, "c": [null, 0.1]}'`,
    'json',
    { a: 1, b: '12345678901234567890', c: [null, 0.1] },
  ],
  ['jsonb', `'{"long": 1234567.12345678901234}'`, 'json', { long: '1234567.12345678901234' }],
  ['jsonb', `'"text"'`, 'json', 'text'],
  ['jsonb', `'null'`, 'json', null],
  ['bytea', `'\\x00ff10'`, 'binary', 'AP8Q'],
  ['bytea', `''`, 'binary', ''],
  ['uuid', "'6f9619ff-8b86-d011-b42d-00cf4fc964ff'", 'text', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'],
  ['text', `E'é😀 \\n\\t"'`, 'text', 'é😀 \n\t"'],
  ['varchar(10)', "''", 'text', ''],
  ['char(5)', "'ab'", 'text', 'ab'],
  ['int[]', "'{1,NULL,3}'", 'json', [1, null, 3]],
  ['int[]', "'{}'", 'json', []],
  ['int[]', "'[0:1]={7,8}'", 'json', [7, 8]],
  [
    'int[]',
    "'{{1,2},{3,NULL}}'",
    'json',
    [
      [1, 2],
      [3, null],
    ],
  ],
  ['bigint[]', "'{9007199254740993}'", 'json', ['9007199254740993']],
  ['numeric[]', "'{1.10,NaN,12345678901234567.89}'", 'json', [1.1, 'NaN', '12345678901234567.89']],
  ['real[]', "'{0.1,0.5}'", 'json', ['0.10000000149011612', 0.5]],
  ['boolean[]', "'{t,f}'", 'json', [true, false]],
  [
    'text[]',
    `array['x,y', 'NULL', null, '', 'a"b\\c', '{}', ' ']`,
    'json',
    ['x,y', 'NULL', null, '', 'a"b\\c', '{}', ' '],
  ],
  ['timestamptz[]', "array['2026-01-02 03:04:05+01'::timestamptz]", 'json', ['2026-01-02T02:04:05.000000Z']],
  ['jsonb[]', `array['{"a":[1,"x"]}'::jsonb]`, 'json', [{ a: [1, 'x'] }]],
  ['box[]', "array['((1,1),(0,0))'::box, '((2,2),(0,0))'::box]", 'json', ['(1,1),(0,0)', '(2,2),(0,0)']],
  ['int2vector', "'1 2'", 'text', '1 2'],
  ['mood', "'sad'", 'text', 'sad'],
  ['mood[]', "'{sad,glad}'", 'json', ['sad', 'glad']],
  ['cents', '1.10', 'decimal', 1.1],
  ['small_cents', '2.50', 'decimal', 2.5],
  ['cents[]', "'{1.10}'", 'json', [1.1]],
  ['tags', "'{a,b}'", 'json', ['a', 'b']],
  ['money', "'1234.50'", 'text', '$1,234.50'],
  ['bit(3)', "B'101'", 'text', '101'],
  ['varbit', "B'1'", 'text', '1'],
  ['inet', "'10.0.0.1/8'", 'text', '10.0.0.1/8'],
  ['int4range', "'[1,5)'", 'text', '[1,5)'],
  ['point', "'(1,2)'", 'text', '(1,2)'],
  ['xml', "'<a/>'", 'text', '<a/>'],
  ['tsvector', "'a b'", 'text', "'a' 'b'"],
  ['pair', "'(1,x)'", 'text', '(1,x)'],
]

let database: TestDatabase
let reader: SourceReader

beforeAll(async () => {
  database = await freshPostgres('types')
  await database.query(`
    create type mood as enum ('sad', 'glad'); create domain cents as numeric(10,2); create domain small_cents as cents;
    create domain tags as text[]; create type pair as (a int, b text);
    ${corpusTable(CORPUS)}
    create table doubles (id int primary key, d double precision, r real, n numeric)`)
  // Settings of the role that must not show.
  await database.query(`
    alter database ${database.name} set timezone = 'Europe/Amsterdam';
    alter database ${database.name} set datestyle = 'German';
    alter database ${database.name} set extra_float_digits = 0;
    alter database ${database.name} set bytea_output = 'escape'`)
  reader = postgres.open({ connection: 'shop', root: '/', options: { url: database.url } })
})
afterAll(() => database?.drop())

readsSamples(CORPUS, () => reader)

test('types are spelt as the source spells them', async () => {
  const { schema } = await reader.describe(corpus)
  const spelt = schema.fields.map((field) => field.sourceType)
  expect(spelt).toEqual(
    expect.arrayContaining(['integer', 'numeric(10,2)', 'character varying(10)', 'cents', 'mood[]', 'real']),
  )
})

test('any double, float and decimal comes back exactly', async () => {
  const seed = Date.now()
  const row = fc.tuple(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.nat(12),
  )
  const samples = fc.sample(row, { numRuns: 500, seed })
  const decimals = samples.map(([, , digits, scale]) => `${digits}e-${scale}`)
  await database.query(
    `insert into doubles values ${samples.map(([d, r], i) => `(${i}, '${signed(d)}', '${signed(r)}', '${decimals[i]}')`).join(', ')}`,
  )
  const rows = rowsOf(await readBatches(reader, { ref: 'p.doubles', from: 'doubles' }))
  for (const [i, [d, r, digits, scale]] of samples.entries()) {
    expect(rows[i]!.d, `seed ${seed}`).toBe(d)
    expect(rows[i]!.r, `seed ${seed}`).toBe(r)
    expect(scaled(String(rows[i]!.n), 12), `seed ${seed}`).toBe(digits * 10n ** BigInt(12 - scale))
  }
})

/** `String(-0)` is `0`. */
const signed = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

/** A decimal text times 10^places. */
function scaled(text: string, places: number): bigint {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text)!
  const power = places + Number(exponent) - fraction.length
  const digits = BigInt(whole! + fraction) * 10n ** BigInt(Math.max(0, power))
  const value = power < 0 ? digits / 10n ** BigInt(-power) : digits
  return sign === '-' ? -value : value
}
