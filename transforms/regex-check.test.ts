import { expect, test } from 'vitest'
import { blowsUp } from './regex-check.ts'

test.each([
  '(a+)+$',
  '(a*)*b',
  '^(\\w+\\s?)*$',
  '(\\d+)*x',
  '([a-z]+)+$',
  '(.*,)*x',
  '(a|a)*b',
  '(\\w|\\d)+$',
  '(a|aa)+$',
  '(?:[^,]+)*x',
  '((ab)+)*x',
  '(x+x+)+y',
  '(\\s*)+$',
])('%s can blow up', (pattern) => {
  expect(blowsUp(pattern)).toBeDefined()
})

test.each([
  'abc',
  '^[^@]+@[^@]+$',
  '(\\w+\\s)*',
  '([^,]*,)*',
  '(foo|fob)*',
  '^\\+?[0-9 ()-]+$',
  '(\\d{3})+',
  '(a+b)+',
  '(?:\\d+\\.)*\\d+',
  '\\((a+)\\)',
  '[(a+)+]',
  '(?=(a+))b',
  '^(\\d{4})-(\\d\\d)$',
  '(,[^,]+)*',
  '\\s+$',
])('%s does not', (pattern) => {
  expect(blowsUp(pattern)).toBeUndefined()
})

test('what is said to blow up does, on a text that nearly matches', () => {
  const slow = (pattern: RegExp, text: string) => {
    const began = performance.now()
    pattern.test(text)
    return performance.now() - began
  }
  expect(slow(/^(\w+\s?)*$/, `${'a'.repeat(24)}!`)).toBeGreaterThan(
    10 * slow(/^(\w+\s)*$/, `${'a'.repeat(24)}!`),
  )
})
