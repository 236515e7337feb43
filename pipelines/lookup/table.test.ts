import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../../core/batch.ts'
import type { DatasetFacts, FieldType } from '../../core/field.ts'
import type { Row, Value } from '../../core/value.ts'
import { joined } from './join.ts'
import { sharedType } from './key-type.ts'
import type { PreparedLookup } from './prepare.ts'
import { LookupBuilder, type LookupTable } from './table.ts'

const facts = (key: string[], kind: DatasetFacts['kind'] = 'table'): DatasetFacts => ({
  from: 'visits',
  schema: { fields: [] },
  key,
  keyProven: false,
  kind,
})

const lookup = (more: Partial<PreparedLookup> = {}): PreparedLookup => ({
  name: 'visits',
  dataset: 'shop.customers',
  request: { ref: 'shop.customers.visits', from: 'visits' },
  facts: facts(['nr']),
  on: ['id'],
  key: ['customer'],
  types: ['unknown'],
  many: true,
  fields: ['page'],
  ...more,
})

function batchOf(rows: Row[], types: Record<string, FieldType> = {}): Batch & { columns: Value[][] } {
  const names = [...new Set(rows.flatMap((it) => Object.keys(it)))]
  const fields = names.map((name) => ({
    name,
    type: types[name] ?? ('unknown' as const),
    sourceType: '',
    nullable: true,
  }))
  const columns = names.map((name) => rows.map((it) => it[name] ?? null))
  const payload = { form: 'columns' as const, columns }
  return { schema: { fields }, rows: rows.length, bytes: 10, range: '0', seq: 0, payload, columns }
}

/** In batches of `size` rows. */
function tableOf(rows: Row[], more: Partial<PreparedLookup> = {}, size = 100): LookupTable {
  const builder = new LookupBuilder(lookup(more))
  for (let at = 0; at < rows.length; at += size) {
    const batch = batchOf(rows.slice(at, at + size))
    builder.add(batch, batch.columns)
  }
  return builder.finish()
}

const VISITS: Row[] = [
  { nr: 1, customer: 7, page: 'b', note: 'x' },
  { nr: 2, customer: null, page: 'lost' },
  { nr: 3, customer: '7', page: 'a' },
  { nr: 4, customer: 8, page: null },
]

test('rows are kept by their key with the fields that are needed, without NULLs', () => {
  const { rows } = tableOf(VISITS)
  expect(Object.fromEntries(rows)).toEqual({ 7: [{ page: 'b' }, { page: 'a' }], 8: [{}] })
  const all = tableOf(VISITS, { fields: ['*'] }).rows
  expect(all.get('8')).toEqual([{ nr: 4, customer: 8 }])
})

test('what is found is one more field of the batch, NULL where the key is NULL or meets nothing', () => {
  const batch = batchOf([{ id: 7 }, { id: null }, { id: 9 }, { id: '8' }, { id: { not: 'a key' } }])
  const table = tableOf(VISITS)
  const { batch: made, columns } = joined(batch, batch.columns, [table])
  expect(made.schema.fields.map((it) => it.name)).toEqual(['id', 'visits'])
  expect(columns[1]).toEqual([[{ page: 'b' }, { page: 'a' }], null, null, [{}], null])
  // A commit ends after so many bytes: rows that found something are larger.
  expect(made.bytes).toBe(batch.bytes + 2 * table.bytes)
})

test('of two fields neither takes a part of the other', () => {
  const both = { key: ['a', 'b'], on: ['a', 'b'], types: ['text', 'text'] as FieldType[] }
  const table = tableOf([{ a: 'x|y', b: 'z', page: 'one' }], both)
  const batch = batchOf([
    { a: 'x', b: 'y|z' },
    { a: 'x|y', b: 'z' },
    { a: 'x|y', b: null },
  ])
  expect(joined(batch, batch.columns, [table]).columns[2]).toEqual([null, [{ page: 'one' }], null])
})

test('a row that brings a field of that name itself is refused', () => {
  const batch = batchOf([{ id: 7, visits: 'its own' }])
  expect(() => joined(batch, batch.columns, [tableOf(VISITS)])).toThrow(
    expect.objectContaining({ code: 'E330' }),
  )
})

const row = fc.record({
  customer: fc.constantFrom<Value[]>(1, 2, null),
  page: fc.constantFrom<Value[]>('a', 'b', null),
})

test('a source without an order gives the same lists and the same print, however it gives its rows', () => {
  const unordered = { facts: facts([]) }
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (rows, size) => {
      const one = tableOf(rows, unordered)
      const other = tableOf([...rows].reverse(), unordered, size)
      expect([other.print, ...other.rows.entries()].sort()).toEqual([one.print, ...one.rows.entries()].sort())
    }),
  )
})

test('another row, another value, another place in an ordered list make another print', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.array(row, { maxLength: 8 }), (a, b) => {
      const [one, other] = [tableOf(a), tableOf(b)]
      const same = JSON.stringify([...one.rows].sort()) === JSON.stringify([...other.rows].sort())
      expect(one.print.rows === other.print.rows).toBe(same)
    }),
  )
})

test('the print does not change with what is not looked up', () => {
  const print = tableOf(VISITS).print
  expect(tableOf(VISITS.map((it) => ({ ...it, note: 'another' }))).print).toEqual(print)
  expect(tableOf([...VISITS, { nr: 9, customer: null, page: 'x' }]).print).toEqual(print)
  expect(tableOf(VISITS, { fields: ['nr'] }).print.of).not.toBe(print.of)
  expect(tableOf(VISITS, { types: ['integer'] }).print.of).not.toBe(print.of)
})

test('several rows of one key, and broken rows, are errors that tell no value', () => {
  const error = (code: string) =>
    expect.objectContaining({ code, problem: expect.not.stringMatching(/7|secret/) })
  expect(() => tableOf(VISITS, { many: false })).toThrow(error('E730'))
  const batch = { ...batchOf(VISITS), broken: [{ code: 'E422', reason: '', row: 'secret' }] }
  expect(() => new LookupBuilder(lookup()).add(batch, batch.columns)).toThrow(error('E732'))
})

test.each([
  ['integer', 'integer', 'integer'],
  ['integer', 'decimal', 'decimal'],
  ['float', 'integer', 'decimal'],
  ['text', 'integer', 'integer'],
  ['date', 'text', 'date'],
  ['unknown', 'boolean', 'boolean'],
  ['unknown', 'unknown', 'unknown'],
  ['text', 'binary', undefined],
  ['date', 'integer', undefined],
  ['datetime', 'timestamp', undefined],
  ['boolean', 'integer', undefined],
  ['json', 'json', undefined],
] as const)('%s and %s meet as %s', (a, b, shared) => {
  expect([sharedType(a, b), sharedType(b, a)]).toEqual([shared, shared])
})
