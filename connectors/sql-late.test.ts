import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../sdk/contract/reader-contract.ts'
import type { Checkpoint, Row, SourceReader } from '../sdk/index.ts'
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
    instant: 'timestamptz',
    local: 'timestamp',
    nowIn: (hours: number) => `clock_timestamp() at time zone interval '${hours} hours'`,
    minutes: (n: number) => `interval '${n} minutes'`,
  },
  {
    name: 'mysql',
    connector: mysql,
    fresh: freshMysql,
    instant: 'timestamp(6)',
    local: 'datetime(6)',
    nowIn: (hours: number) => `utc_timestamp(6) + interval ${hours} hour`,
    minutes: (n: number) => `interval ${n} minute`,
  },
]

/** The rows of the reading that begins at `from`, as a run of a pipeline asks for them. */
const readFrom = async (reader: SourceReader, dataset: object, from: Checkpoint | null): Promise<Row[]> =>
  rowsOf(await readBatches(reader, dataset as never, { from }))

/** Inclusive start at the high water, or a full read where there is none. */
const next = ({ highWater, readStartedAt }: Checkpoint): Checkpoint | null =>
  highWater === undefined
    ? null
    : {
        v: 1,
        position: { kind: 'keyset', mark: highWater, key: [], inclusive: true },
        readStartedAt,
      }

const ids = (rows: Row[]): number[] => rows.map((it) => Number(it.id)).sort((a, b) => a - b)

