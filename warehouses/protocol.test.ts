import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataError, LeaseError, TransientError } from '../core/errors.ts'
import type { WarehouseSession } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import { startCutProxy } from '../tests/support/tcpcut.ts'
import { batch, KINDS, type Place, place, ready, table, text, viewRows } from './testing.ts'

const LEASE_MS = 60_000
const party = table('party', [text('name')])
const note = table('note', [text('body')], 'append')

const person = (key: string, name = `Name ${key}`) => ({ key, rows: { party: [{ id: key, name }] } })
const written = (key: string, body: string) => ({ key, rows: { note: [{ id: key, body }] } })

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let session: WarehouseSession
  let it: Awaited<ReturnType<typeof ready>>
  beforeAll(async () => {
    here = await place(kind, databases)
    session = here.session
    it = await ready(session, { party: [party, ['id', 'name']], note: [note, ['id', 'body']] })
  })
  afterAll(() => here.drop())

  const names = async () => (await viewRows(session, party, ['id'])).map((row) => row['id'])
  const startedAt = () => session.clock()
  const sweep = async (id: string, since: string, maxDrop = 1) => {
    const fence = it.fence
    const outcome = await session.commit(`sweep ${id} ${maxDrop}`, fence, async (tx) => ({
      ...(await it.loader.sweep(tx, { id, startedAt: since, maxDrop, runId: 'sweep' })),
    }))
    return 'done' in outcome ? outcome.done : outcome.already
  }

  test('preparing twice changes nothing', async () => {
    await session.prepare()
    await session.prepare()
    expect(await session.pending(await session.partSteps(it.parts[0]!.part, party))).toEqual([])
    expect(await session.pending(await session.viewSteps(party, [it.parts[0]!.part]))).toEqual([])
  })

  test('a commit id works once: a replay gives the first result and writes nothing', async () => {
    const first = await session.commit('once', it.fence, async () => ({ rows: 1 }))
    const second = await session.commit('once', it.fence, async () => {
      throw new Error('must not run')
    })
    expect([first, second]).toEqual([{ done: { rows: 1 } }, { already: { rows: 1 } }])
  })

  test('a long commit id is kept apart from another with the same head', async () => {
    const long = 'x'.repeat(300)
    expect(await session.commit(`${long}1`, it.fence, async () => 1)).toEqual({ done: 1 })
    expect(await session.commit(`${long}2`, it.fence, async () => 2)).toEqual({ done: 2 })
    expect(await session.commit(`${long}1`, it.fence, async () => 3)).toEqual({ already: 1 })
  })

  test('a lease is held by one, renewed by its holder and told to others', async () => {
    const fence = await session.lease('shop.orders', 'alpha:1', LEASE_MS)
    expect(await session.lease('shop.orders', 'alpha:1', LEASE_MS)).toEqual(fence)
    await session.renew(fence, LEASE_MS)
    const other = session.lease('shop.orders', 'beta:2', LEASE_MS)
    await expect(other).rejects.toThrow(LeaseError)
    await expect(other).rejects.toThrow(/E701: .*alpha:1.* until \d{4}-\d\d-\d\dT.*Z/)
    await session.release(fence)
    expect(await session.lease('shop.orders', 'beta:2', LEASE_MS)).toMatchObject({ epoch: fence.epoch + 1 })
  })

  test('a dead or late holder is taken over, and its fence is stale from then on', async () => {
    const late = await session.lease('shop.late', 'alpha:1', 1)
    await sleep(50)
    const next = await session.lease('shop.late', 'beta:2', LEASE_MS)
    expect(next.epoch).toBe(late.epoch + 1)
    const dead = await session.lease('shop.late', 'gamma:3', LEASE_MS, (holder) => holder === 'beta:2')
    expect(dead.epoch).toBe(next.epoch + 1)
    const stale = session.commit('stale', next, async (tx) => {
      await tx.run('insert into nowhere values (1)')
      return 1
    })
    await expect(stale).rejects.toMatchObject({ code: 'E703' })
    await expect(session.renew(late, LEASE_MS)).rejects.toMatchObject({ code: 'E703' })
    await session.release(late)
    await session.renew(dead, LEASE_MS)
  })

  test('a complete scan deletes what it did not see, rejected rows stay', async () => {
    await it.load(['a', 'b', 'c', 'd'].map((key) => person(key)))
    const since = await startedAt()
    await it.load([person('a'), { key: 'b', fate: 'rejected' }], { scan: 'scan 1' })
    await it.load([person('a'), person('e')], { scan: 'scan 1' })
    expect(await sweep('scan 1', since)).toEqual({ deleted: 2 })
    expect(await names()).toEqual(['a', 'b', 'e'])
  })

  test('a row written since the scan began stays although the scan did not see it', async () => {
    const since = await startedAt()
    await it.load([person('late')])
    await it.load([person('a'), person('b'), person('e')], { scan: 'scan 2' })
    expect(await sweep('scan 2', since)).toEqual({ deleted: 0 })
    expect(await names()).toContain('late')
  })

  test('a scan that would delete too much deletes nothing', async () => {
    const before = await names()
    const since = await startedAt()
    await it.load([person('a')], { scan: 'scan 3' })
    const swept = sweep('scan 3', since, 0.2)
    await expect(swept).rejects.toThrow(DataError)
    await expect(swept).rejects.toThrow(/E702: .*3 rows of 4 stored \(75 %; 20 % is allowed\)/)
    expect(await names()).toEqual(before)
    expect(await sweep('scan 3', since, 0.75)).toEqual({ deleted: 3 })
  })

  test('a table that only grows keeps what changed and loses nothing', async () => {
    await it.load([written('n1', 'first'), written('n2', 'other')])
    await it.load([written('n1', 'second'), { key: 'n2', fate: 'deleted' }])
    expect(await it.load([written('n1', 'third')])).toMatchObject({
      loaded: 1,
      parts: { note: { updated: 1 } },
    })
    expect(await it.load([written('n1', 'third')])).toMatchObject({ unchanged: 1 })
    const since = await startedAt()
    await it.load([], { scan: 'scan 4' })
    await sweep('scan 4', since)
    expect(await viewRows(session, note, ['id', 'body'])).toEqual([
      { id: 'n1', body: 'third' },
      { id: 'n2', body: 'other' },
    ])
    const { dialect, internal } = session
    const stored = await session.query<{ id: string; body: string }>(
      `select id, body from ${dialect.relation(internal, it.parts[1]!.part.form.relation)} where deleted_at is not null order by id`,
    )
    expect(stored).toEqual([
      { id: 'n1~1', body: 'first' },
      { id: 'n1~2', body: 'second' },
    ])
  })

  test('two forks load at the same time, each through its own staging', async () => {
    const forks = [session.fork(), session.fork()]
    await Promise.all(
      forks.map(async (fork, i) => {
        const fence = await fork.lease(`shop.fork${i}`, 'host:1', LEASE_MS)
        const loader = await fork.loader([it.parts[0]!])
        for (let round = 0; round < 3; round++) {
          const rows = Array.from({ length: 20 }, (_, row) => person(`f${i}-${row}`, `round ${round}`))
          await loader.stage(batch(rows, { party: ['id', 'name'] }))
          await fork.commit(`fork ${i} ${round}`, fence, async (tx) => ({
            ...(await loader.apply(tx, { mode: 'merge', runId: 'r' })),
          }))
        }
        await fork.close()
      }),
    )
    const rows = await viewRows(session, party, ['id', 'name'])
    expect(rows.filter((row) => String(row['id']).startsWith('f') && row['name'] === 'round 2')).toHaveLength(
      40,
    )
  })
})

