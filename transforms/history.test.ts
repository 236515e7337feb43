import { expect, test } from 'vitest'
import { Op } from '../core/batch.ts'
import type { MappedBatch } from '../core/mapping.ts'
import { Fate } from '../core/mapping.ts'
import { MAX_ID, SAME_AS } from '../core/row-id.ts'
import { mappingHash } from './hash.ts'
import {
  compiled,
  mappingInput,
  mapRows,
  problemsOf,
  rowsOf,
  type Short,
  type TargetShort,
} from './testing/mapping.ts'

const watched = (mapped: MappedBatch) => mapped.parts.find((it) => it.table === 'consent_event')!.watched

const consent = (more: TargetShort): Short['to'] => ({
  consent_event: [
    { as: 'mail', status: 'mail', append_on: ['status'] },
    { as: 'post', status: 'post', channel: 'how', append_on: ['status', 'channel'], ...more },
    { as: 'told', status: { is: 'granted' } },
  ],
})

test('rows say which columns they watch', async () => {
  const short = { to: consent({}) }
  const mapped = await mapRows(short, [
    { id: 1, mail: 'granted', post: 'denied', how: null },
    { id: 2, mail: null, post: 'granted', how: 'letter' },
    { id: 3, mail: 'no such status', post: 'granted', how: null },
  ])
  expect(rowsOf(mapped, 'consent_event').map((it) => it['id'])).toEqual([
    'shop:customers:1#mail',
    'shop:customers:1#post',
    'shop:customers:1#told',
    'shop:customers:2#post',
    'shop:customers:2#told',
  ])
  expect(watched(mapped)).toEqual([1, 2, 0, 2, 0])
  expect(compiled(short).mapper!.parts[0]).toMatchObject({ watch: [['status'], ['status', 'channel']] })
})

test('ids of watched rows leave room for a number', async () => {
  const mapped = await mapRows({ to: consent({}) }, [{ id: 'x'.repeat(300), mail: 'granted' }])
  const [mail, told] = rowsOf(mapped, 'consent_event').map((it) => String(it['id']))
  expect(mail!.length).toBe(MAX_ID - 11)
  expect(told!.length).toBe(MAX_ID)
})

test('what a mapping watches is part of its hash, in whatever order', () => {
  const hash = (columns?: string[]) => mappingHash(mappingInput({ to: consent({ append_on: columns }) }))
  expect(hash(['status', 'channel'])).toBe(hash(['channel', 'status']))
  expect(hash(['status'])).not.toBe(hash(['status', 'channel']))
  expect(hash(undefined)).not.toBe(hash(['status']))
})

test('a number cannot say when a state was reached', () => {
  const short: Short = {
    fields: { id: 'integer', seq: 'integer', mail: 'text' },
    cursor: 'seq',
    to: { consent_event: { status: 'mail', append_on: ['status'] } },
  }
  expect(problemsOf(short)).toEqual([
    'E226 The cursor "seq" is a number (integer), so it does not say when a state was reached.',
  ])
  expect(problemsOf({ ...short, fields: { ...short.fields, seq: 'timestamp' } })).toEqual([])
})

const merged: Short = {
  targets: { 'shop.customers': { as: [] } },
  deletes: 'gone',
  to: {
    party: { kind: { is: 'person' }, same_as: '$ref("customers", into)' },
    relationship: {
      as: 'same_as',
      from_id: '$self()',
      to_id: '$ref("customers", boss)',
      type: { is: 'employee' },
    },
  },
}

test('same_as makes a relationship beside those that the mapping states', async () => {
  const mapped = await mapRows(merged, [
    { id: 1, into: 2, boss: 9 },
    { id: 2, into: null, boss: null },
    { id: 3, into: '3', boss: null },
  ])
  const link = { from_id: 'shop:customers:1', type: 'same_as', to_id: 'shop:customers:2' }
  expect(rowsOf(mapped, 'relationship')).toEqual([
    {
      id: 'shop:customers:1#same_as',
      from_id: 'shop:customers:1',
      to_id: 'shop:customers:9',
      type: 'employee',
    },
    { id: `shop:customers:1${SAME_AS}`, ...link },
  ])
  expect(rowsOf(mapped, 'party')).toHaveLength(3)
  expect(
    compiled(merged)
      .mapper!.parts.filter((it) => it.outlives)
      .map((it) => it.table),
  ).toEqual(['relationship'])
})

test('a tombstone makes what same_as says and nothing else, and is deleted even where that fails', async () => {
  const mapped = await mapRows(
    { ...merged, targets: { 'shop.customers': { as: [], keyTypes: ['integer'] } } },
    [
      { id: 1, into: 2, boss: 9, gone: true },
      { id: 4, into: null, boss: 9, gone: true },
      { id: 5, into: 'no number', boss: 9, gone: true },
      { id: 6, into: 7, boss: 9, gone: null },
    ],
    { ops: [Op.upsert, Op.upsert, Op.upsert, Op.delete] },
  )
  expect([...mapped.fates]).toEqual([Fate.deleted, Fate.deleted, Fate.deleted, Fate.deleted])
  expect(rowsOf(mapped, 'relationship').map((it) => it['id'])).toEqual([
    `shop:customers:1${SAME_AS}`,
    `shop:customers:6${SAME_AS}`,
  ])
  expect(rowsOf(mapped, 'party')).toEqual([])
  expect(mapped.rejects).toEqual([])
  expect(mapped.changes).toEqual([{ table: 'relationship', column: 'to_id', code: 'E521', count: 1 }])
})

test('a party with a name, a condition or items is linked under its own id', async () => {
  const mapped = await mapRows(
    {
      targets: { 'shop.customers': { as: ['one'] } },
      to: {
        party: [
          { as: 'one', when: 'here', kind: { is: 'person' }, same_as: '$ref("customers", into, "one")' },
          { as: 'staff', each: 'staff', key: 'no', kind: { is: 'person' }, same_as: '$ref("customers", of)' },
        ],
      },
    },
    [
      {
        id: 1,
        here: true,
        into: 4,
        staff: [
          { no: 1, of: 5 },
          { no: 2, of: null },
        ],
      },
      { id: 2, here: null, into: 3, staff: null },
    ],
  )
  expect(rowsOf(mapped, 'relationship').map((it) => [it['id'], it['from_id'], it['to_id']])).toEqual([
    ['shop:customers:1#one:same_as', 'shop:customers:1#one', 'shop:customers:4#one'],
    ['shop:customers:1#staff#1:same_as', 'shop:customers:1#staff#1', 'shop:customers:5'],
  ])
  expect(mapped.rejects).toEqual([])
})

test('a condition that makes the party does not ask for somebody to link it to', async () => {
  const mapped = await mapRows(
    {
      targets: { 'shop.customers': { as: [] } },
      to: { party: { when: 'here', kind: { is: 'person' }, same_as: '$ref("customers", into)' } },
    },
    [{ id: 1, here: true, into: null }],
  )
  expect(mapped.rejects).toEqual([])
  expect(rowsOf(mapped, 'party')).toHaveLength(1)
})

test('same_as is checked as any reference', () => {
  const unknown = problemsOf({
    targets: { 'shop.customers': { as: [] } },
    to: { party: { kind: { is: 'person' }, same_as: '$ref("custmers", into)' } },
  })
  expect(unknown).toEqual(['E206 There is no dataset "shop.custmers".'])
})
