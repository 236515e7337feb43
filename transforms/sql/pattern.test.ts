import { expect, test } from 'vitest'
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
  '\\s',
  '\\w+',
  '\\b',
  '.',
  'a|b',
  '(a)',
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
