import { expect, test } from 'vitest'
import type { Field, FieldType } from '../../core/field.ts'
import type { Value } from '../../core/value.ts'
import { fitsField } from './fits.ts'

const was = (type: FieldType, sourceType: string, nullable = true): Field => ({
  name: 'x',
  type,
  sourceType,
  nullable,
})

const CASES: [Field, Value[], Value[]][] = [
  [was('integer', 'integer'), [1, '12', -2147483648], ['x', 1.5, 2147483648, true, [1]]],
  [was('integer', 'int(11) unsigned'), [0, 4294967295], [-1, 4294967296]],
  [was('integer', 'smallint'), [32767], [32768]],
  [was('integer', 'bigint'), ['9223372036854775807'], ['9223372036854775808']],
  [was('decimal', 'numeric(5,2)'), [123.45, '-999.99', 0], [1000, 1.234, 'x']],
  [was('decimal', 'numeric'), ['1234567890123456789.5', 'NaN'], ['x', true]],
  [was('float', 'double precision'), [1.5, 'NaN'], ['x']],
  [was('text', 'character varying(3)'), ['abc', '😀😀😀', 123], ['abcd', { a: 1 }]],
  [was('text', 'varchar(3)'), ['abc'], ['abcd']],
  [was('text', 'text'), ['any length'], [[1]]],
  [was('text', "enum('a','B','it''s')"), ['a', 'B', "it's"], ['b', 'c']],
  [was('text', "set('a','b')"), ['', 'a', 'a,b'], ['c', 'a,c']],
  [was('boolean', 'boolean'), [true, false], ['maybe']],
  [was('date', 'date'), ['2026-02-28'], ['2026-02-30', 'x']],
  [
    was('datetime', 'timestamp without time zone'),
    ['2026-02-28T10:00:00.000000'],
    ['2026-02-28T10:00:00.000000Z', 'x'],
  ],
  [was('timestamp', 'timestamp with time zone'), ['2026-02-28T10:00:00.000000Z'], ['x']],
  [was('time', 'time'), ['10:00:00.000000', '-838:59:59'], ['10']],
  [was('json', 'jsonb'), [{ a: 1 }, 'x'], []],
  [was('binary', 'bytea'), ['QUJD'], ['a b', 1]],
]

test.each(CASES)('$sourceType holds what it held and refuses the rest', (field, fits, misfits) => {
  for (const it of fits) expect(fitsField(it, field), JSON.stringify(it)).toBe(true)
  for (const it of misfits) expect(fitsField(it, field), JSON.stringify(it)).toBe(false)
})

test('NULL fits where the column could be NULL', () => {
  expect(fitsField(null, was('text', 'text'))).toBe(true)
  expect(fitsField(null, was('text', 'text', false))).toBe(false)
})
