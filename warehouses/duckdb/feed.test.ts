import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, test } from 'vitest'
import { DuckConnection } from './connection.ts'
import { feeding, ROW_GROUP, registerFeed } from './feed.ts'
import { encode, storedAs, type Vectors } from './vectors.ts'

const ROWS = 10_000
const instance = await DuckDBInstance.create(':memory:')
await registerFeed(instance)
afterAll(() => instance.closeSync())

const columns = [
  { name: 'id', type: { kind: 'id' } as const },
  { name: 'n', type: { kind: 'integer' } as const },
]
const stored = columns.map((it) => storedAs(it.type))
const constant = { name: 'source', type: { kind: 'text' } as const }

async function connected(table: string): Promise<DuckConnection> {
  const connection = new DuckConnection(await instance.connect())
  await connection.run(`create table ${table} (id varchar not null, source varchar, n bigint)`)
  return connection
}

const numbered = (prefix: string, from: number, rows: number): Vectors => {
  const numbers = Array.from({ length: rows }, (_, i) => from + i)
  return encode(columns, { columns: [numbers.map((it) => `${prefix}${it}`), numbers], rows })
}

const blocks = (prefix: string): Vectors[] => [numbered(prefix, 0, ROWS - 5000), numbered(prefix, 5000, 5000)]

const into = (name: string) => ({ schema: 'main', name, columns: [...columns, constant] })

const sums = (connection: DuckConnection, table: string) =>
  connection.query(
    `select count(*) as rows, count(distinct id) as ids, sum(n)::bigint as sum, min(source) as source, max(source) as last from ${table}`,
  )

test('appends of several connections at once each get their own rows, while this thread goes on', async () => {
  const [one, other] = [await connected('one'), await connected('other')]
  let turns = 0
  const ticking = setInterval(() => {
    turns += 1
  }, 0)
  await Promise.all([
    one.append(into('one'), blocks('a'), ['first']),
    other.append(into('other'), blocks('b'), ["it's \\ second"]),
  ])
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(0)
  const sum = (ROWS * (ROWS - 1)) / 2
  expect(await sums(one, 'one')).toEqual([{ rows: ROWS, ids: ROWS, sum, source: 'first', last: 'first' }])
  expect(await sums(other, 'other')).toEqual([
    { rows: ROWS, ids: ROWS, sum, source: "it's \\ second", last: "it's \\ second" },
  ])
})

test('rows that are released while they are appended stay as they were until the statement has ended', async () => {
  const connection = await connected('released')
  const given = blocks('a')
  const appending = connection.append(into('released'), given, ['x'])
  for (const it of given) it.release()
  const others = numbered('z', 7_000_000, ROWS)
  await appending
  others.release()
  const sum = (ROWS * (ROWS - 1)) / 2
  expect(await sums(connection, 'released')).toEqual([{ rows: ROWS, ids: ROWS, sum, source: 'x', last: 'x' }])
  expect(await connection.query(`select count(*) as others from released where id like 'z%'`)).toEqual([
    { others: 0 },
  ])
  await expect(connection.append(into('released'), given, ['x'])).rejects.toThrow(/given back/)
})

test('each whole row group of an append is one in the table, whichever thread wrote it', async () => {
  const connection = await connected('grouped')
  const rows = 2 * ROW_GROUP + 2048
  const batches = Array.from({ length: rows / 2048 }, (_, i) => numbered('a', i * 2048, 2048))
  await connection.append(into('grouped'), batches, ['x'])
  const sum = (rows * (rows - 1)) / 2
  expect(await sums(connection, 'grouped')).toEqual([{ rows, ids: rows, sum, source: 'x', last: 'x' }])
  const groups = await connection.query(
    `select sum(count)::bigint as rows from pragma_storage_info('grouped') where column_name = 'n' and segment_type <> 'VALIDITY' group by row_group_id order by rows`,
  )
  expect(groups).toEqual([{ rows: 2048 }, { rows: ROW_GROUP }, { rows: ROW_GROUP }])
})

test('what a table refuses leaves no row, and the connection goes on', async () => {
  const connection = await connected('strict')
  const bad = encode(columns, {
    columns: [
      ['a', null],
      [1, 2],
    ],
    rows: 2,
  })
  const appending = connection.append(into('strict'), [numbered('a', 0, 5000), bad], ['x'])
  await expect(appending).rejects.toThrow(/NOT NULL/)
  expect(await connection.query('select count(*) as rows from strict')).toEqual([{ rows: 0 }])
  await connection.append(into('strict'), [numbered('a', 0, 3)], ['x'])
  expect(await connection.query('select count(*) as rows from strict')).toEqual([{ rows: 3 }])
})

test('a fault of ours fails the statement, and no row of it stays', async () => {
  const connection = await connected('broken')
  function* chunks() {
    yield* numbered('a', 0, 2048).chunks
    throw new Error('nothing more to give')
  }
  const insert = (relation: string) =>
    connection.run(`insert into broken select c0, 'x', c1 from ${relation}`)
  await expect(feeding(stored, [chunks()], insert)).rejects.toThrow()
  expect(await connection.query('select count(*) as rows from broken')).toEqual([{ rows: 0 }])
})

test('a statement that nothing is given to is refused, as is one of others', async () => {
  const connection = await connected('asked')
  await expect(connection.query('select * from polder_rows(1)')).rejects.toThrow(/to Polder only/)
  const seen = await feeding(stored, [numbered('a', 0, 2).chunks], async (relation) => {
    const rows = await connection.query(`select * from ${relation}`)
    return [relation, rows] as const
  })
  expect(seen[1]).toEqual([
    { c0: 'a0', c1: 0 },
    { c0: 'a1', c1: 1 },
  ])
  await expect(connection.query(`select * from ${seen[0]}`)).rejects.toThrow(/to Polder only/)
})
