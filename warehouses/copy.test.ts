import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Expr, Stored } from '../core/expr.ts'
import type { Row } from '../core/value.ts'
import type { CopyAsk, CopyQuery, CopySlice, LoadCounts, StagedCopy } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import { batch, KINDS, type Place, partRows, place, type Ready, ready, table, text } from './testing.ts'

const party = table('party', [
  text('name'),
  text('never'),
  { name: 'n', type: { kind: 'integer' }, description: 'n' },
])
const email = table('email', [text('value')])

const integer: Stored = { kind: 'integer', max: '9223372036854775807' }
const words: Stored = { kind: 'text' }
const column = (name: string, stored: Stored, nullable = true): Expr =>
  ({ op: 'column', name, stored, kind: stored.kind, nullable }) as Expr
const literal = (value: string | boolean): Expr =>
  ({ op: 'literal', value, kind: typeof value === 'string' ? 'text' : 'boolean', nullable: false }) as Expr
const key = column('k', integer, false)
const keyText: Expr = { op: 'unary', name: 'text', item: key, kind: 'text', nullable: false }
const is = (name: string, value: string): Expr => ({
  op: 'compare',
  operator: '=',
  left: column(name, words),
  right: literal(value),
  kind: 'boolean',
  nullable: true,
})
const present = (name: string): Expr => ({
  op: 'unary',
  name: 'isNotNull',
  item: column(name, words),
  kind: 'boolean',
  nullable: false,
})
const idOf = (suffix: string): Expr => ({
  op: 'concat',
  items: [literal('shop:customers:'), keyText, literal(suffix)],
  kind: 'text',
  nullable: false,
})

