import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Expr, Stored } from '../core/expr.ts'
import type { Field, FieldType } from '../core/field.ts'
import type { LookupLayout } from '../core/reach.ts'
import type { Value } from '../core/value.ts'
import type { CopyQuery } from '../core/warehouse.ts'
import * as databases from '../tests/support/databases.ts'
import { KINDS, type Place, partRows, place, type Ready, ready, table, text } from './testing.ts'

const party = table('party', [
  text('name'),
  { name: 'day', type: { kind: 'date' }, description: 'day' },
  { name: 'amount', type: { kind: 'decimal', precision: 38, scale: 4 }, description: 'amount' },
  { name: 'flag', type: { kind: 'boolean' }, description: 'flag' },
  { name: 'weight', type: { kind: 'double' }, description: 'weight' },
  { name: 'n', type: { kind: 'integer' }, description: 'n' },
])

const field = (name: string, type: FieldType, sourceType: string = type): Field => ({
  name,
  type,
  sourceType,
  nullable: true,
})
const FIELDS = [
  field('name', 'text'),
  field('day', 'date'),
  field('amount', 'decimal', 'numeric(38,4)'),
  field('flag', 'boolean'),
  field('weight', 'float'),
  field('n', 'integer'),
]
/** By column: what it holds beside NULL. */
const VALUES: Value[][] = [
  ["two\nlines, \\N 'quoted' 😀", ''],
  ['1000-01-01', '9999-12-31'],
  ['1234567890123456789012345678901234.0001', '-0.5000'],
  [true, false],
  [0.1, 5e-324],
  ['9223372036854775807', -9007199254740991],
]

const integer: Stored = { kind: 'integer', max: '9223372036854775807' }
const column = (name: string, stored: Stored): Expr =>
  ({ op: 'column', name, stored, kind: stored.kind, nullable: true }) as Expr
const keyText: Expr = { op: 'unary', name: 'text', item: column('k', integer), kind: 'text', nullable: false }
const id: Expr = {
  op: 'concat',
  items: [{ op: 'literal', value: 'shop:customers:', kind: 'text', nullable: false }, keyText],
  kind: 'text',
  nullable: false,
}

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  beforeEach(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, { party: [party, ['id', ...FIELDS.map(({ name }) => name)]] })
    await here.session.transaction(async (tx) => {
      await tx.run(`create table ${source()} (k bigint primary key)`)
      await tx.run(`insert into ${source()} values (1), (2), (3), (4)`)
    })
  })
  afterEach(() => here.drop())

  const source = () => here.session.dialect.relation(here.session.internal, 'source')
  const layout = (): LookupLayout => here.session.lookupLayout(0, 'integer', FIELDS)!
  /** Rows 1 and 2 find the values, row 3 finds NULLs, row 4 nothing. */
  const rows = (held: LookupLayout) => ({
    layout: held,
    rows: 3,
    slice: (from: number, to: number) =>
      [[1, '2', 3], ...VALUES.map((it) => [...it, null])].map((it) => it.slice(from, to)),
  })
  function query({ relation, key, columns }: LookupLayout): CopyQuery {
    const { session } = here
    const named = columns.map(({ facts }) => ({ name: facts.name, as: `found.${facts.name}` }))
    const by = { value: column('k', integer), as: 'found.key', type: key.type }
    const lookups = [{ relation, columns: [{ name: key.name, as: 'found.key' }, ...named], by: [by], on: [] }]
    const values = columns.map(({ facts }, i) => ({
      name: FIELDS[i]!.name,
      value: column(named[i]!.as, facts.stored!),
    }))
    return {
      relation: session.joined({ relation: source(), columns: ['k'], lookups }),
      guard: { op: 'literal', value: true, kind: 'boolean', nullable: false },
      sourceId: keyText,
      rows: [
        {
          table: 'party',
          made: { op: 'literal', value: true, kind: 'boolean', nullable: false },
          columns: [{ name: 'id', value: id }, ...values],
        },
      ],
    }
  }
  const slice = { order: [{ name: 'k', stored: integer }], to: ['9'] }
  const ask = { mode: 'merge' as const, straight: false, among: new Set<string>(), mostLeft: 0 }
  const commit = (name: string, mode: 'merge' | 'append' = 'merge') =>
    here.session.commit(name, it.fence, async (tx) => {
      await it.loader.apply(tx, { mode, runId: 'r' })
      return null
    })
  const stored = async () =>
    (
      await partRows(
        here.session,
        party,
        FIELDS.map(({ name }) => name),
      )
    ).map((row) => Object.values(row))
  const wanted = [0, 1, 2, 3].map((row) => VALUES.map((of, i) => exact(of[row] ?? null, i)))
  /** Numbers come back as their text or as themselves. */
  function exact(value: Value, at: number): unknown {
    if (value === null || at !== 5) return value
    return Number.isSafeInteger(Number(value)) ? expect.anything() : value
  }

  test('every value lies in the private table as it was given, and is found by its key', async () => {
    const held = layout()
    it.loader.lookUp([rows(held)])
    await it.loader.stageQuery(query(held), slice, ask)
    await commit('merged')
    expect(await stored()).toEqual(wanted)
  })

  test('rows that go straight find them too', async () => {
    const held = layout()
    it.loader.lookUp([rows(held)])
    const staged = await it.loader.stageQuery(query(held), slice, { ...ask, mode: 'append', straight: true })
    expect(staged.straight).toBe(true)
    await commit('straight', 'append')
    expect(await stored()).toEqual(wanted)
  })

  if (kind === 'postgres')
    test('they are put into a new connection where the old one was lost', async () => {
      const held = layout()
      it.loader.lookUp([rows(held)])
      await it.loader.stageQuery(query(held), slice, ask)
      const other = await here.again()
      await other.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      await other.close()
      await expect(commit('lost')).rejects.toThrow()
      await it.loader.reset()
      it.fence = await here.session.lease('shop.customers', 'host:1', 60_000)
      await it.loader.stageQuery(query(held), slice, ask)
      await commit('again')
      expect(await stored()).toEqual(wanted)
    })
})

test('a field without a column that holds all its values is left out of the table', async () => {
  const here = await place('mysql', databases)
  try {
    const fields = [
      field('wide', 'decimal', 'decimal(65,30)'),
      field('seen', 'timestamp'),
      field('json', 'json'),
      field('name', 'text'),
    ]
    const { columns } = here.session.lookupLayout(0, 'hash', fields)!
    expect(columns.map((it) => it.type?.kind)).toEqual([undefined, undefined, undefined, 'text'])
    expect(columns.map((it) => it.facts.stored?.kind)).toEqual([undefined, undefined, undefined, 'text'])
  } finally {
    await here.drop()
  }
})
