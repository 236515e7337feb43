import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SafeRegex } from './index.ts'

/** Every match, by either engine. */
function matches(
  regex: { lastIndex: number; exec(text: string): RegExpExecArray | null },
  text: string,
): unknown[] {
  const found: unknown[] = []
  regex.lastIndex = 0
  for (let it = regex.exec(text); it !== null; it = regex.exec(text)) {
    found.push([it.index, ...it])
    if (it[0] === '' || regex.lastIndex >= text.length) break
  }
  return found
}

const atom = fc.constantFrom(
  'a',
  'b',
  '[a-c]',
  '[^a\\d]',
  '\\s',
  '\\S',
  '\\w',
  '\\W',
  '\\d',
  '\\D',
  '.',
  '\\b',
  '\\.',
  '[\\s-]',
  'é',
  '\\u00e9',
  '-',
  '\\/',
  '(a)',
  '(?:ab)',
  '(a|b)',
)
const quantifier = fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '{2}', '{1,2}', '{0,}')
const source = fc
  .array(fc.tuple(atom, quantifier), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map(([a, q]) => (a === '\\b' ? a : a + q)).join(''))
const piece = fc.constantFrom(
  'a',
  'b',
  'ab',
  'c',
  '1',
  ' ',
  '\n',
  '\u00a0',
  '\u2028',
  '\ufeff',
  'é',
  '.',
  '-',
  '/',
  '_',
)
const text = fc.array(piece, { maxLength: 12 }).map((it) => it.join(''))

test('both engines find the same', () => {
  fc.assert(
    fc.property(source, text, fc.boolean(), (pattern, short, ends) => {
      const full = ends ? `^${pattern}$` : pattern
      const native = new RegExp(full, 'g')
      // The repeated prefix makes the text long enough for the linear engine.
      expect(matches(new SafeRegex(native), short)).toEqual(matches(new RegExp(full, 'g'), short))
      const linear = new SafeRegex(new RegExp(`(?:(?:x|x)*){0}(?:${full})`, 'g'))
      expect(matches(linear, short)).toEqual(matches(new RegExp(full, 'g'), short))
    }),
    { numRuns: 2000 },
  )
})

test('all matches replaced at once are those that are found one by one', () => {
  let quick = 0
  fc.assert(
    fc.property(source, text, fc.constantFrom('', '-', 'ab'), (pattern, subject, into) => {
      const regex = new SafeRegex(new RegExp(pattern, 'g'))
      const at = regex.replaced(subject, into)
      if (at === undefined) return
      quick += 1
      const found = matches(regex, subject) as [number, string][]
      let slow = ''
      let from = 0
      for (const [index, match] of found) {
        expect(match).not.toBe('')
        slow += subject.slice(from, index) + into
        from = index + match.length
      }
      expect(at).toBe(slow + subject.slice(from))
    }),
    { numRuns: 2000 },
  )
  expect(quick).toBeGreaterThan(300)
})

test('a pattern that may match nothing is not replaced at once', () => {
  for (const it of [/a*/g, /a?|b/g, /(?:)/g, /\b/g])
    expect(new SafeRegex(it).replaced('ab', '-')).toBeUndefined()
  expect(new SafeRegex(/a+/g).replaced('a'.repeat(10_000), '-')).toBeUndefined()
})