describe.each(ENGINES)('$name', ({ connector, fresh, instant, local, nowIn, minutes }) => {
  let database: TestDatabase
  let reader: SourceReader
  let first: HeldSession
  const open = (more = {}) =>
    connector.open({ connection: 'shop', root: '/', options: { url: database.url, ...more } })

  beforeAll(async () => {
    database = await fresh('late')
    reader = open()
    first = await heldSession(database.url)
  })
  afterAll(async () => {
    await first?.end()
    await database?.drop()
  })

  test('fault 19: a number handed out before the last one and committed after it is read by the next reading', async () => {
    await database.query('create table tickets (id int primary key, version bigint)')
    await database.query('insert into tickets values (1, 100)')
    const dataset = { ref: 'p.t', from: 'tickets', cursor: 'version' }
    const quiet = (await settledSplit(reader, dataset)).highWater
    expect(quiet).toMatchObject({ highWater: '100' })
    expect(quiet.settling).toBeUndefined()

    await first.run('begin')
    await first.run('insert into tickets values (2, 101)')
    await database.query('insert into tickets values (3, 102)')
    const busy = (await reader.split(dataset, { ranges: 1, earlier: quiet })).highWater
    expect(busy).toMatchObject({ highWater: '100', settling: { mark: '102' } })
    expect(ids(await readFrom(reader, dataset, next(quiet)))).toEqual([1, 3])

    await first.run('commit')
    expect(ids(await readFrom(reader, dataset, next(busy)))).toEqual([1, 2, 3])
    expect((await settledSplit(reader, dataset, busy)).highWater).toMatchObject({ highWater: '102' })
  })

  test('fault 19: others that come and go while a mark settles do not hide a writer', async () => {
    await database.query('create table crowd (id int primary key, version bigint)')
    await database.query('insert into crowd values (1, 1)')
    const dataset = { ref: 'p.c', from: 'crowd', cursor: 'version' }
    const quiet = (await settledSplit(reader, dataset)).highWater
    const other = await heldSession(database.url)
    await other.run('create table passers (n int)')
    await first.run('begin')
    await first.run('insert into crowd values (2, 2)')
    await other.run('insert into crowd values (3, 3)')
    let isOver = false
    const passing = (async () => {
      while (!isOver) await other.run('insert into passers values (1)')
    })()
    const busy = (await reader.split(dataset, { ranges: 1, earlier: quiet })).highWater
    isOver = true
    await passing
    await first.run('commit')
    await other.end()
    expect(busy).toMatchObject({ highWater: '1', settling: { mark: '3' } })
  })

  test('while one writer follows the other, a mark settles as soon as those of its time have ended', async () => {
    await database.query('create table relay (id int primary key, version bigint)')
    const dataset = { ref: 'p.r', from: 'relay', cursor: 'version' }
    const second = await heldSession(database.url)
    await database.query('insert into relay values (1, 1)')
    await first.run('begin')
    await first.run('insert into relay values (2, 2)')
    const one = (await reader.split(dataset, { ranges: 1 })).highWater
    expect(one.highWater).toBeUndefined()
    expect(one.settling).toMatchObject({ mark: '1' })
    await second.run('begin')
    await second.run('insert into relay values (3, 3)')
    await first.run('commit')
    const two = (await settledSplit(reader, dataset, one, '1')).highWater
    expect(two).toMatchObject({ highWater: '1', settling: { mark: '2' } })
    await second.run('commit')
    expect((await settledSplit(reader, dataset, two)).highWater).toMatchObject({ highWater: '3' })
    await second.end()
  })

  test('fault 19: an instant set before a long transaction commits is read by the next reading', async () => {
    await database.query(`create table orders (id int primary key, changed ${instant})`)
    const dataset = { ref: 'p.o', from: 'orders', cursor: 'changed' }
    await first.run('begin')
    await first.run(`insert into orders values (1, now() - ${minutes(0)})`)
    await new Promise((done) => setTimeout(done, 50))
    await database.query('insert into orders values (2, now())')
    const { highWater } = await reader.split(dataset, { ranges: 1 })
    expect(ids(await readFrom(reader, dataset, null))).toEqual([2])
    await first.run('commit')
    expect(highWater.readStartedAt <= highWater.highWater! || highWater.settling).toBeTruthy()
    expect(ids(await readFrom(reader, dataset, next(highWater)))).toEqual([1, 2])
    const [row] = await readFrom(reader, dataset, null)
    expect(highWater.readStartedAt <= String(row!.changed)).toBe(true)
  })

  test('fault 20: marks in the future are read every time and do not move the cursor', async () => {
    await database.query(`create table plans (id int primary key, changed ${instant})`)
    await database.query(`insert into plans values (1, now() - ${minutes(60)}), (2, now() + ${minutes(60)})`)
    const dataset = { ref: 'p.p', from: 'plans', cursor: 'changed' }
    const { highWater, ranges } = await reader.split(dataset, { ranges: 1 })
    expect(highWater.highWater! < highWater.readStartedAt).toBe(true)
    expect(ranges).toEqual([{ id: '0' }])
    expect(ids(await readFrom(reader, dataset, next(highWater)))).toEqual([1, 2])
    await database.query(`insert into plans values (3, now() - ${minutes(1)})`)
    const later = await readFrom(reader, dataset, next(highWater))
    expect(ids(later)).toEqual([1, 2, 3])
  })

  test('fault 20: what lies in the future of a local time follows the stated zone, else the zone of the server', async () => {
    await database.query(`create table local_plans (id int primary key, changed ${local})`)
    // Tokyo is nine hours ahead of UTC, where the servers of these tests are.
    await database.query(
      `insert into local_plans values (1, ${nowIn(0)}), (2, ${nowIn(9)}), (3, ${nowIn(10)})`,
    )
    const dataset = { ref: 'p.l', from: 'local_plans', cursor: 'changed' }
    const rows = await readFrom(reader, dataset, null)
    const markOf = (id: number) => rows.find((it) => it.id === id)!.changed
    const here = (await settledSplit(reader, dataset)).highWater
    expect(here.highWater).toBe(markOf(1))
    const tokyo = (await settledSplit(open({ timezone: 'Asia/Tokyo' }), dataset)).highWater
    expect(tokyo.highWater).toBe(markOf(2))
  })

  test('a date of today moves the cursor, one of the future does not', async () => {
    await database.query(`create table days (id int primary key, day date)`)
    await database.query(
      `insert into days values (1, ${nowIn(0)}), (2, ${nowIn(0)} + ${minutes(2 * 24 * 60)})`,
    )
    const dataset = { ref: 'p.d', from: 'days', cursor: 'day' }
    const { highWater } = await settledSplit(reader, dataset)
    expect(highWater.highWater).toBe(highWater.readStartedAt.slice(0, 10))
  })
})

