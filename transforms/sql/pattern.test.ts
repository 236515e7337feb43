import { expect, test } from 'vitest'
import type { Pattern } from '../../core/expr.ts'
import { countsTwice, readPattern } from './pattern.ts'

test('classes of ASCII characters with a repetition are read', () => {
  expect(readPattern('^[^0-9+]*x{2,3}$', 'g')).toEqual({
    fromStart: true,
    toEnd: true,
    anyOf: [
      [
        {
          ranges: [
            [48, 57],
            [43, 43],
          ],
          negated: true,
          least: 0,
          most: undefined,
        },
        { ranges: [[120, 120]], negated: false, least: 2, most: 3 },
      ],
    ],
  })
})

test.each([
  ['a|b', false, ['a', 'b']],
  ['^(a|bc)$', true, ['a', 'bc']],
  ['^(?:a|bc)$', true, ['a', 'bc']],
  ['^a$|^bc$', true, ['a', 'bc']],
  ['(a)', false, ['a']],
  ['[|]|\\|', false, ['[|]', '\\|']],
  ['^a\\\\$', true, ['a\\\\']],
])('/%s/ is one of its alternatives', (source, whole, alternatives) => {
  const read = (it: string) => (readPattern(it, '') as Pattern).anyOf[0]
  expect(readPattern(source, '')).toEqual({ fromStart: whole, toEnd: whole, anyOf: alternatives.map(read) })
})

test.each([
  '\\s',
  '\\w+',
  '\\b',
  '.',
  'a|',
  '^a|b',
  '^a|b$',
  'x(a|b)',
  '(a)(b)',
  '((a))',
  '(?:a|(b))',
  'a+?',
  'a**',
  'é',
  '[z-a]',
  '[]',
  'a{999}',
  '(?=a)',
  '\\u0041',
  '',
])('/%s/ is refused, since engines read it differently', (source) => {
  expect(typeof readPattern(source, '')).toBe('string')
})

test('a case-insensitive pattern is refused', () => {
  expect(typeof readPattern('a', 'i')).toBe('string')
})

test.each([
  ['[^a]+', false],
  ['[^a]*[^b]*', false],
  ['[^a]', true],
  ['[^a]{2}', true],
  ['[^a]+[^b]+', true],
])('/%s/ counts a character beyond U+FFFF twice: %s', (source, twice) => {
  const pattern = readPattern(source, '')
  expect(typeof pattern !== 'string' && countsTwice(pattern)).toBe(twice)
})
