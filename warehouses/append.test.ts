import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ColumnType } from '../core/unified.ts'
import type { Row } from '../core/value.ts'
import type { LoadCounts } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import { batch, KINDS, type Place, part, partRows, place, type Ready, ready, table, text } from './testing.ts'

const column = (name: string, type: ColumnType) => ({ name, type, description: name })
const party = table('party', [
  text('name'),
  column('whole', { kind: 'integer' }),
  column('money', { kind: 'decimal', precision: 18, scale: 4 }),
  column('real', { kind: 'double' }),
  column('yes', { kind: 'boolean' }),
  column('day', { kind: 'date' }),
  column('at', { kind: 'timestamp' }),
  column('tree', { kind: 'json' }),
  text('never'),
])
const NAMES = ['id', 'name', 'whole', 'money', 'real', 'yes', 'day', 'at', 'tree']
const ALL = party.columns.map((it) => it.name).filter((it) => it !== 'loaded_at')

const whole: Row = {
  name: '\uFEFF\\N\t"\'\\\r\n é😀 ',
  whole: '9223372036854775807',
  money: '-0.0001',
  real: 0.30000000000000004,
  yes: false,
  day: '1582-10-10',
  at: '1969-12-31T23:59:59.999999Z',
  tree: '{"a":[1,"\\\\"]}',
}
const person = (key: string, more: Row = whole) => ({
  key,
  version: `v${key}`,
  rows: { party: [{ id: key, ...more }] },
})

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  let commits = 0
  beforeEach(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, { party: [party, NAMES] })
  })
  afterEach(() => here.drop())

  const stage = (keys: string[], mode: 'append' | 'merge', more?: Row) =>
    it.loader.stage(
      batch(
        keys.map((key) => person(key, more)),
        it.names,
      ),
      mode,
    )
  const commit = async (mode: 'append' | 'merge'): Promise<LoadCounts> => {
    commits += 1
    const outcome = await here.session.commit(`append ${commits}`, it.fence, async (tx) => ({
      ...(await it.loader.apply(tx, { mode, runId: 'r' })),
    }))
    return 'done' in outcome ? outcome.done : outcome.already
  }
  const stored = (names = ALL) => partRows(here.session, party, [...names, '_version'])
  const ids = async () => (await stored(['id'])).map((row) => row['id'])
  const sweep = () =>
    here.session.commit('end', it.fence, async (tx) => ({
      ...(await it.loader.sweep(tx, {
        id: 's',
        startedAt: '2000-01-01T00:00:00.000000Z',
        maxDrop: 1,
        runId: 'r',
      })),
    }))
  const due = async () => (await here.session.partSteps(part(here.session, party), party)).length

  test('what is appended is what a merge would have written', async () => {
    await stage(['1', '2'], 'append')
    expect(await commit('append')).toMatchObject({ loaded: 2, parts: { party: { inserted: 2 } } })
    const appended = await stored()
    await stage(['1', '2'], 'merge')
    expect(await commit('merge')).toMatchObject({ loaded: 0, unchanged: 2 })
    await here.session.transaction((tx) =>
      tx.run(
        `delete from ${here.session.dialect.relation(here.session.internal, it.parts[0]!.part.form.relation)}`,
      ),
    )
    await stage(['1', '2'], 'merge')
    expect(await commit('merge')).toMatchObject({ loaded: 2 })
    expect(await stored()).toEqual(appended)
    expect(appended[0]).toMatchObject({
      ...whole,
      never: null,
      deleted_at: null,
      source_id: '1',
      _version: 'v1',
    })
  })

  test('batches that wait and batches that are staged are appended together', async () => {
    await stage(['4', '5'], 'append')
    await stage(['5', '6'], 'merge')
    await stage(['6', '7'], 'append')
    expect(await commit('append')).toMatchObject({ loaded: 4, superseded: 2 })
    expect(await ids()).toEqual(['4', '5', '6', '7'])
  })

  test('what was staged to be appended is never merged in silence', async () => {
    await stage(['1'], 'append')
    await stage(['2'], 'merge')
    await expect(commit('merge')).rejects.toThrow(/cannot be merged/)
    expect(await ids()).toEqual([])
  })

  test.each(['append', 'merge'] as const)('a failed commit is repeated whole by %s', async (mode) => {
    await stage(['1', '2'], mode)
    await stage(['2', '3'], mode)
    const failing = here.session.commit('fails', it.fence, async (tx) => {
      await it.loader.apply(tx, { mode, runId: 'r' })
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow(/^on purpose$/)
    expect(await ids()).toEqual([])
    expect(await commit(mode)).toMatchObject({ loaded: 3, superseded: 1 })
    expect(await ids()).toEqual(['1', '2', '3'])
  })

  test('forgotten batches are not appended', async () => {
    await stage(['1'], 'append')
    await it.loader.reset()
    await stage(['2'], 'append')
    expect(await commit('append')).toMatchObject({ read: 1, loaded: 1 })
    expect(await ids()).toEqual(['2'])
  })

  test.each([
    ['a number out of range', { whole: '9223372036854775808' }],
    ['a day that never was', { day: '2026-02-30' }],
    ['a decimal too long', { money: '999999999999999.0000' }],
  ])('%s stops the whole commit, with nothing bent', async (_, bad) => {
    // Days reach DuckDB as numbers: that each is a day was checked when it was mapped.
    if (kind === 'duckdb' && 'day' in bad) return
    await stage(['1'], 'append')
    // Where rows are staged before the transaction, they are refused there.
    const loaded = stage(['2'], 'append', { ...whole, ...bad }).then(() => commit('append'))
    await expect(loaded).rejects.toThrow()
    expect(await ids()).toEqual([])
    await it.loader.reset()
    await stage(['3'], 'append')
    await commit('append')
    expect(await ids()).toEqual(['3'])
  })

  test('a key that is stored already is never stored twice after the indexes are made', async () => {
    await stage(['1'], 'append')
    await commit('append')
    await sweep()
    expect(await due()).toBe(0)
    if (kind === 'duckdb') return
    await stage(['1'], 'append')
    await expect(commit('append')).rejects.toThrow()
    expect(await ids()).toEqual(['1'])
  })

  test('a load that was cut off before its end leaves indexes to make, and makes them', async () => {
    await stage(['1'], 'append')
    await commit('append')
    expect(await due()).toBe(kind === 'postgres' ? 2 : 0)
    await here.session.ddl(await here.session.partSteps(part(here.session, party), party))
    expect(await due()).toBe(0)
    await stage(['1', '2'], 'merge')
    expect(await commit('merge')).toMatchObject({ loaded: 1, unchanged: 1 })
  })
})
