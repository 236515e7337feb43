import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatches, rowsOf } from '../sdk/contract/reader-contract.ts'
import { AuthError, ConfigError, SourceError, type SourceReader, TransientError } from '../sdk/index.ts'
import { freshMysql, freshPostgres, type TestDatabase, withDatabase } from '../tests/support/databases.ts'
import { mysql } from './mysql/mysql.ts'
import { postgres } from './postgres/postgres.ts'

const ENGINES = [
  {
    name: 'postgres',
    connector: postgres,
    fresh: freshPostgres,
    quote: (it: string) => `"${it.replaceAll('"', '""')}"`,
    wide: 'text',
    sleep: 'pg_sleep(20) is null',
    running: `select count(*) as n from pg_stat_activity where query like '%slow%' and pid <> pg_backend_pid() and state = 'active' and datname = current_database()`,
    /** Gives the statements that end every other session of the database. */
    ending: `select 'select pg_terminate_backend(' || pid || ')' as sql from pg_stat_activity where application_name = 'polder reader' and datname = current_database()`,
    fails: `('secret-' || id)::text::int`,
    numbers: 'generate_series(1, 50000) as t (id)',
    writes: `create function write_one() returns int language sql as 'insert into kept values (1) returning id'`,
  },
  {
    name: 'mysql',
    connector: mysql,
    fresh: freshMysql,
    quote: (it: string) => `\`${it.replaceAll('`', '``')}\``,
    wide: 'varchar(191)',
    sleep: 'sleep(20) = 1',
    running: `select count(*) as n from information_schema.processlist where info like '%slow%' and id <> connection_id() and db = database()`,
    ending: `select concat('kill ', id) as \`sql\` from information_schema.processlist where db = database() and id <> connection_id()`,
    fails: '~0 + id',
    numbers: '(select seq as id from seq_1_to_50000) as t',
    writes: 'create function write_one() returns int begin insert into kept values (1); return 1; end',
  },
]

