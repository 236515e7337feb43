import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as databases from '../tests/support/databases.ts'
import {
  emptied,
  KINDS,
  type Place,
  place,
  type Ready,
  ready,
  type SourceRow,
  table,
  text,
  viewRows,
} from './testing.ts'

const party = table('party', [text('name')])
const relationship = table('relationship', [text('type')])
const NAMES = { party: ['id', 'name'], relationship: ['id', 'type'] }

/** A party that is said to be another one, and works somewhere. */
const merged = (key: string, version: string, sameAs = true): SourceRow => ({
  key,
  version,
  rows: {
    party: [{ id: key, name: 'Ada' }],
    relationship: [
      { id: `${key}#works`, type: 'employee' },
      ...(sameAs ? [{ id: `${key}:same_as`, type: 'same_as' }] : []),
    ],
  },
})

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  beforeAll(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, {
      party: [party, NAMES.party],
      relationship: [relationship, NAMES.relationship, { outlives: true }],
    })
  })
  afterAll(() => here.drop())
  beforeEach(() => emptied(here.session, [party, relationship], ['commits', 'seen']))

  const ids = async (of: typeof party) => (await viewRows(here.session, of, ['id'])).map((row) => row['id'])

  test.each(['deleted', 'filtered'] as const)(
    'what same_as says outlives its %s source row',
    async (fate) => {
      await it.load([merged('1', 'v1')])
      await it.load([{ key: '1', version: 'v2', fate }])
      expect(await ids(party)).toEqual([])
      expect(await ids(relationship)).toEqual(['1:same_as'])
    },
  )

  test('a source row that no longer says it takes it back', async () => {
    await it.load([merged('1', 'v1')])
    await it.load([merged('1', 'v2', false)])
    expect(await ids(relationship)).toEqual(['1#works'])
  })

  test('a tombstone may say it, and counts as loaded', async () => {
    await it.load([merged('1', 'v1', false)])
    const rows = { relationship: [{ id: '1:same_as', type: 'same_as' }] }
    expect(await it.load([{ key: '1', version: 'v2', fate: 'deleted', rows }])).toMatchObject({
      loaded: 1,
      unchanged: 0,
    })
    expect(await it.load([{ key: '1', version: 'v2', fate: 'deleted', rows }])).toMatchObject({
      unchanged: 1,
    })
    expect(await ids(relationship)).toEqual(['1:same_as'])
  })

  test('it outlives a sweep, and makes its source row neither live nor gone', async () => {
    const { session } = here
    await it.load([merged('1', 'v1'), merged('2', 'v1')])
    const sweep = async (id: string) => {
      const startedAt = await session.clock()
      await it.load([merged('2', 'v1')], { scan: id })
      const scan = { id, startedAt, maxDrop: 1, runId: 'r' }
      const outcome = await session.commit(`sweep ${id}`, it.fence, async (tx) => ({
        ...(await it.loader.sweep(tx, scan)),
      }))
      return 'done' in outcome ? outcome.done : outcome.already
    }
    expect(await sweep('first')).toEqual({ deleted: 1 })
    expect(await sweep('second')).toEqual({ deleted: 0 })
    expect(await ids(party)).toEqual(['2'])
    expect(await ids(relationship)).toEqual(['1:same_as', '2#works', '2:same_as'])
  })
})
