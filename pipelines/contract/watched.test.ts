import { expect, test } from 'vitest'
import type { Batch, Column } from '../../core/batch.ts'
import type { Field } from '../../core/field.ts'
import { leaveOutValues, refuseRows } from './watched.ts'

const field = (name: string, sourceType = 'text'): Field => ({
  name,
  type: sourceType === 'integer' ? 'integer' : 'text',
  sourceType,
  nullable: true,
})
const columns: Column[] = [
  [1, 2, 3],
  ['7', 'seven', null],
  [null, 'new', null],
]
const batch: Batch = {
  schema: { fields: [field('id'), field('code'), field('fax')] },
  rows: 3,
  bytes: 0,
  range: '0',
  seq: 0,
  payload: { form: 'columns', columns },
}
const watched = [
  { at: 1, field: 'code', was: field('code', 'integer') },
  { at: 2, field: 'fax' },
]

test('a row is refused once, with the first reason', () => {
  const { refused } = refuseRows(batch, columns, watched).batch
  expect([...refused!].map(([row, { code }]) => [row, code])).toEqual([[1, 'E531']])
  expect(refused!.get(1)!.reason).not.toContain('seven')
})

test('values are left out and counted, a new column is left out whole, and the source batch stays as it was', () => {
  const guarded = leaveOutValues(batch, columns, watched)
  expect(guarded.columns).toEqual([
    [1, 2, 3],
    ['7', null, null],
  ])
  expect(guarded.batch.schema.fields.map((it) => it.name)).toEqual(['id', 'code'])
  expect(guarded.changes).toEqual([
    { table: '', column: 'code', code: 'E531', count: 1 },
    { table: '', column: 'fax', code: 'E530', count: 1 },
  ])
  expect(columns[1]).toEqual(['7', 'seven', null])
})

test('names of JSON fields fit the table of changes, and stay apart', () => {
  const named = (name: string) => leaveOutValues(batch, columns, [{ at: 2, field: name }]).changes[0]!.column
  expect([...named(`${'x'.repeat(99)}1`)]).toHaveLength(64)
  expect(named(`${'x'.repeat(99)}1`)).not.toBe(named(`${'x'.repeat(99)}2`))
  expect(named('a\0\ud800')).toBe('a\ufffd\ufffd')
})