describe.each(ENGINES)(
  '$name',
  ({ connector, fresh, quote, wide, sleep, running, ending, fails, numbers, writes }) => {
    let database: TestDatabase
    let reader: SourceReader
    const open = (url: string, more = {}) =>
      connector.open({ connection: 'shop', root: '/', options: { url, ...more } })
    const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error)

    beforeAll(async () => {
      database = await fresh('reader')
      reader = open(database.url)
    })
    afterAll(async () => {
      await database?.drop()
    })

    test('names with dots, quotes, question marks, blanks and key words are read as they stand', async () => {
      const names = [
        'a.b',
        'x"y',
        'is it?',
        "o'clock",
        'select',
        'a as b',
        'Größe',
        'tick`s',
        'a\\b',
        '$1',
        ':n',
      ]
      const columns = names.map((it) => `${quote(it)} int not null`).join(', ')
      await database.query(
        `create table ${quote('odd.name? "x"')} (${columns}, primary key (${quote('is it?')}, ${quote('a.b')}))`,
      )
      for (const i of [1, 2, 3])
        await database.query(
          `insert into ${quote('odd.name? "x"')} values (${names.map(() => i).join(', ')})`,
        )
      const dataset = { ref: 'p.odd', from: 'odd.name? "x"', cursor: "o'clock" }
      const facts = await reader.describe(dataset)
      expect(facts.schema.fields.map((it) => it.name)).toEqual(names)
      expect(facts.key).toEqual(['is it?', 'a.b'])
      const [first, ...others] = await readBatches(reader, dataset, { maxRows: 1 })
      const rest = await readBatches(reader, dataset, { from: first!.checkpoint! })
      expect(rowsOf(rest)).toEqual(rowsOf(others))
      const { highWater } = await reader.split(dataset, { ranges: 1 })
      expect(highWater.highWater).toBe('3')
    })

    test('a key value is bound, never spliced into the query', async () => {
      await database.query(`create table words (word ${wide} primary key)`)
      const hostile = ["'; drop table words; --", '"', "\\' or 1=1 -- ", '?', '$1', 'é😀', '%', '\\']
      for (const it of hostile)
        await database.query(
          `insert into words values (${wide === 'text' ? literal(it) : literal(it.replaceAll('\\', '\\\\'))})`,
        )
      const dataset = { ref: 'p.words', from: 'words' }
      const batches = await readBatches(reader, dataset, { maxRows: 1 })
      expect(
        rowsOf(batches)
          .map((it) => it.word)
          .sort(),
      ).toEqual([...hostile].sort())
      for (const [i, { checkpoint }] of batches.entries()) {
        const rest = await readBatches(reader, dataset, { from: checkpoint! })
        expect(rowsOf(rest)).toEqual(rowsOf(batches.slice(i + 1)))
      }
    })

    test('fault 35: keys and marks that no double carries are compared exactly', async () => {
      await database.query(
        `create table big (id bigint, part numeric(30,10), mark bigint, primary key (id, part))`,
      )
      const ids = ['9007199254740991', '9007199254740992', '9007199254740993']
      const parts = ['10000000000000000000.0000000001', '10000000000000000000.0000000002']
      for (const id of ids)
        for (const part of parts) await database.query(`insert into big values (${id}, ${part}, ${id})`)
      for (const from of [null, at(ids[0]!)]) {
        const dataset = { ref: 'p.big', from: 'big', cursor: 'mark' }
        const batches = await readBatches(reader, dataset, { maxRows: 1, from })
        expect(rowsOf(batches)).toHaveLength(6)
        for (const [i, { checkpoint }] of batches.entries()) {
          const rest = await readBatches(reader, dataset, { from: checkpoint! })
          expect(rowsOf(rest)).toEqual(rowsOf(batches.slice(i + 1)))
        }
      }
    })

    test('fault 31: a table is found in another case, and exactly when two differ only in case', async () => {
      await database.query(`create table ${quote('Mixed')} (id int primary key)`)
      expect((await reader.describe({ ref: 'p.m', from: 'mixed' })).from).toMatch(/\.Mixed$/)
      await database.query(`create table ${quote('MIXED')} (id int primary key)`)
      expect((await reader.describe({ ref: 'p.m', from: 'MIXED' })).from).toMatch(/\.MIXED$/)
      expect(await failure(reader.describe({ ref: 'p.m', from: 'mixed' }))).toMatchObject({ code: 'E406' })
    })

    test('a misspelt field is a ConfigError that proposes the nearest', async () => {
      await database.query('create table people (id int primary key, email text)')
      const people = { ref: 'p.people', from: 'people' }
      for (const act of [
        () => reader.describe({ ...people, key: ['emial'] }),
        () => reader.split({ ...people, cursor: 'emial' }, { ranges: 1 }),
        () => readBatches(reader, people, { fields: ['emial'] }),
      ]) {
        const error = (await failure(act())) as ConfigError
        expect(error).toBeInstanceOf(ConfigError)
        expect(error).toMatchObject({ code: 'E405', remedy: expect.stringContaining('"email"') })
      }
      expect(await failure(reader.split({ ...people, cursor: 'email' }, { ranges: 1 }))).toMatchObject({
        code: 'E407',
      })
    })

    test('without a key it reads, and says nowhere that one could go on', async () => {
      await database.query('create table heap (n int)')
      await database.query('insert into heap values (1), (2), (3)')
      const batches = await readBatches(reader, { ref: 'p.heap', from: 'heap' }, { maxRows: 1 })
      expect(rowsOf(batches)).toHaveLength(3)
      expect(batches.every((it) => it.checkpoint === undefined)).toBe(true)
      const { signal } = new AbortController()
      const ask = { maxRows: 10, maxBytes: 8_000_000, signal }
      const scan = reader.keys!({ ref: 'p.heap', from: 'heap' }, { id: '0' }, ask)[Symbol.asyncIterator]()
      expect(await failure(Promise.resolve(scan.next()))).toMatchObject({ code: 'E416' })
    })

    test('a view, a comment and a relation are told', async () => {
      await database.query('create view adults as select id, email from people')
      const facts = await reader.describe({ ref: 'p.adults', from: 'adults' })
      expect(facts).toMatchObject({ kind: 'view', key: [], keyProven: false })
      expect(await reader.address!({ ref: 'p.adults', from: 'adults' })).toMatchObject({ name: 'adults' })
    })

    test('a view that writes is refused, since sessions are read-only', async () => {
      await database.query('create table kept (id int primary key)')
      await database.query(writes)
      await database.query('create view writing as select id, write_one() as written from people')
      await database.query("insert into people values (1, 'a@b.nl')")
      const error = await failure(readBatches(reader, { ref: 'p.w', from: 'writing', key: ['id'] }))
      expect(error).toBeInstanceOf(SourceError)
      expect(error).toMatchObject({ code: 'E408' })
      expect(await database.query('select * from kept')).toEqual([])
    })

    test('a position of another key is refused', async () => {
      const from = {
        ...at('1'),
        position: { kind: 'keyset' as const, mark: null, key: ['1', '2'], inclusive: false },
      }
      expect(await failure(readBatches(reader, { ref: 'p.kept', from: 'kept' }, { from }))).toMatchObject({
        code: 'E413',
      })
      const marked = {
        ...from,
        position: { ...from.position, mark: '2026-01-01T00:00:00.000000', key: ['1'] },
      }
      expect(
        await failure(readBatches(reader, { ref: 'p.kept', from: 'kept' }, { from: marked })),
      ).toMatchObject({
        code: 'E413',
      })
      const token = { ...from, position: { kind: 'token' as const, data: 1 } }
      expect(
        await failure(readBatches(reader, { ref: 'p.kept', from: 'kept' }, { from: token })),
      ).toMatchObject({ code: 'E413' })
    })

    test('an unreachable server is a TransientError, an unknown database a ConfigError', async () => {
      const away = new URL(database.url)
      away.port = '1'
      expect(await failure(open(away.href).test())).toBeInstanceOf(TransientError)
      expect(await failure(open(away.href).test())).toMatchObject({ code: 'E401' })
      const none = await failure(open(withDatabase(database.url, 'no_such_database')).test())
      expect(none).toBeInstanceOf(ConfigError)
      expect(none).toMatchObject({ code: 'E414' })
    })

    test('a refused login is an AuthError without the password', async () => {
      const error = (await failure(
        open(database.url, { user: 'nobody_here', password: 'hunter-two' }).test(),
      )) as Error
      expect(error).toBeInstanceOf(AuthError)
      expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('hunter-two')
    })

    test('an address that is none is a ConfigError without its text', () => {
      for (const url of ['ftp://me:hunter-two@host/db', 'hunter-two']) {
        expect(() => open(url)).toThrow(ConfigError)
        expect(() => open(url)).not.toThrow(/hunter-two/)
      }
      expect(() => connector.open({ connection: 'shop', root: '/', options: {} })).toThrow(
        /neither url nor host/,
      )
    })

    test('an abort ends a slow query at once, here and on the server', async () => {
      await database.query(`create view slow as select id from (select 1 as id) t where ${sleep}`)
      const controller = new AbortController()
      const reason = new Error('asked to stop')
      const began = Date.now()
      const reading = failure(
        readBatches(reader, { ref: 'p.slow', from: 'slow', key: ['id'] }, { signal: controller.signal }),
      )
      await until(async () => Number((await database.query<{ n: string }>(running))[0]!.n) > 0)
      controller.abort(reason)
      expect(await reading).toBe(reason)
      await until(async () => Number((await database.query<{ n: string }>(running))[0]!.n) === 0)
      expect(Date.now() - began).toBeLessThan(15_000)
    })

    test('a time limit of the connection ends a query', async () => {
      const hasty = open(database.url, { statement_timeout_seconds: 1 })
      const error = await failure(readBatches(hasty, { ref: 'p.slow', from: 'slow', key: ['id'] }))
      expect(error).toMatchObject({ code: 'E410' })
      expect(error).toBeInstanceOf(TransientError)
    })

    test('a connection lost in the middle of a reading is a TransientError', async () => {
      await database.query(`create table long_one as select id, repeat('x', 1000) as fill from ${numbers}`)
      const ask = { fields: ['*'], maxRows: 100, maxBytes: 8_000_000, prefer: ['columns' as const] }
      const { signal } = new AbortController()
      const dataset = { ref: 'p.long', from: 'long_one', key: ['id'] }
      const reading = (async () => {
        for await (const batch of reader.read(dataset, { id: '0' }, null, { ...ask, signal })) {
          if (batch.seq !== 1) continue
          for (const { sql } of await database.query<{ sql: string }>(ending)) await database.query(sql)
        }
      })()
      const error = await failure(reading)
      expect(error).toBeInstanceOf(TransientError)
      expect(error).toMatchObject({ code: 'E401' })
    })

    test('an error inside a view is a SourceError that tells no value', async () => {
      await database.query(`create view broken as select id, ${fails} as y from long_one`)
      const view = { ref: 'p.broken', from: 'broken', key: ['id'] }
      const error = (await failure(readBatches(reader, view))) as SourceError
      expect(error).toBeInstanceOf(SourceError)
      expect(error).toMatchObject({ code: 'E408', problem: expect.stringContaining('SQLSTATE 22') })
      expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('secret-')
    })
  },
)

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const at = (mark: string) => ({
  v: 1 as const,
  position: { kind: 'keyset' as const, mark, key: [], inclusive: true },
  readStartedAt: '2026-01-01T00:00:00.000000Z',
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await isSo()) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('it did not come about within 10 s')
}

