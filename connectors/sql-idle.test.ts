import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceReader } from '../core/connector.ts'
import { freshMysql, freshPostgres, type TestDatabase } from '../tests/support/databases.ts'
import { mysql } from './mysql/mysql.ts'
import { postgres } from './postgres/postgres.ts'

const SERVERS = {
  postgres: {
    connector: postgres,
    fresh: freshPostgres,
    sessions: `select pid as id, state, backend_xmin::text as snapshot, xact_start::text as since from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    end: (id: unknown) => `select pg_terminate_backend(${id})`,
    idle: { state: 'idle', snapshot: null, since: null },
    alter: 'alter table t alter n type bigint',
  },
  mysql: {
    connector: mysql,
    fresh: freshMysql,
    sessions: `select p.id, command as state, t.trx_id as snapshot, t.trx_started as since from information_schema.processlist as p
      left join information_schema.innodb_trx as t on t.trx_mysql_thread_id = p.id where db = database() and p.id <> connection_id()`,
    end: (id: unknown) => `kill ${id}`,
    idle: { state: 'Sleep', snapshot: null, since: null },
    alter: 'alter table t modify n bigint',
  },
}

for (const [name, { connector, fresh, sessions, end, idle, alter }] of Object.entries(SERVERS)) {
  let database: TestDatabase
  let reader: SourceReader
  const open = () => connector.open({ connection: 'db', root: '.', options: { url: database.url } })
  const describe = () => reader.describe({ ref: 'p.t', from: 't' })
  beforeAll(async () => {
    database = await fresh('idle')
    await database.query('create table t (id integer primary key, n integer)')
    reader = open()
  })
  afterAll(async () => {
    await reader.close()
    await database.drop()
  })

  test(`${name}: a session is asked again, and holds nothing in between`, async () => {
    await describe()
    const [first, ...others] = await database.query(sessions)
    expect(others).toEqual([])
    expect(first).toMatchObject(idle)
    await database.query(alter)
    const { schema } = await describe()
    expect(schema.fields[1]).toMatchObject({ name: 'n', sourceType: expect.stringContaining('bigint') })
    expect(await database.query(sessions)).toEqual([first])
  })

  test(`${name}: one that the server has ended is replaced`, async () => {
    await describe()
    const [{ id }] = (await database.query(sessions)) as [{ id: unknown }]
    await database.query(end(id))
    expect((await describe()).schema.fields).toHaveLength(2)
    const [after] = await database.query(sessions)
    expect(after!['id']).not.toBe(id)
  })

  test(`${name}: a failed one is closed, and so are all with the reader`, async () => {
    const other = open()
    await Promise.all([1, 2, 3].map(() => other.describe({ ref: 'p.t', from: 't' })))
    await other.close()
    await reader.close()
    reader = open()
    await expect(reader.describe({ ref: 'p.t', from: 'none' })).rejects.toMatchObject({ code: 'E404' })
    await expect.poll(() => database.query(sessions)).toEqual([])
  })
}
