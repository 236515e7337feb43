import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshMysql, type TestDatabase } from '../../tests/support/databases.ts'
import type { TempTable } from '../engine.ts'
import { MysqlConnection } from './connection.ts'
import { collation, mysqlDialect } from './dialect.ts'
import { address, baseSettings, type Server } from './server.ts'

const table: TempTable = {
  name: 'staged',
  columns: [
    { name: 'id', type: { kind: 'id' } },
    { name: 'words', type: { kind: 'text' } },
    { name: 'at', type: { kind: 'timestamp' } },
    { name: 'yes', type: { kind: 'boolean' } },
  ],
}
const ids = Array.from({ length: 1201 }, (_, i) => `row ${String(i).padStart(4, '0')}`)
const columns = [
  ids,
  ids.map((_, i) => [null, '', '\\N', `'"\\\t\n`, 'é😀 '][i % 5]!),
  ids.map(() => '2026-03-29T01:30:00.123456Z'),
  ids.map((_, i) => i % 2 === 0),
]

let database: TestDatabase
beforeAll(async () => {
  database = await freshMysql('bulk')
})
afterAll(() => database.drop())

async function staged(localInfile: boolean) {
  const own = collation('mariadb')
  const server: Server = {
    address: address(database.url),
    settings: baseSettings(own),
    internal: database.name,
    collation: own,
    localInfile,
  }
  const connection = await MysqlConnection.connect(server)
  await connection.run(mysqlDialect('mariadb').createTemp(database.name, table))
  await connection.bulk(table, { columns, rows: ids.length })
  const rows = await connection.query('select * from staged order by id')
  await connection.close()
  return rows
}

test('without local_infile the same rows arrive by INSERT', async () => {
  const loaded = await staged(true)
  expect(loaded).toHaveLength(ids.length)
  expect(loaded[3]).toEqual({
    id: 'row 0003',
    words: `'"\\\t\n`,
    at: '2026-03-29T01:30:00.123456Z',
    yes: false,
  })
  expect(await staged(false)).toEqual(loaded)
})

test('an address with options that the driver would obey is refused', () => {
  expect(() => address('mysql://u@h/d?multipleStatements=true')).toThrow(/E614/)
  expect(() => address('postgres://u@h/d')).toThrow(/E614/)
  expect(address('mysql://u%40x:p%2Fw@[::1]:3307/d?sslmode=no-verify')).toMatchObject({
    host: '::1',
    port: 3307,
    user: 'u@x',
    password: 'p/w',
    database: 'd',
    ssl: { rejectUnauthorized: false, verifyIdentity: false },
  })
  expect(address('mysql://u@h/d?ssl=true').ssl).toEqual({ rejectUnauthorized: true, verifyIdentity: true })
})