test('on PostgreSQL a table without a grant is an AuthError with the grant to run', async () => {
  const database = await freshPostgres('grants')
  const role = `role_of_${database.name}`
  try {
    await database.query(`create table secrets (id int primary key); create table half (id int primary key, pin text);
      create role ${role} login; grant select (id) on half to ${role}`)
    const limited = postgres.open({
      connection: 'shop',
      root: '/',
      options: { url: database.url, user: role },
    })
    const error = await limited.describe({ ref: 'p.s', from: 'secrets' }).catch((it: unknown) => it)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({
      remedy: expect.stringContaining(`grant select on "public"."secrets" to "${role}"`),
    })
    expect((await limited.datasets()).map((it) => it.from)).toEqual(['public.half'])
    const { schema } = await limited.describe({ ref: 'p.h', from: 'half' })
    expect(schema.fields.map((it) => it.name)).toEqual(['id'])
  } finally {
    await database.query(`drop owned by ${role}; drop role ${role}`)
    await database.drop()
  }
})

test('PostgreSQL lists tables, partitioned tables, views and materialized views, parts not', async () => {
  const database = await freshPostgres('kinds')
  try {
    await database.query(`
      create schema "Sales"; create table "Sales".orders (id int primary key); comment on table "Sales".orders is 'All orders';
      comment on column "Sales".orders.id is 'Its number'; create view v as select 1 as one;
      create materialized view m as select 1 as one; create table p (id int) partition by range (id);
      create table p1 partition of p for values from (1) to (9); analyze "Sales".orders`)
    const reader = postgres.open({ connection: 'shop', root: '/', options: { url: database.url } })
    expect(await reader.datasets()).toEqual([
      { from: 'Sales.orders', kind: 'table', rows: 0, description: 'All orders' },
      { from: 'public.m', kind: 'view' },
      { from: 'public.p', kind: 'table' },
      { from: 'public.v', kind: 'view' },
    ])
    const facts = await reader.describe({ ref: 'p.o', from: 'sales.orders' })
    expect(facts.schema.fields[0]).toMatchObject({ description: 'Its number', nullable: false })
    expect(await reader.address!({ ref: 'p.o', from: 'sales.orders' })).toMatchObject({
      database: database.name,
      schema: 'Sales',
      name: 'orders',
    })
  } finally {
    await database.drop()
  }
})

