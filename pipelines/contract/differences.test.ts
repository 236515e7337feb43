import { expect, test } from 'vitest'
import type { Field, RowSchema } from '../../core/field.ts'
import { differences, merged, typeText } from './differences.ts'

const column = (name: string, sourceType = 'text', more: Partial<Field> = {}): Field => ({
  name,
  type: 'text',
  sourceType,
  nullable: true,
  ...more,
})
const table = (...fields: Field[]): RowSchema => ({ fields })
const json = (...fields: Field[]): RowSchema => ({ open: true, fields })
const seen = (name: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
  name,
  type,
  sourceType: 'json',
  nullable: true,
  ...more,
})
const told = (before: RowSchema, now: RowSchema) =>
  differences(before, now).map((it) => `${it.field} ${it.change}`)

test('columns that came, went and changed their type are told; a rename is one of each', () => {
  const before = table(column('id'), column('name'), column('age', 'integer', { type: 'integer' }))
  const now = table(column('id'), column('age', 'bigint', { type: 'integer' }), column('full_name'))
  expect(told(before, now)).toEqual(['name removed', 'age retyped', 'full_name added'])
})

test('another order of the columns is no difference', () => {
  expect(told(table(column('a'), column('b')), table(column('b'), column('a')))).toEqual([])
})

test('names that differ in case or a dash are different columns', () => {
  expect(told(table(column('a-b')), table(column('a_b'), column('A-b')))).toEqual([
    'a-b removed',
    'a_b added',
    'A-b added',
  ])
})

test('a column that may be NULL now is retyped, one that no longer may is not', () => {
  const loose = table(column('a'))
  const strict = table(column('a', 'text', { nullable: false }))
  expect(told(strict, loose)).toEqual(['a retyped'])
  expect(told(loose, strict)).toEqual([])
})

test('of JSON, nulls and kinds of number are no other type', () => {
  const before = json(seen('n', 'integer'), seen('t', 'text'), seen('x', 'unknown', { sourceType: 'null' }))
  const now = json(seen('n', 'decimal'), seen('t', 'unknown', { sourceType: 'null' }), seen('x', 'text'))
  expect(told(before, now)).toEqual([])
  expect(told(before, json(seen('n', 'text'), seen('t', 'text'), seen('x', 'text')))).toEqual(['n retyped'])
})

test('a field that not every JSON row had is not surely gone', () => {
  const before = json(seen('id', 'integer'), seen('phone', 'text', { optional: true }))
  expect(differences(before, json(seen('id', 'integer')))).toMatchObject([
    { change: 'removed', sparse: true },
  ])
  expect(
    differences(json(seen('id', 'integer'), seen('b', 'text')), json(seen('id', 'integer'))),
  ).toMatchObject([{ field: 'b', change: 'removed', sparse: false }])
})

test('JSON without a row says nothing', () => {
  expect(told(json(seen('id', 'integer')), json())).toEqual([])
})

test('a column that a later file lost is removed in part, until that is agreed', () => {
  const before = table(column('id', 'csv'), column('email', 'csv'))
  const now = table(column('id', 'csv'), column('email', 'csv', { optional: true }))
  expect(differences(before, now)).toMatchObject([{ field: 'email', change: 'removed', partly: true }])
  expect(told(merged(before, now), now)).toEqual(['email removed'])
  expect(told(now, now)).toEqual([])
})

test('what went is remembered beside what came', () => {
  const schema = merged(table(column('a'), column('b')), table(column('b', 'integer'), column('c')))
  expect(schema.fields.map((it) => `${it.name} ${it.sourceType}`)).toEqual(['b integer', 'c text', 'a text'])
})

test('types read as the source declares them', () => {
  expect(typeText(column('a', 'varchar(40)', { nullable: false }))).toBe('varchar(40) not null')
  expect(typeText(seen('a', 'integer'))).toBe('integer')
})