describe.each(['postgres', 'mysql'] as const)('%s over a bad line', (kind) => {
  let here: Place
  beforeAll(async () => {
    here = await place(kind, databases)
    await ready(here.session, { party: [party, ['id', 'name']] })
  })
  afterAll(() => here.drop())
  const url =
    kind === 'postgres' ? process.env['POLDER_TEST_POSTGRES_URL']! : process.env['POLDER_TEST_MYSQL_URL']!

  test('fault 3: a commit whose reply is lost is found committed, once', async () => {
    const proxy = await startCutProxy(url)
    const session = await here.again(proxy.through)
    const fence = await session.lease('shop.lost', 'host:1', LEASE_MS)
    const loader = await session.loader([
      {
        part: { ...(await ready(session, { party: [party, ['id', 'name']] })).parts[0]!.part },
        table: party,
        names: ['id', 'name'],
      },
    ])
    await loader.stage(batch([person('lost')], { party: ['id', 'name'] }))
    let runs = 0
    const work = session.commit('lost reply', fence, async (tx) => {
      runs += 1
      const counts = await loader.apply(tx, { mode: 'merge', runId: 'r' })
      proxy.arm({ kind: 'dropReply', pattern: /commit\0?$/i })
      return { ...counts }
    })
    expect(await work).toMatchObject({ done: { loaded: 1 } })
    expect(proxy.fired()).toBe(1)
    expect(await session.commit('lost reply', fence, async () => 0)).toMatchObject({ already: { loaded: 1 } })
    expect(runs).toBe(1)
    expect(await loader.stage(batch([person('next')], { party: ['id', 'name'] }))).toEqual({ rows: 1 })
    await session.close()
    await proxy.close()
  })

  test('fault 26: a connection lost before the commit writes nothing and takes the staged rows along', async () => {
    const proxy = await startCutProxy(url)
    const session = await here.again(proxy.through)
    const it = await ready(session.fork(), { party: [party, ['id', 'name']] })
    const fork = session.fork()
    const loader = await fork.loader(it.parts)
    await loader.stage(batch([person('gone')], it.names))
    const lost = fork.commit('cut', it.fence, async (tx) => {
      proxy.arm({ kind: 'cut', direction: 'up', afterBytes: 0 })
      return { ...(await loader.apply(tx, { mode: 'merge', runId: 'r' })) }
    })
    await expect(lost).rejects.toThrow(TransientError)
    const again = loader.stage(batch([person('next')], it.names))
    await expect(again).rejects.toMatchObject({ code: 'E611' })
    await loader.reset()
    await loader.stage(batch([person('after')], it.names))
    await fork.commit('after', it.fence, async (tx) => ({
      ...(await loader.apply(tx, { mode: 'merge', runId: 'r' })),
    }))
    const ids = (await viewRows(session, party, ['id'])).map((row) => row['id'])
    expect(ids).toContain('after')
    expect(ids).not.toContain('gone')
    await fork.close()
    await session.close()
    await proxy.close()
  })

  test('fault 26: a loader whose connection broke under a statement is closed in quiet', async () => {
    const proxy = await startCutProxy(url)
    const session = await here.again(proxy.through)
    const it = await ready(session, { party: [party, ['id', 'name']] })
    const loader = await session.loader(it.parts)
    await loader.stage(batch([person('first')], it.names))
    proxy.arm({ kind: 'cut', direction: 'up', afterBytes: 0, reset: true })
    const broken = session.commit('broken', it.fence, async (tx) => ({
      ...(await loader.apply(tx, { mode: 'merge', runId: 'r' })),
    }))
    const closed = broken.catch(() => loader.close())
    await expect(broken).rejects.toThrow(TransientError)
    await closed
    await session.close()
    await proxy.close()
  })

  test('fault 27: a deadlock is repeated until both commits are done', async () => {
    const sessions = [await here.again(), await here.again()]
    const { dialect, internal } = here.session
    const leases = dialect.relation(internal, 'leases')
    const fences = await Promise.all(
      sessions.map((session, i) => session.lease(`shop.dead${i}`, 'host:1', LEASE_MS)),
    )
    const extra = ['x', 'y']
    for (const name of extra) await here.session.lease(name, 'host:1', LEASE_MS)
    let attempts = 0
    let locked = 0
    let both: () => void
    const met = new Promise<void>((resolve) => {
      both = resolve
    })
    await Promise.all(
      sessions.map((session, i) =>
        session.commit(`dead ${i}`, fences[i]!, async (tx) => {
          attempts += 1
          await tx.run(`update ${leases} set n = n + 1 where dataset = ?`, [extra[i]!])
          locked += 1
          if (locked === 2) both()
          await met
          await tx.run(`update ${leases} set n = n + 1 where dataset = ?`, [extra[1 - i]!])
          return i
        }),
      ),
    )
    expect(attempts).toBeGreaterThan(2)
    const [row] = await here.session.query<{ sum: string }>(
      `select sum(n) as sum from ${leases} where dataset in ('x', 'y')`,
    )
    expect(Number(row!.sum)).toBe(4)
    for (const session of sessions) await session.close()
  })
})