/** `what` decides: `bad` fails the guard, `out` is out of scope, `gone` is a tombstone. */
const WHOLE = [
  [1, 'Ada', 'a@example.org', 'in', 5],
  [2, null, null, 'in', 5],
  [3, "Grace\\ '?", 'g@example.org', 'in', 6],
  [4, 'Out', 'o@example.org', 'out', 6],
  [5, 'Gone', 'x@example.org', 'gone', 7],
] as const

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  let source: string
  let commits = 0
  beforeEach(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, { party: [party, ['id', 'name', 'n']], email: [email, ['id', 'value']] })
    source = here.session.dialect.relation(here.session.internal, 'source')
    const type = kind === 'duckdb' ? 'varchar' : 'varchar(50)'
    await say(
      `create table ${source} (k bigint primary key, name ${type}, mail ${type}, what ${type}, mark bigint)`,
    )
    await put(WHOLE)
  })
  afterEach(() => here.drop())

  const say = (sql: string, binds: (string | number | null)[] = []) =>
    here.session.transaction((tx) => tx.run(sql, binds))
  const put = async (rows: readonly (readonly (string | number | null)[])[]) => {
    for (const row of rows) await say(`insert into ${source} values (?, ?, ?, ?, ?)`, [...row])
  }
  const query = (more: Partial<CopyQuery> = {}): CopyQuery => ({
    relation: source,
    guard: { op: 'unary', name: 'not', item: is('what', 'bad'), kind: 'boolean', nullable: false },
    sourceId: keyText,
    version: { op: 'unary', name: 'text', item: column('mark', integer), kind: 'text', nullable: true },
    deletes: is('what', 'gone'),
    where: is('what', 'in'),
    rows: [
      {
        table: 'party',
        made: literal(true),
        columns: [
          { name: 'id', value: idOf('') },
          { name: 'name', value: column('name', words) },
          { name: 'n', value: key },
        ],
      },
      {
        table: 'email',
        made: present('mail'),
        columns: [
          { name: 'id', value: idOf('#email') },
          { name: 'value', value: column('mail', words) },
        ],
      },
    ],
    ...more,
  })
  const slice = (to: number, from?: number): CopySlice => ({
    order: [{ name: 'k', stored: integer }],
    to: [String(to)],
    ...(from !== undefined && { from: { values: [String(from)], inclusive: false } }),
  })
  const ask = (more: Partial<CopyAsk> = {}): CopyAsk => ({
    mode: 'merge',
    straight: false,
    among: new Set(),
    mostLeft: 10,
    ...more,
  })
  const commit = async (mode: CopyAsk['mode'] = 'merge'): Promise<LoadCounts> => {
    commits += 1
    const outcome = await here.session.commit(`copy ${commits}`, it.fence, async (tx) => {
      const counts = await it.loader.apply(tx, { mode, runId: 'r', ...(mode === 'merge' && { scan: 's' }) })
      if (counts.left) throw new Error('some left')
      return { ...counts, parts: counts.parts }
    })
    return 'done' in outcome ? (outcome.done as LoadCounts) : (outcome.already as LoadCounts)
  }
  const copy = async (of: CopySlice, asked = ask(), it_ = query()): Promise<[StagedCopy, LoadCounts]> => {
    const staged = await it.loader.stageQuery(it_, of, asked)
    return [staged, await commit(asked.mode)]
  }
  const stored = async () => ({
    party: await partRows(here.session, party, [
      'id',
      'source',
      'source_object',
      'source_id',
      'name',
      'never',
      'n',
      'deleted_at',
      '_version',
    ]),
    email: await partRows(here.session, email, ['id', 'source_id', 'value', 'deleted_at', '_version']),
  })
  const names = async () => (await stored()).party.map((row: Row) => row['name'])

  const ROADS = [
    ['straight', ask({ mode: 'append', straight: true })],
    ['by an image', ask({ mode: 'append' })],
    ['merged', ask()],
  ] as const

  test.each(ROADS)('a slice that goes %s gives the same rows and counts', async (_, asked) => {
    const [, counts] = await copy(slice(5), asked)
    expect(counts).toMatchObject({
      read: 5,
      loaded: 3,
      filtered: 1,
      unchanged: 1,
      superseded: 0,
      rejected: 0,
    })
    expect(counts.parts).toEqual({
      party: { inserted: 3, updated: 0, deleted: 0 },
      email: { inserted: 2, updated: 0, deleted: 0 },
    })
    const base = { source: 'shop', source_object: 'customers', never: null, deleted_at: null }
    expect(await stored()).toEqual({
      party: [
        { ...base, id: 'shop:customers:1', source_id: '1', name: 'Ada', n: 1, _version: '5' },
        { ...base, id: 'shop:customers:2', source_id: '2', name: null, n: 2, _version: '5' },
        { ...base, id: 'shop:customers:3', source_id: '3', name: "Grace\\ '?", n: 3, _version: '6' },
      ].map((row) => ({ ...row, n: expect.anything() })),
      email: [
        {
          id: 'shop:customers:1#email',
          source_id: '1',
          value: 'a@example.org',
          deleted_at: null,
          _version: '5',
        },
        {
          id: 'shop:customers:3#email',
          source_id: '3',
          value: 'g@example.org',
          deleted_at: null,
          _version: '6',
        },
      ],
    })
  })

  test('slices are cut behind their start, up to their end', async () => {
    await copy(slice(2))
    expect(await names()).toEqual(['Ada', null])
    const [staged] = await copy(slice(3, 2))
    expect(staged.rows).toBe(1)
    expect(await names()).toEqual(['Ada', null, "Grace\\ '?"])
    const order = [
      { name: 'mark', stored: integer },
      { name: 'k', stored: integer },
    ]
    const again = await it.loader.stageQuery(
      query(),
      { order, from: { values: ['5'], inclusive: true }, to: ['6', '3'] },
      ask(),
    )
    expect(again.rows).toBe(3)
    const behind = { order, from: { values: ['5', '1'], inclusive: false }, to: ['6', '3'] }
    await it.loader.reset()
    expect((await it.loader.stageQuery(query(), behind, ask())).rows).toBe(2)
  })

  test('a merge changes, deletes and leaves alone what it should', async () => {
    await copy(slice(5))
    await say(`update ${source} set name = 'Augusta', mail = null, mark = 8 where k = 1`)
    await say(`update ${source} set what = 'out', mark = 8 where k = 3`)
    const [, counts] = await copy(slice(5))
    expect(counts).toMatchObject({ read: 5, loaded: 1, unchanged: 2, filtered: 2 })
    expect(counts.parts).toEqual({
      party: { inserted: 0, updated: 1, deleted: 1 },
      email: { inserted: 0, updated: 0, deleted: 2 },
    })
    await say(`update ${source} set name = 'Older', mark = 1 where k = 1`)
    expect((await copy(slice(5)))[1]).toMatchObject({ superseded: 1, loaded: 0 })
    expect((await names())[0]).toBe('Augusta')
  })

  test('rows that fail the guard are told, and may be staged beside the others', async () => {
    await put([
      [6, 'Bad', null, 'bad', 9],
      [7, 'Bad too', null, 'bad', 9],
    ])
    expect(await it.loader.stageQuery(query(), slice(7), ask({ mostLeft: 1 }))).toEqual({
      rows: 0,
      among: [],
    })
    await it.loader.reset()
    const staged = await it.loader.stageQuery(query(), slice(7), ask({ among: new Set(['3', '4', '9']) }))
    expect({ ...staged, left: staged.left!.flat().sort() }).toEqual({
      rows: 5,
      left: ['6', '7'],
      among: ['3'],
    })
    const rows = [
      { key: '6', version: '9', rows: { party: [{ id: 'shop:customers:6', name: 'By hand', n: 6 }] } },
    ]
    await it.loader.stage(batch(rows, it.names), 'merge')
    expect(await commit()).toMatchObject({ read: 6, loaded: 4 })
    expect(await names()).toEqual(['Ada', null, "Grace\\ '?", 'By hand'])
  })

  test('a row that fails the guard and is staged by hand changes nothing about those that were copied', async () => {
    await copy(slice(3))
    const before = await stored()
    await put([[6, 'Bad', null, 'bad', 9]])
    const byHand = async () => {
      expect((await it.loader.stageQuery(query(), slice(6), ask())).left).toEqual([['6']])
      const made = { email: [{ id: 'shop:customers:6#email', value: 'by@hand.example' }] }
      await it.loader.stage(batch([{ key: '6', version: '9', rows: made }], it.names), 'merge')
      return commit()
    }
    expect(await byHand()).toMatchObject({
      loaded: 1,
      unchanged: 4,
      parts: {
        party: { inserted: 0, updated: 0, deleted: 0 },
        email: { inserted: 1, updated: 0, deleted: 0 },
      },
    })
    const after = await stored()
    expect(after.party).toEqual(before.party)
    expect(after.email.slice(0, 2)).toEqual(before.email)
    expect(await byHand()).toMatchObject({ loaded: 0, unchanged: 5 })
    const seen = await here.session.query<{ source_id: string }>(
      `select distinct source_id from ${here.session.dialect.relation(here.session.internal, 'seen')} order by source_id`,
    )
    expect(seen.map((row) => row.source_id)).toEqual(['1', '2', '3', '6'])
  })

  test('a statement that the engine refuses is told without its values, and nothing is staged', async () => {
    const [rows, more] = query().rows
    // MariaDB refuses it only where it is stored.
    const given = kind === 'mysql' ? column('name', words) : column('broken', integer)
    const columns = [...rows!.columns.slice(0, 2), { name: 'n', value: given }]
    const failing = {
      ...query(),
      relation: `(select s.*, cast(name as ${kind === 'mysql' ? 'char' : 'bigint'}) as broken from ${source} s) as f`,
      rows: [{ ...rows!, columns }, more!],
    }
    const staged = await it.loader.stageQuery(failing, slice(3), ask())
    expect(staged).toEqual({ rows: 0, among: [], failure: expect.stringMatching(/error/i) })
    expect(staged.failure).not.toMatch(/Ada|Grace/)
    await it.loader.reset()
    expect((await copy(slice(3)))[0]).toMatchObject({ rows: 3, left: [] })
  })

  test('what goes straight and meets a row that fails the guard writes nothing', async () => {
    await put([[6, 'Bad', null, 'bad', 9]])
    const asked = ask({ mode: 'append', straight: true })
    const staged = await it.loader.stageQuery(query(), slice(6), asked)
    if (kind === 'mysql') expect(staged.left).toEqual([['6']])
    else {
      expect(staged.straight).toBe(true)
      await expect(commit('append')).rejects.toThrow(/^some left$/)
    }
    await it.loader.reset()
    expect(await names()).toEqual([])
    const [again] = await copy(slice(6), ask({ mode: 'append' }))
    expect(again.left).toEqual([['6']])
    expect(await names()).toHaveLength(3)
  })

  test.each(ROADS)('a failed commit of what goes %s is repeated whole', async (_, asked) => {
    await it.loader.stageQuery(query(), slice(5), asked)
    const failing = here.session.commit('fails', it.fence, async (tx) => {
      await it.loader.apply(tx, { mode: asked.mode, runId: 'r' })
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow(/^on purpose$/)
    expect(await names()).toEqual([])
    expect(await commit(asked.mode)).toMatchObject({ read: 5, loaded: 3 })
    expect(await names()).toHaveLength(3)
  })

  test('what is held before it goes straight is altered after the commit', async () => {
    const { relation, sourceId, rows } = query()
    const simple = { relation, sourceId, guard: literal(true), rows: [rows[0]!] }
    await it.loader.stageQuery(simple, slice(5), ask({ mode: 'append', straight: true }))
    const done: string[] = []
    let altered: Promise<unknown> | undefined
    await here.session.commit('held', it.fence, async (tx) => {
      expect(await it.loader.hold(tx)).toBe(kind !== 'duckdb')
      if (kind === 'duckdb') return null
      altered = say(`alter table ${source} add column more integer`).then(() => done.push('altered'))
      await sleep(300)
      await it.loader.apply(tx, { mode: 'append', runId: 'r' })
      done.push('written')
      return null
    })
    await altered
    expect(done).toEqual(kind === 'duckdb' ? [] : ['written', 'altered'])
    await it.loader.stageQuery(query(), slice(5), ask())
    expect(await here.session.commit('image', it.fence, (tx) => it.loader.hold(tx))).toMatchObject({
      done: false,
    })
  })

  test('without conditions all rows of one table go straight', async () => {
    const [rows] = query().rows
    const { relation, sourceId } = query()
    const simple = { relation, sourceId, guard: literal(true), rows: [rows!] }
    const [staged, counts] = await copy(slice(5), ask({ mode: 'append', straight: true }), simple)
    expect(staged.straight).toBe(true)
    expect(counts).toMatchObject({ read: 5, loaded: 5, parts: { party: { inserted: 5 } } })
    await put([[6, 'Bad', null, 'bad', 9]])
    const { guard } = query()
    await it.loader.stageQuery(
      { ...simple, guard: guard! },
      slice(6, 5),
      ask({ mode: 'append', straight: true }),
    )
    await expect(commit('append')).rejects.toThrow(/^some left$/)
    expect(await names()).toHaveLength(5)
  })
})
