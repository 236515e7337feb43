import { expect, test } from 'vitest'
import { partName } from './parts.ts'

test('a part is named after its table, pipeline and dataset', () => {
  expect(partName('party', { pipeline: 'shop', name: 'customers' }, 63)).toBe('party__shop__customers')
})

test('characters that need quoting become underscores', () => {
  expect(partName('party', { pipeline: 'Web-shop', name: 'a"b' }, 63)).toBe('party__web_shop__a_b')
})

test('long names are cut and stay apart by a hash', () => {
  const one = partName('party', { pipeline: 'p', name: `${'x'.repeat(80)}1` }, 63)
  const two = partName('party', { pipeline: 'p', name: `${'x'.repeat(80)}2` }, 63)
  expect(one).toHaveLength(63)
  expect(one).not.toBe(two)
})
