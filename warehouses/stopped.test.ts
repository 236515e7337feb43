import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WarehouseSession } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import { startCutProxy } from '../tests/support/tcpcut.ts'
import { controlTables } from './control.ts'
import type { Connection, Engine } from './engine.ts'
import { MysqlConnection } from './mysql/connection.ts'
import { mysqlDialect } from './mysql/dialect.ts'
import * as mysqlFaults from './mysql/faults.ts'
import { address } from './mysql/server.ts'
import { sessions as mysqlSessions } from './mysql/sessions.ts'
import { PostgresConnection } from './postgres/connection.ts'
import { postgres } from './postgres/dialect.ts'
import * as postgresFaults from './postgres/faults.ts'
import { sessions as postgresSessions } from './postgres/sessions.ts'
import { endStopped } from './stopped.ts'
import { batch, type Place, place, type Ready, ready, table, text, viewRows } from './testing.ts'

const KINDS = ['postgres', 'mysql'] as const
const serverUrl = (kind: (typeof KINDS)[number]): string =>
  process.env[kind === 'postgres' ? 'POLDER_TEST_POSTGRES_URL' : 'POLDER_TEST_MYSQL_URL']!

/** Longer than a session must be silent to be ended. */
const SILENCE_MS = 6_000
const LEASE_MS = 60_000
const party = table('party', [text('name')])
/** A megabyte: the line goes dead in the middle of it. */
const long = (name: string) =>
  Array.from({ length: 500 }, (_, i) => ({
    key: `${name}${i}`,
    rows: { party: [{ id: `${name}${i}`, name: 'x'.repeat(2000) }] },
  }))
const IN_THE_MIDDLE = 400_000

describe.concurrent.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  beforeAll(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, { party: [party, ['id', 'name']] })
  })
  afterAll(() => here.drop())

  const append = async (session: WarehouseSession, dataset: string, leaseMs: number, during = () => {}) => {
    const fence = await session.lease(`shop.${dataset}`, `${dataset}:1`, leaseMs)
    const loader = await session.loader(it.parts)
    const load = async () => {
      await loader.stage(batch(long(dataset), it.names), 'append')
      return session.commit(`append ${dataset} ${fence.epoch}`, fence, async (tx) => {
        during()
        return { ...(await loader.apply(tx, { mode: 'append', runId: 'r' })) }
      })
    }
    return { fence, loader, load }
  }

  /** Begins a commit whose client falls silent in the middle of its bulk load. */
  const silent = async (dataset: string, leaseMs: number) => {
    const proxy = await startCutProxy(serverUrl(kind))
    const session = await here.again(proxy.through)
    const stall = { kind: 'stall', direction: 'up', afterBytes: IN_THE_MIDDLE } as const
    const appending = await append(session, dataset, leaseMs, () => proxy.arm(stall))
    const outcome = appending.load().then(
      () => 'done',
      (error) => error,
    )
    while (proxy.fired() === 0) await sleep(20)
    const close = async () => {
      await session.close()
      await proxy.close()
    }
    return { ...appending, outcome, proxy, close }
  }

  test('fault 5: a lease whose holder stopped in the middle of a bulk load is taken over at once, a valid one is not touched', async () => {
    const stopped = await silent('stopped', 100)
    const slow = await silent('slow', LEASE_MS)
    await sleep(SILENCE_MS)

    const at = performance.now()
    const other = await here.again()
    const next = await append(other, 'stopped', LEASE_MS)
    expect(performance.now() - at).toBeLessThan(5_000)
    expect(next.fence.epoch).toBe(stopped.fence.epoch + 1)

    slow.proxy.release()
    expect(await slow.outcome).toBe('done')
    expect(await stopped.outcome).toMatchObject({ code: 'E601' })
    // What wakes tries again, and is too late.
    await stopped.loader.reset()
    await expect(stopped.load()).rejects.toMatchObject({ code: 'E703' })
    expect(await next.load()).toMatchObject({ done: { loaded: 500 } })
    expect(await viewRows(here.session, party, ['id'])).toHaveLength(1000)
    for (const session of [stopped, slow]) await session.close()
    await other.close()
  }, 40_000)
})

describe.each([
  ['postgres', postgres, postgresSessions, postgresFaults] as const,
  ['mysql', mysqlDialect('mariadb'), mysqlSessions, mysqlFaults] as const,
])('%s: a user without the right', (kind, dialect, sessions, { fault, words }) => {
  let here: Place
  const user = `polder_${randomBytes(4).toString('hex')}`
  const password = randomBytes(8).toString('hex')
  beforeAll(async () => {
    here = await place(kind, databases)
    const { session } = here
    await session.prepare()
    const statements =
      kind === 'postgres'
        ? [
            `create role ${user} login`,
            `grant usage on schema ${session.internal} to ${user}`,
            `grant select on ${dialect.relation(session.internal, 'leases')} to ${user}`,
          ]
        : [
            `create user '${user}'@'%' identified by '${password}'`,
            `grant select on ${dialect.quote(session.internal)}.* to '${user}'@'%'`,
          ]
    for (const sql of statements) await session.query(sql)
  })
  afterAll(async () => {
    const { session } = here
    const statements =
      kind === 'postgres' ? [`drop owned by ${user}`, `drop role ${user}`] : [`drop user '${user}'@'%'`]
    for (const sql of statements) await session.query(sql)
    await here.drop()
  })

  const connect = async (): Promise<Connection> => {
    const [row] =
      kind === 'postgres' ? await here.session.query('select current_database() as name') : [{ name: '' }]
    const url = new URL(serverUrl(kind))
    url.username = user
    url.password = password
    if (kind === 'mysql')
      return MysqlConnection.connect({
        address: { ...address(url.href), database: undefined },
        settings: [],
        internal: here.session.internal,
        collation: '',
        localInfile: true,
      })
    url.pathname = String(row!['name'])
    return PostgresConnection.connect({ connectionString: url.href }, 'pool')
  }

  test('is told who holds the lease and what to do', async () => {
    const engine = { sessions, dialect, fault, words } as unknown as Engine
    const control = controlTables(dialect, here.session.internal)
    const fence = await here.session.lease('shop.stopped', 'frozen:1', 1)
    await here.session.commit('once', fence, async () => 1)
    const connection = await connect()
    const ended = endStopped(engine, control, connection)
    await expect(ended).rejects.toMatchObject({ code: 'E709', message: expect.stringContaining('frozen:1') })
    await here.session.release(fence)
    await endStopped(engine, control, connection)
    await connection.close()
  })
})
