import { expect, test } from 'vitest'
import { looseText } from '../../core/place.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import type { WarehouseFacts } from '../../core/warehouse.ts'
import { partFor, partName } from './parts.ts'

test('a part is named after its table, pipeline and dataset', () => {
  expect(partName('party', { pipeline: 'shop', name: 'customers' }, 63)).toBe('party__shop__customers')
})

test('characters that need quoting become underscores', () => {
  expect(partName('party', { pipeline: 'Web-shop', name: 'a"b' }, 63)).toBe('party__web_shop__a_b')
})

test('fault 31: long names are cut and stay apart by a hash', () => {
  const one = partName('party', { pipeline: 'p', name: `${'x'.repeat(80)}1` }, 63)
  const two = partName('party', { pipeline: 'p', name: `${'x'.repeat(80)}2` }, 63)
  expect(one).toHaveLength(63)
  expect(one).not.toBe(two)
})

test('two datasets that give one part name are an error that names both', () => {
  const facts = { unionPushdown: true, maxNameBytes: 63 } as WarehouseFacts
  const dataset = (pipeline: string, name: string) =>
    ({ pipeline, name, at: looseText('x').place() }) as DatasetSpec
  const first = partFor([], facts, dataset('a', 'b__c'), { table: 'party', key: ['id'], isView: false })
  expect(() =>
    partFor([first], facts, dataset('a__b', 'c'), { table: 'party', key: ['id'], isView: false }),
  ).toThrowError(/E306.*"a__b\.c" and "a\.b__c".*party__a__b__c/)
})
