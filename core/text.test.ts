import { expect, test } from 'vitest'
import { didYouMean, nearest, plural } from './text.ts'

test('the nearest name is proposed, whatever its case', () => {
  expect(nearest('Emial', ['Name', 'Email', 'Phone'])).toBe('Email')
  expect(nearest('custmer_id', ['customer_id', 'order_id'])).toBe('customer_id')
  expect(nearest('EMAIL', ['email'])).toBe('email')
  expect(nearest('lowercas', ['uppercase', 'lowercase'])).toBe('lowercase')
})

test('nothing is proposed that is not near', () => {
  expect(nearest('address', ['name', 'phone'])).toBeUndefined()
  expect(nearest('ab', ['xy'])).toBeUndefined()
  expect(nearest('x', [])).toBeUndefined()
})

test('the question is ready to stand before another sentence', () => {
  expect(`${didYouMean('Emial', ['Email'])}See: docs`).toBe('Did you mean "Email"? See: docs')
  expect(didYouMean('zzz', ['Email'])).toBe('')
})

test('counts are written for people', () => {
  expect([0, 1, 2, 1204].map((it) => plural(it, 'row'))).toEqual(['0 rows', '1 row', '2 rows', '1,204 rows'])
  expect(plural(2, 'entry', 'entries')).toBe('2 entries')
})
