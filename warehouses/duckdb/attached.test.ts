import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import type { ServerAddress } from '../../core/reach.ts'
import { duckdb } from './index.ts'

test('a view over an attached database fails the whole unified table where that is not attached', async () => {
  const root = await mkdtemp(join(tmpdir(), 'polder-attached-'))
  const opened = async (work: (say: (sql: string) => Promise<unknown[][]>) => Promise<unknown>) => {
    const instance = await DuckDBInstance.create(join(root, 'warehouse.duckdb'))
    const connection = await instance.connect()
    await work(async (sql) => (await connection.runAndReadAll(sql)).getRows()).finally(() => {
      connection.closeSync()
      instance.closeSync()
    })
  }
  try {
    await opened(async (say) => {
      await say(`attach '${join(root, 'source.duckdb')}' as shop_db`)
      await say('create table shop_db.main.customers as select 1 as id')
      await say('create table own as select 2 as id')
      await say('create view linked as select id from shop_db.main.customers')
      await say('create view party as select * from linked union all select * from own')
      expect(await say('select id from party order by id')).toEqual([[1], [2]])
    })
    await opened(async (say) => {
      await expect(say('select id from party where id = 2')).rejects.toThrow(/shop_db/)
      expect(await say('select id from own')).toEqual([[2]])
    })
  } finally {
    await rm(root, { recursive: true })
  }
})

test.each([
  ['postgres', 'PostgreSQL'],
  ['mysql', 'MySQL and MariaDB'],
] as const)('so a table of %s is not reached, and the reason says that', async (kind, name) => {
  const options = { path: ':memory:' }
  const session = await duckdb.open({
    options,
    root: '/',
    schema: 'customer',
    internal: 'polder',
    temporary: true,
  })
  const address: ServerAddress = {
    kind,
    host: 'db.example.org',
    port: 1,
    user: 'reader',
    password: 'secret-8842',
    ssl: false,
    schema: 'public',
    name: 'customers',
    withMark: () => Promise.reject(new Error('asked the server')),
  }
  const ask = {
    connection: 'shop_db',
    address,
    fields: [],
    links: true,
    thorough: true,
    dataset: 'shop.customers',
  }
  const reached = await session.reach(ask).finally(() => session.close())
  expect(reached).toEqual({
    how: 'none',
    because: `DuckDB reads ${name} only through an attachment, which lives in one process: in all others a view over it would make the whole unified table fail`,
  })
})
