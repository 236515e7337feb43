import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ColumnType } from '../../core/unified.ts'
import type { Json, Value } from '../../core/value.ts'
import type { HeldLookup } from '../plan/copy-lookups.ts'
import { heldRows } from './held.ts'
import type { LookupTable } from './table.ts'

const held = (type: ColumnType, key: HeldLookup['key'] = 'integer'): HeldLookup => ({
  name: 'group',
  key,
  fields: ['value'],
  layout: {
    table: 'polder_lookup_0',
    relation: 'polder_lookup_0',
    key: { name: 'key', type: { kind: 'integer' }, stored: { kind: 'text' } },
    columns: [
      {
        facts: {
          name: 'value_0',
          stored: { kind: 'integer', max: '9223372036854775808' },
          sourceType: '',
          nullable: true,
          ascii: 'unknown',
          nul: false,
        },
        type,
      },
    ],
  },
})

const table = (rows: [string, Json][]) => ({ name: 'group', rows: new Map(rows) }) as unknown as LookupTable

const of = (value: Value, type: ColumnType) =>
  heldRows([held(type)], [table([['1', value === null ? {} : { value }]])])?.[0]?.slice(0, 1)[1]?.[0]

const DECIMAL = { kind: 'decimal', precision: 9, scale: 3 } as const

test.each<[Value, ColumnType, Value]>([
  ['x', { kind: 'text' }, 'x'],
  [null, { kind: 'text' }, null],
  [1.5, DECIMAL, '1.500'],
  ['-0.125', DECIMAL, '-0.125'],
  [-999999.999, DECIMAL, '-999999.999'],
  [1e-3, DECIMAL, '0.001'],
  [7, { ...DECIMAL, scale: 0 }, '7'],
  ['-9223372036854775808', { kind: 'integer' }, '-9223372036854775808'],
  [0.1, { kind: 'double' }, 0.1],
  [false, { kind: 'boolean' }, false],
  ['1000-01-01', { kind: 'date' }, '1000-01-01'],
  ['2026-01-01T00:00:00.000000Z', { kind: 'timestamp' }, '2026-01-01T00:00:00.000000Z'],
])('%j is held as %j', (value, type, wanted) => expect(of(value, type)).toBe(wanted))

test.each<[Value, ColumnType]>([
  ['half\0cut', { kind: 'text' }],
  [{ a: 1 }, { kind: 'text' }],
  [1.2345, DECIMAL],
  [1234567, DECIMAL],
  ['NaN', DECIMAL],
  ['18446744073709551615', { kind: 'integer' }],
  [1.5, { kind: 'integer' }],
  ['NaN', { kind: 'double' }],
  [1, { kind: 'boolean' }],
  ['0999-12-31', { kind: 'date' }],
  ['2026-02-30 BC', { kind: 'date' }],
  ['infinity', { kind: 'timestamp' }],
  ['0044-03-15T00:00:00.000000Z', { kind: 'timestamp' }],
])('%j cannot be held as %j, so that the dataset is streamed', (value, type) => {
  expect(heldRows([held(type)], [table([['1', { value }]])])).toBeUndefined()
})

test('keys are numbers, or hashes of their text; one that SQL could not tell from another is not held', () => {
  const keyOf = (key: string, as: HeldLookup['key']) =>
    heldRows([held({ kind: 'text' }, as)], [table([[key, {}]])])?.[0]?.slice(0, 1)[0]?.[0]
  expect(keyOf('-5', 'integer')).toBe('-5')
  expect(keyOf('a|é', 'hash')).toBe(createHash('sha256').update('a|é').digest('hex'))
  expect(keyOf('a\0', 'hash')).toBeUndefined()
  expect(keyOf('9'.repeat(401), 'hash')).toBeUndefined()
})
