import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ColumnType } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'
import { microsText } from '../instants.ts'
import { DuckConnection } from './connection.ts'
import { duckdb } from './dialect.ts'
import { registerFeed } from './feed.ts'
import { encode, type Vectors } from './vectors.ts'

const DAY = 86_400_000_000n

const scaled = (precision: number, scale: number): fc.Arbitrary<string> =>
  fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }).map((number) => {
    const digits = String(number < 0n ? -number : number).padStart(scale + 1, '0')
    const whole = digits.slice(0, digits.length - scale)
    return `${number < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
  })

const decimal = (precision: number, scale: number): [ColumnType, fc.Arbitrary<Value>] => [
  { kind: 'decimal', precision, scale },
  scaled(precision, scale),
]

const columns: [ColumnType, fc.Arbitrary<Value>][] = [
  // The driver drops a byte order mark at the head of what it reads.
  [{ kind: 'text' }, fc.string({ unit: 'binary', maxLength: 30 }).filter((it) => !/^\uFEFF|\0/.test(it))],
  [{ kind: 'text' }, fc.string({ unit: 'grapheme', minLength: 150, maxLength: 300 })],
  [
    { kind: 'integer' },
    fc.oneof(
      fc.maxSafeInteger(),
      fc
        .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        .filter((it) => !Number.isSafeInteger(Number(it)))
        .map(String),
    ),
  ],
  [{ kind: 'double' }, fc.double({ noNaN: true, noDefaultInfinity: true }).map((it) => it + 0)],
  [{ kind: 'boolean' }, fc.boolean()],
  // Of one byte a character, and empty.
  [{ kind: 'text' }, fc.string({ unit: 'binary-ascii', maxLength: 30 })],
  [{ kind: 'text' }, fc.constant('')],
  [
    { kind: 'date' },
    fc.bigInt({ min: -62_000n, max: 2_900_000n }).map((it) => microsText(it * DAY).slice(0, 10)),
  ],
  [
    { kind: 'timestamp' },
    fc.bigInt({ min: -62_000n * DAY, max: 2_900_000n * DAY }).map((it) => microsText(it)),
  ],
  decimal(4, 1),
  decimal(9, 9),
  decimal(18, 4),
  decimal(18, 0),
  decimal(38, 10),
]

const names = columns.map((_, i) => `c${i}`)

async function temporary(): Promise<DuckConnection> {
  const instance = await DuckDBInstance.create(':memory:')
  await registerFeed(instance)
  const connection = new DuckConnection(await instance.connect())
  await connection.run(`set TimeZone = 'UTC'`)
  const list = columns.map(([type], i) => `${names[i]} ${duckdb.type(type)}`)
  await connection.run(`create table t (n integer, ${list.join(', ')}, gone varchar)`)
  return connection
}

const table = {
  schema: 'main',
  name: 't',
  columns: [
    { name: 'n', type: { kind: 'integer' } as const },
    ...columns.map(([type], i) => ({ name: names[i]!, type })),
  ],
}

/** Replaces what the table holds. */
async function replaced(connection: DuckConnection, rows: Vectors): Promise<Value[][]> {
  await connection.run('delete from t')
  await connection.append(table, [rows], [])
  const stored: Value[][] = []
  for await (const part of connection.stream(`select ${names.join(', ')}, gone from t order by n`))
    stored.push(...part)
  return stored
}

const row = fc.tuple(...columns.map(([, values]) => fc.option(values, { freq: 6 })))
const rows = fc
  .tuple(fc.array(row, { minLength: 1, maxLength: 60 }), fc.nat(2500))
  .map(([some, more]) => Array.from({ length: some.length + more }, (_, i) => some[i % some.length]!))

test('values of every type come back exactly from every place of a chunk, with NULLs between, as often as they are written', async () => {
  const connection = await temporary()
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 2, max: 9 }), async (given, every) => {
      const byColumn = [given.map((_, i) => i), ...columns.map((_, i) => given.map((it) => it[i]!))]
      const encoded = encode(table.columns, { columns: byColumn, rows: given.length })
      expect(encoded.rows).toBe(given.length)
      const wanted = given.map((it) => [...it, null])
      expect(await replaced(connection, encoded)).toEqual(wanted)
      const some = encoded.without(Uint8Array.from(given, (_, i) => (i % every === 0 ? 1 : 0)))
      const kept = wanted.filter((_, i) => i % every !== 0)
      expect(await replaced(connection, some)).toEqual(kept)
      const fewer = some.without(Uint8Array.from(kept, (_, i) => (i === 0 ? 1 : 0)))
      expect(await replaced(connection, fewer)).toEqual(kept.slice(1))
      expect(await replaced(connection, encoded)).toEqual(wanted)
    }),
    { numRuns: 20 },
  )
  await connection.close()
})

test.each<[ColumnType, Value]>([
  [{ kind: 'integer' }, '9223372036854775808'],
  [{ kind: 'decimal', precision: 4, scale: 1 }, '1000.0'],
  [{ kind: 'decimal', precision: 4, scale: 1 }, '1.00'],
  [{ kind: 'decimal', precision: 18, scale: 0 }, '1000000000000000000'],
  [{ kind: 'decimal', precision: 38, scale: 0 }, `1${'0'.repeat(38)}`],
])('a value that would not fit %j is not bent', async (type, value) => {
  const connection = await temporary()
  await connection.run(`create temporary table u (c ${duckdb.type(type)})`)
  const staged = { name: 'u', columns: [{ name: 'c', type }] }
  const block = { columns: [[value]], rows: 1 }
  expect(() => encode(staged.columns, block)).toThrow(/does not fit/)
  await expect(async () => connection.bulk(staged, block)).rejects.toThrow(/does not fit/)
  expect(await connection.query('select count(*) as n from u')).toEqual([{ n: 0 }])
  await connection.close()
})