test('on MySQL keys in any order of text, enum, time and bytes go on where they stood', async () => {
  const database = await freshMysql('keys')
  try {
    const reader = mysql.open({ connection: 'shop', root: '/', options: { url: database.url } })
    const keys: [string, string[]][] = [
      ["enum('z','m','a')", ["'z'", "'m'", "'a'"]],
      ['varbinary(8)', ["x'00'", "x'ff00'", "x'27'"]],
      ['datetime(6)', ["'2026-01-01 00:00:00.000001'", "'2026-01-01 00:00:00.000002'"]],
      ['timestamp(6)', ["'2026-10-25 00:30:00'", "'2026-10-25 01:30:00.5'"]],
      ['date', ["'2026-01-01'", "'2026-01-02'"]],
      ['time(3)', ["'-10:00:00'", "'100:00:00.5'"]],
      ['double', ['0.1', '1e300', '-5']],
      ['float', ['0.1', '0.2', '16777217']],
      ['bit(9)', ["b'1'", "b'100000000'"]],
      ['year', ['2025', '2026']],
      ['varchar(20)', ["'b'", "'B '", "'ä'", "'a'", "'A'"]],
    ]
    for (const [i, [type, values]] of keys.entries()) {
      await database.query(`create table t${i} (k ${type} not null, n int)`)
      await database.query(
        `insert into t${i} values ${values.flatMap((it, n) => [`(${it}, ${n})`, `(${it}, ${n})`]).join(', ')}`,
      )
      const dataset = { ref: 'p.t', from: `t${i}`, key: ['k'] }
      const batches = await readBatches(reader, dataset, { maxRows: 1 })
      const text = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort()
      const all = rowsOf(batches)
      expect(all, type).toHaveLength(values.length * 2)
      const parted = batches.flatMap(({ checkpoint }, at) => (checkpoint ? [{ checkpoint, at }] : []))
      if (type !== 'varchar(20)') expect(parted, type).toHaveLength(values.length)
      for (const { checkpoint, at } of parted) {
        const rest = rowsOf(await readBatches(reader, dataset, { from: checkpoint }))
        expect(text([...all.slice(0, at + 1), ...rest]), type).toEqual(text(all))
      }
    }
  } finally {
    await database.drop()
  }
})
