import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatches } from '../sdk/contract/reader-contract.ts'
import type { SourceReader } from '../sdk/index.ts'
import {
  freshMysql,
  freshPostgres,
  type HeldSession,
  heldSession,
  type TestDatabase,
} from '../tests/support/databases.ts'
import { mysql } from './mysql/mysql.ts'
import { postgres } from './postgres/postgres.ts'

const ENGINES = [
  {
    name: 'postgres',
    connector: postgres,
    fresh: freshPostgres,
    hold: ['begin', "alter table people alter born type text using to_char(born, 'DD-MM-YYYY')"],
    alterHeld: 'select 1',
    let: 'commit',
    waiting: `select count(*) as n from pg_locks l join pg_class c on c.oid = l.relation
               where c.relname = 'people' and not l.granted and l.database = (select oid from pg_database where datname = current_database())`,
  },
  {
    name: 'mysql',
    connector: mysql,
    fresh: freshMysql,
    hold: ['lock tables people write'],
    alterHeld: 'alter table people modify born varchar(30)',
    let: 'unlock tables',
    waiting: `select count(*) as n from information_schema.processlist
               where db = database() and state like 'Waiting for table metadata lock%'`,
  },
]

test('PostgreSQL: a table that was rewritten while the query waited for it is not read as empty', async () => {
  const database = await freshPostgres('rewritten')
  const reader = postgres.open({ connection: 'shop', root: '/', options: { url: database.url } })
  const [{ hold, waiting }] = ENGINES as [(typeof ENGINES)[0]]
  const other = await heldSession(database.url)
  try {
    await database.query(
      "create table people (id int primary key, born date, at int); insert into people values (1, '2001-02-03', 1)",
    )
    const mark = { kind: 'keyset' as const, mark: '0', key: [], inclusive: true }
    const from = { v: 1 as const, position: mark, readStartedAt: '2026-01-01T00:00:00.000000Z' }
    // By COPY, and from a cursor on.
    for (const [dataset, start] of [
      [{}, null],
      [{ cursor: 'at' }, from],
    ] as const) {
      for (const sql of hold) await other.run(sql)
      const request = { ref: 'shop.people', from: 'people', ...dataset }
      const read = readBatches(reader, request, { from: start, fields: ['id'] })
      await isWaiting(database, waiting)
      await other.run('commit')
      expect((await read).map((it) => it.rows)).toEqual([1])
      await database.query("alter table people alter born type date using '2001-02-03'::date")
    }
  } finally {
    await other.end()
    await database.drop()
  }
})

describe.each(ENGINES)('$name', ({ connector, fresh, hold, alterHeld, let: release, waiting }) => {
  let database: TestDatabase
  let reader: SourceReader
  let other: HeldSession

  beforeAll(async () => {
    database = await fresh('altered')
    await database.query(
      "create table people (id int primary key, born date); insert into people values (1, '2001-02-03')",
    )
    reader = connector.open({ connection: 'shop', root: '/', options: { url: database.url } })
    other = await heldSession(database.url)
  })
  afterAll(async () => {
    await other?.end()
    await database?.drop()
  })

  test('a column retyped after the look at it and before the query is an error, not a value of the wrong type', async () => {
    for (const sql of hold) await other.run(sql)
    const read = readBatches(reader, { ref: 'shop.people', from: 'people' }, { from: null }).catch((it) => it)
    await isWaiting(database, waiting)
    await other.run(alterHeld)
    await other.run(release)
    expect(await read).toMatchObject({ code: 'E409', problem: expect.stringContaining('"born"') })
    expect(await readBatches(reader, { ref: 'shop.people', from: 'people' }, { from: null })).toHaveLength(1)
  })
})

async function isWaiting(database: TestDatabase, sql: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const [row] = await database.query<{ n: string }>(sql)
    if (Number(row!.n) > 0) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('Nobody waits for the table.')
}
