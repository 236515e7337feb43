import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WarehouseSession } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import {
  batch,
  emptied,
  KINDS,
  type Place,
  partRows,
  place,
  type Ready,
  ready,
  type SourceRow,
  table,
  text,
  viewRows,
} from './testing.ts'

const party = table('party', [text('name'), text('city')])
const identifier = table('identifier', [text('value')])
const tables = { party, identifier }

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let session: WarehouseSession
  let it: Ready
  beforeAll(async () => {
    here = await place(kind, databases)
    session = here.session
  })
  afterAll(() => here.drop())
  beforeEach(async () => {
    await session.prepare()
    await emptied(session, [], ['commits', 'seen', 'leases', 'ledger'])
    it = await ready(session, {
      party: [party, ['id', 'name', 'city']],
      identifier: [identifier, ['id', 'value']],
    })
    await emptied(session, [party, identifier], [])
    expect(session.schema).toContain('customer')
  })

  const seen = (name: keyof typeof tables, columns: string[]) => viewRows(session, tables[name], columns)

  test('rows that stand for their source rows do so no more once a later batch makes two of one', async () => {
    const values = (key: string, ...all: string[]): SourceRow => ({
      key,
      rows: { identifier: all.map((value) => ({ id: `${key}#${value}`, value })) },
    })
    await it.load([values('1', 'a'), values('2', 'a'), values('3', 'a')])
    const loader = await session.loader(it.parts.slice(1))
    const names = { identifier: ['id', 'value'] }
    const stage = (...rows: SourceRow[]) => loader.stage(batch(rows, names), 'merge')
    const commit = (id: string) =>
      session.commit(id, it.fence, async (tx) => ({
        ...(await loader.apply(tx, { mode: 'merge', runId: 'r', scan: 's' })),
      }))
    await stage(values('1', 'b'), values('4', 'a'))
    await stage()
    await stage(values('2', 'a', 'b'), values('3', 'a'))
    expect(await commit('mixed')).toMatchObject({ done: { read: 4, loaded: 3, unchanged: 1 } })
    await stage(values('1', 'b'), values('3', 'c'))
    await stage(values('5', 'a'), values('4', 'a'))
    expect(await commit('single')).toMatchObject({ done: { read: 4, loaded: 2, unchanged: 2 } })
    await stage(values('1', 'b'))
    expect(await commit('equal')).toMatchObject({ done: { read: 1, loaded: 0, unchanged: 1 } })
    const ids = (await seen('identifier', ['id'])).map((row) => row['id'])
    expect(ids).toEqual(['1#b', '2#a', '2#b', '3#c', '4#a', '5#a'])
    const noted = await session.query<{ source_id: string }>(
      `select distinct source_id from ${session.dialect.relation(session.internal, 'seen')} where scan_id = 's' order by source_id`,
    )
    expect(noted.map((row) => row.source_id)).toEqual(['1', '2', '3', '4', '5'])
  })

  test('a new row is inserted with the columns that the engine fills', async () => {
    const counts = await it.load([person('1', 'Ada')])
    expect(counts).toMatchObject({
      read: 1,
      loaded: 1,
      unchanged: 0,
      parts: { party: { inserted: 1, updated: 0, deleted: 0 } },
    })
    const [row] = await seen('party', [
      'id',
      'name',
      'source',
      'source_object',
      'source_id',
      'run_id',
      'deleted_at',
      'loaded_at',
    ])
    expect(row).toMatchObject({
      id: 'p1',
      name: 'Ada',
      source: 'shop',
      source_object: 'customers',
      source_id: '1',
      run_id: 'run 1',
      deleted_at: null,
    })
    expect(row!['loaded_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  })

  test('an equal row is left alone and keeps its time', async () => {
    await it.load([person('1', 'Ada'), person('2', 'Ben')])
    const before = await seen('party', ['id', 'loaded_at'])
    const counts = await it.load([person('1', 'Ada'), person('2', 'Bea')])
    expect(counts).toMatchObject({
      read: 2,
      loaded: 1,
      unchanged: 1,
      parts: { party: { inserted: 0, updated: 1, deleted: 0 } },
    })
    const after = await seen('party', ['id', 'loaded_at', 'name'])
    expect(after[0]).toMatchObject(before[0]!)
    expect(after[1]!['name']).toBe('Bea')
    expect(String(after[1]!['loaded_at']) > String(before[1]!['loaded_at'])).toBe(true)
  })

  test('a value that becomes NULL is a change, and NULL to NULL is none', async () => {
    await it.load([person('1', 'Ada', 'Delft')])
    expect(await it.load([person('1', 'Ada')])).toMatchObject({ loaded: 1 })
    expect(await it.load([person('1', 'Ada')])).toMatchObject({ unchanged: 1, loaded: 0 })
  })

  test('what a source row no longer makes is deleted softly, and comes back', async () => {
    await it.load([contact('1', ['a', 'b'])])
    expect(await it.load([contact('1', ['b'])])).toMatchObject({
      loaded: 1,
      parts: { identifier: { deleted: 1 } },
    })
    expect(await seen('identifier', ['id'])).toEqual([{ id: 'i1b' }])
    expect(await it.load([contact('1', ['a', 'b'])])).toMatchObject({
      loaded: 1,
      parts: { identifier: { inserted: 0, updated: 1 } },
    })
    expect(await seen('identifier', ['id'])).toEqual([{ id: 'i1a' }, { id: 'i1b' }])
  })

  test('filtered and deleted rows leave the unified table, rejected ones stay as they were', async () => {
    await it.load(['1', '2', '3'].map((key) => person(key, `Name ${key}`)))
    const counts = await it.load([
      { key: '1', fate: 'filtered' },
      { key: '2', fate: 'deleted' },
      { key: '3', fate: 'rejected' },
      { key: '', fate: 'rejected' },
      { key: '4', fate: 'deleted' },
    ])
    expect(counts).toMatchObject({
      read: 5,
      filtered: 1,
      loaded: 1,
      rejected: 2,
      unchanged: 1,
      superseded: 0,
    })
    expect(await seen('party', ['id'])).toEqual([{ id: 'p3' }])
  })

  test('fault 21: of repeated keys in one commit the newest wins, of equal versions the last', async () => {
    const counts = await it.load([
      person('1', 'new', null, 'v2'),
      person('1', 'old', null, 'v1'),
      person('2', 'first', null, 'v1'),
      person('2', 'last', null, 'v1'),
      person('3', 'first'),
      person('3', 'last'),
    ])
    expect(counts).toMatchObject({ read: 6, loaded: 3, superseded: 3 })
    expect((await seen('party', ['name'])).map((row) => row['name'])).toEqual(['new', 'last', 'last'])
  })

  test('a repeated key in two batches of one commit counts once, with the rows of the last alone', async () => {
    await it.load([contact('1', ['x'])])
    const { loader, fence, names } = it
    await loader.stage(batch([contact('1', ['a', 'b'])], names))
    await loader.stage(batch([contact('1', ['b', 'c'])], names))
    const outcome = await session.commit('two batches', fence, async (tx) => ({
      ...(await loader.apply(tx, { mode: 'merge', runId: 'r' })),
    }))
    expect(outcome).toMatchObject({ done: { read: 2, loaded: 1, superseded: 1 } })
    expect(await seen('identifier', ['id'])).toEqual([{ id: 'i1b' }, { id: 'i1c' }])
  })

  test('fault 22: an older version never replaces a newer one, also after the newer was deleted or equal', async () => {
    await it.load([
      person('1', 'Ada', null, 'v2'),
      person('2', 'Ben', null, 'v2'),
      person('3', 'Cas', null, 'v1'),
    ])
    await it.load([{ key: '2', fate: 'deleted', version: 'v3' }, person('3', 'Cas', null, 'v4')])
    const counts = await it.load([
      person('1', 'older', null, 'v1'),
      person('2', 'older', null, 'v2'),
      person('3', 'older', null, 'v3'),
      person('4', 'Dee', null, 'v1'),
    ])
    expect(counts).toMatchObject({ read: 4, superseded: 3, loaded: 1, unchanged: 0 })
    expect(await seen('party', ['id', 'name'])).toEqual([
      { id: 'p1', name: 'Ada' },
      { id: 'p3', name: 'Cas' },
      { id: 'p4', name: 'Dee' },
    ])
  })

  test('a newer version of an equal row is noted without touching the row', async () => {
    await it.load([person('1', 'Ada', null, 'v1')])
    const before = await partRows(session, party, ['id', 'loaded_at', 'run_id'])
    expect(await it.load([person('1', 'Ada', null, 'v2')])).toMatchObject({ unchanged: 1, loaded: 0 })
    expect(await partRows(session, party, ['id', 'loaded_at', 'run_id'])).toEqual(before)
    expect(await partRows(session, party, ['_version'])).toEqual([{ _version: 'v2' }])
  })

  test('columns that the mapping no longer fills become NULL', async () => {
    await it.load([person('1', 'Ada', 'Delft')])
    const loader = await session.loader([{ ...it.parts[0]!, names: ['id', 'name'] }])
    await loader.stage(batch([person('1', 'Ada')], { party: ['id', 'name'] }))
    const outcome = await session.commit('fewer', it.fence, async (tx) => ({
      ...(await loader.apply(tx, { mode: 'merge', runId: 'r' })),
    }))
    expect(outcome).toMatchObject({ done: { loaded: 1 } })
    expect(await seen('party', ['name', 'city'])).toEqual([{ name: 'Ada', city: null }])
  })

  test('append mode inserts without comparing and resolves repeated keys', async () => {
    const counts = await it.load(
      [person('1', 'a'), person('1', 'b'), person('2', 'c'), { key: '3', fate: 'filtered' }],
      { mode: 'append' },
    )
    expect(counts).toMatchObject({
      read: 4,
      loaded: 2,
      superseded: 1,
      filtered: 1,
      parts: { party: { inserted: 2 } },
    })
    expect((await seen('party', ['name'])).map((row) => row['name'])).toEqual(['b', 'c'])
  })

  test('a commit that fails leaves the staged rows to be committed again', async () => {
    await it.loader.stage(batch([person('1', 'Ada')], it.names))
    const failing = session.commit('fails', it.fence, async (tx) => {
      await it.loader.apply(tx, { mode: 'merge', runId: 'r' })
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow(/^on purpose$/)
    expect(await seen('party', ['id'])).toEqual([])
    const outcome = await session.commit('works', it.fence, async (tx) => ({
      ...(await it.loader.apply(tx, { mode: 'merge', runId: 'r' })),
    }))
    expect(outcome).toMatchObject({ done: { read: 1, loaded: 1 } })
    expect(await seen('party', ['id'])).toEqual([{ id: 'p1' }])
  })

  test('a reset forgets what was staged', async () => {
    await it.loader.stage(batch([person('1', 'Ada')], it.names))
    await it.loader.reset()
    expect(await it.load([person('2', 'Ben')])).toMatchObject({ read: 1, loaded: 1 })
    expect(await seen('party', ['id'])).toEqual([{ id: 'p2' }])
  })
})

function person(
  key: string,
  name: string,
  city: string | null = null,
  version: string | null = null,
): SourceRow {
  return { key, version, rows: { party: [{ id: `p${key}`, name, city }] } }
}

function contact(key: string, values: string[]): SourceRow {
  return { key, rows: { identifier: values.map((value) => ({ id: `i${key}${value}`, value })) } }
}
