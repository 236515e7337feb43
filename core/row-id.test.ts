import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapePart, joinKey, MAX_ID, rowId, shorten, sourceId } from './row-id.ts'

test('an id shows pipeline, dataset and key; what separates them is escaped', () => {
  expect(rowId('shop', 'customers', joinKey(['42']))).toBe('shop:customers:42')
  expect(rowId('shop', 'customers', joinKey(['42']), 'email')).toBe('shop:customers:42#email')
  expect(rowId('shop', 'orders', joinKey(['4', '2']), 'line', '1')).toBe('shop:orders:4|2#line#1')
  expect(rowId('a:b', 'c|d', joinKey(['1#2', '100%']), 'x:y', '#')).toBe('a%3Ab:c%7Cd:1%232|100%25#x%3Ay#%23')
})

test('a long id keeps its head and ends in a hash', () => {
  const id = rowId('shop', 'customers', 'k'.repeat(300))
  expect(id).toHaveLength(MAX_ID)
  expect(id).toMatch(/^shop:customers:k+~[0-9a-f]{32}$/)
  expect(shorten('x'.repeat(MAX_ID))).toBe('x'.repeat(MAX_ID))
})

test('shortening splits no surrogate pair', () => {
  for (const shift of [0, 1]) {
    const id = shorten('x'.repeat(shift) + '\u{1F600}'.repeat(120))
    expect(id).toMatch(/~[0-9a-f]{32}$/)
    expect(/\p{Surrogate}/u.test(id)).toBe(false)
    expect(id.length).toBeLessThanOrEqual(MAX_ID)
  }
})

const part = fc.string({ unit: fc.constantFrom(':', '#', '|', '%', '2', '3', 'A', 'a', '\u00e9') })

test('an escaped part can be read back', () => {
  fc.assert(
    fc.property(part, (text) => {
      expect(escapePart(text)).not.toMatch(/[:#|]/)
      expect(decodeURIComponent(escapePart(text).replaceAll('\u00e9', '%C3%A9'))).toBe(text)
    }),
  )
})

const identity = fc.record({
  pipeline: part,
  dataset: part,
  key: fc.array(part, { minLength: 1, maxLength: 3 }),
  as: fc.option(part, { nil: undefined }),
})

test('different rows have different ids', () => {
  fc.assert(
    fc.property(identity, identity, (a, b) => {
      const id = (it: typeof a) => rowId(it.pipeline, it.dataset, joinKey(it.key), it.as)
      expect(id(a) === id(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      expect(sourceId(a.key) === sourceId(b.key)).toBe(JSON.stringify(a.key) === JSON.stringify(b.key))
    }),
    { numRuns: 2000 },
  )
})