/** Splits until nothing else on the shared server keeps the marks from settling (or until the mark is reached). */
async function settledSplit(
  reader: SourceReader,
  dataset: { ref: string; from: string; cursor: string },
  earlier?: Checkpoint,
  mark?: string,
) {
  for (let i = 0; i < 40; i++) {
    const split = await reader.split(dataset, { ranges: 1, ...(earlier ? { earlier } : {}) })
    if (mark === undefined ? !split.highWater.settling : split.highWater.highWater === mark) return split
  }
  throw new Error('the marks did not settle: somebody else writes on this server all the time')
}

test('on PostgreSQL a prepared transaction holds the cursor back, and one that has only read holds instants back', async () => {
  const database = await freshPostgres('prepared')
  try {
    const [{ max }] = (await database.query(
      `select setting as max from pg_settings where name = 'max_prepared_transactions'`,
    )) as [{ max: string }]
    const writer = await heldSession(database.url)
    await database.query('create table t (id int primary key, version bigint, at timestamptz)')
    const reader = postgres.open({ connection: 'shop', root: '/', options: { url: database.url } })
    await writer.run('begin')
    await writer.run('select 1')
    await database.query('insert into t values (1, 1, clock_timestamp())')
    const numbers = { ref: 'p.t', from: 't', cursor: 'version' }
    const instants = { ref: 'p.t', from: 't', cursor: 'at' }
    expect((await reader.split(numbers, { ranges: 1 })).highWater.highWater).toBe('1')
    const { highWater } = await reader.split(instants, { ranges: 1 })
    await writer.run('insert into t values (2, 2, now())')
    const [{ began }] = (
      (await writer.run(
        `select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') began`,
      )) as {
        rows: [{ began: string }]
      }
    ).rows
    expect(highWater).toMatchObject({ highWater: began, readStartedAt: began })
    if (Number(max) > 0) {
      await writer.run(`prepare transaction 'held'`)
      expect((await reader.split(numbers, { ranges: 1 })).highWater.settling).toBeDefined()
      await writer.run(`rollback prepared 'held'`)
    } else {
      await writer.run('rollback')
    }
    await writer.end()
  } finally {
    await database.drop()
  }
})

test('on PostgreSQL an account that sees no other sessions waits for writers by their numbers', async () => {
  const database = await freshPostgres('hidden')
  const role = `role_of_${database.name}`
  try {
    await database.query(`create table t (id int primary key, at timestamptz); create role ${role} login;
      grant select on t to ${role}; insert into t values (1, now() - interval '1 hour')`)
    const limited = postgres.open({
      connection: 'shop',
      root: '/',
      options: { url: database.url, user: role },
    })
    const writer = await heldSession(database.url)
    const dataset = { ref: 'p.t', from: 't', cursor: 'at' }
    const quiet = (await limited.split(dataset, { ranges: 1 })).highWater
    await writer.run('begin')
    await writer.run('insert into t values (2, now())')
    await database.query('insert into t values (3, now())')
    const busy = (await limited.split(dataset, { ranges: 1, earlier: quiet })).highWater
    expect(busy.highWater).toBe(quiet.highWater)
    await writer.run('commit')
    expect(ids(await readFrom(limited, dataset, next(busy)))).toEqual([1, 2, 3])
    await writer.end()
  } finally {
    await database.query(`drop owned by ${role}; drop role ${role}`)
    await database.drop()
  }
})

test('on MySQL an account without PROCESS keeps the clock', async () => {
  const database = await freshMysql('hidden')
  const user = `u_${database.name.slice(-10)}`
  try {
    await database.query(`create table t (id int primary key, version bigint); insert into t values (1, 7);
      create user '${user}'@'%' identified by 'pin'; grant select on ${database.name}.* to '${user}'@'%'`)
    const options = { url: database.url, user, password: 'pin' }
    const limited = mysql.open({ connection: 'shop', root: '/', options })
    const { highWater } = await limited.split({ ref: 'p.t', from: 't', cursor: 'version' }, { ranges: 1 })
    expect(highWater).toMatchObject({ highWater: '7' })
  } finally {
    await database.query(`drop user '${user}'@'%'`)
    await database.drop()
  }
})
