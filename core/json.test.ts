import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, parseJson } from './json.ts'
import type { Json } from './value.ts'

test('long numbers become text, at every depth; short ones stay numbers', () => {
  expect(parseJson('{"a":[12345678901234567890,1.5,{"b":0.12345678901234567}],"c":1e5}')).toEqual({
    a: ['12345678901234567890', 1.5, { b: '0.12345678901234567' }],
    c: 100000,
  })
  expect(parseJson('[1e400, 1e9999]')).toEqual(['1e400', '1e9999'])
  expect(parseJson('"12345678901234567890e5"')).toBe('12345678901234567890e5')
})

test('both roads of the parser agree on what is not about numbers', () => {
  const long = ',"n":12345678901234567890}'
  for (const text of [
    '{"a":1,"a":2',
    '{"__proto__":{"x":1}',
    '{"\\u00e9":"\\ud83d\\ude00\\n"',
    '{"constructor":null',
  ]) {
    const quick = parseJson(`${text}}`) as Record<string, Json>
    const exact = parseJson(text + long) as Record<string, Json>
    expect(JSON.stringify(exact)).toBe(`${JSON.stringify(quick).slice(0, -1)},"n":"12345678901234567890"}`)
  }
  expect(Object.getPrototypeOf(parseJson(`{"__proto__":{"x":1}${long}`))).toBe(Object.prototype)
})

test.each(['', '{', '[1,]', '{"a":12345678901234567890', '01234567890123456789', 'nul'])(
  '%s is no JSON',
  (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  },
)

test('nesting is no matter of the parser: any depth keeps its long numbers, and what is no JSON stays none', () => {
  const deep = (inner: string) => `${'['.repeat(100_000)}${inner}${']'.repeat(100_000)}`
  let value = parseJson(deep('12345678901234567890, -1e2, "\\"12345678901234567890", 0.5'))
  for (let level = 1; level < 100_000; level++) value = (value as Json[])[0]!
  expect(value).toEqual(['12345678901234567890', -100, '"12345678901234567890', 0.5])
  expect(() => parseJson(deep('012345678901234567890'))).toThrow(SyntaxError)
})

test('canonical text has sorted names, no blanks and no undefined entries', () => {
  expect(canonicalJson({ b: 1, a: [true, null, 'x'], '': { z: -0 } })).toBe(
    '{"":{"z":0},"a":[true,null,"x"],"b":1}',
  )
  expect(canonicalJson({ '\u{1F600}': 1, '\uFF5E': 2, a: undefined as unknown as Json })).toBe(
    '{"\u{1F600}":1,"\uFF5E":2}',
  )
})

const json = fc.jsonValue() as fc.Arbitrary<Json>

test('equal values have equal canonical text, whatever the order of their names', () => {
  const turned = (value: Json): Json => {
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(turned)
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, it]) => [name, turned(it)]),
    )
  }
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value)
      expect(canonicalJson(turned(value))).toBe(text)
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test('parsing loses no value', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value)
      const exact = JSON.stringify(parseJson(text)).replaceAll(/"(-?\d[\d.]*)"/g, '$1')
      fc.pre(!/"-?\d/.test(text))
      expect(numbersOf(JSON.parse(exact))).toEqual(numbersOf(JSON.parse(text)))
    }),
  )
})

function numbersOf(value: Json): number[] {
  if (typeof value === 'number') return [value === 0 ? 0 : value]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(numbersOf) : []
}

test('digits inside strings do not hide a long number behind them', () => {
  const text = '{"a\\\\":"\\"1e5\\\\\\\\","n":12345678901234567890,"b":"12345678901234567890\\""}'
  expect(parseJson(text)).toEqual({
    'a\\': '"1e5\\\\',
    n: '12345678901234567890',
    b: '12345678901234567890"',
  })
  expect(parseJson('{"uuid":"0e1e2e3e4e5e","n":1}')).toEqual({ uuid: '0e1e2e3e4e5e', n: 1 })
})
