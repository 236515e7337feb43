import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../sdk/contract/reader-contract.ts'
import type { Range, Row, SourceReader } from '../sdk/index.ts'
import { freshMysql, freshPostgres, type TestDatabase } from '../tests/support/databases.ts'
import { mysql } from './mysql/mysql.ts'
import { postgres } from './postgres/postgres.ts'

const ROWS = 2_000
const ENGINES = [
  { name: 'postgres', connector: postgres, fresh: freshPostgres, analyze: 'analyze' },
  { name: 'mysql', connector: mysql, fresh: freshMysql, analyze: 'analyze table' },
]

/** Tables whose keys lie differently. */
const TABLES: Record<string, { columns: string; key: string; row: (i: number) => string; even: boolean }> = {
  dense: { columns: 'id bigint not null', key: 'id', row: (i) => `${i + 17}`, even: true },
  // All but one in a heap, and one far away.
  sparse: {
    columns: 'id bigint not null',
    key: 'id',
    row: (i) => (i === 0 ? '-9000000000000000000' : `${i}`),
    even: true,
  },
  words: {
    columns: 'name varchar(40) not null',
    key: 'name',
    row: (i) => `'${'êÉe z'.charAt(i % 5)}${i}'`,
    even: true,
  },
  pairs: {
    columns: 'region varchar(8) not null, no int not null',
    key: 'region, no',
    row: (i) => `'${['eu', 'us'][i % 2]}', ${i}`,
    even: true,
  },
  few: { columns: 'id bigint not null', key: 'id', row: (i) => `${i % 150}`, even: false },
}

describe.each(ENGINES)('$name', ({ connector, fresh, analyze }) => {
  let database: TestDatabase
  let reader: SourceReader
  beforeAll(async () => {
    database = await fresh('ranges')
    for (const [table, { columns, key, row }] of Object.entries(TABLES)) {
      await database.query(`create table ${table} (${columns}, primary key (${key}))`)
      const rows = [...new Set(Array.from({ length: ROWS }, (_, i) => `(${row(i)})`))]
      await database.query(`insert into ${table} values ${rows.join(', ')}`)
      await database.query(`${analyze} ${table}`)
    }
    reader = connector.open({ connection: 'shop', options: { url: database.url }, root: '/' })
  })
  afterAll(async () => {
    await reader?.close()
    await database?.drop()
  })

  const ranges = async (from: string, count: number): Promise<Range[]> =>
    (await reader.split({ ref: 'p.d', from }, { ranges: count, leastRows: 100 })).ranges
  const rowsIn = async (from: string, range: Range): Promise<Row[]> =>
    rowsOf(await readBatches(reader, { ref: 'p.d', from }, { range }))

  test.each(Object.entries(TABLES))(
    '%s: every row is in exactly one range, in the order of the key',
    async (from, { even }) => {
      const whole = await rowsIn(from, { id: '0' })
      const cut = await ranges(from, 4)
      const parts = await Promise.all(cut.map((it) => rowsIn(from, it)))
      expect(parts.flat()).toEqual(whole)
      if (!even) return expect(cut).toEqual([{ id: '0' }])
      expect(cut.map((it) => it.id)).toEqual(['1', '2', '3', '4'])
      for (const part of parts) expect(part.length).toBeGreaterThan(ROWS / 8)
    },
  )

  test('what comes before the first key or behind the last is in a range too', async () => {
    const cut = await ranges('dense', 4)
    await database.query('insert into dense values (-5), (999999999)')
    const parts = await Promise.all(cut.map((it) => rowsIn('dense', it)))
    expect(parts[0]![0]).toEqual({ id: -5 })
    expect(parts[3]!.at(-1)).toEqual({ id: 999999999 })
    await database.query('delete from dense where id in (-5, 999999999)')
  })

  test('a range goes on behind a checkpoint and ends where it did', async () => {
    const [, second] = await ranges('pairs', 4)
    const batches = await readBatches(reader, { ref: 'p.d', from: 'pairs' }, { range: second!, maxRows: 100 })
    const { checkpoint, rows } = batches[0]!
    const rest = await readBatches(
      reader,
      { ref: 'p.d', from: 'pairs' },
      { range: second!, from: checkpoint! },
    )
    expect(rowsOf(rest)).toEqual(rowsOf(batches).slice(rows))
  })

  test('a table of few rows, a key that can be NULL, and one range asked for are not cut', async () => {
    await database.query('create table loose (id int, name varchar(9))')
    const loose = await reader.split({ ref: 'p.d', from: 'loose', key: ['id'] }, { ranges: 4, leastRows: 1 })
    expect(loose.ranges).toEqual([{ id: '0' }])
    expect(await ranges('dense', 1)).toEqual([{ id: '0' }])
  })
})
