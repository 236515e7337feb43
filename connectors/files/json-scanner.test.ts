import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonScanner, type JsonValue, NoJson } from './json-scanner.ts'

function scan(text: string, cuts: number[] = [], maxLength = 1000): JsonValue[] {
  const scanner = new JsonScanner(maxLength)
  const ends = [...new Set(cuts.map((it) => it % (text.length + 1)))].sort((a, b) => a - b)
  const chunks = [0, ...ends].map((from, i) => text.slice(from, ends[i] ?? text.length))
  return [...chunks.flatMap((it) => scanner.push(it)), ...scanner.end()]
}

const cuts = fc.array(fc.nat(), { maxLength: 6 })
const blanks = fc.constantFrom('', ' ', '\n', '\r\n\t')

test('the items of any list are found, wherever the chunks end and blanks stand', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue()),
      blanks,
      fc.constantFrom(undefined, 2),
      cuts,
      (values, blank, indent, at) => {
        const items = values.map((it) => `${blank}${JSON.stringify(it, null, indent)}${blank}`)
        const text = `${blank}[${items.join(',')}${blank}]${blank}`
        expect(scan(text, at, 100_000).map((it) => JSON.parse(it.text))).toEqual(
          values.map((it) => JSON.parse(JSON.stringify(it))),
        )
      },
    ),
  )
})

test('objects one after the other need no list', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(
      fc.array(object, { minLength: 1 }),
      fc.constantFrom('', '\n', ' '),
      cuts,
      (values, between, at) => {
        const text = values.map((it) => JSON.stringify(it)).join(between)
        expect(scan(text, at, 100_000).map((it) => JSON.parse(it.text))).toEqual(
          values.map((it) => JSON.parse(JSON.stringify(it))),
        )
      },
    ),
  )
})

test('an item tells the line that it begins on', () => {
  expect(scan('\n[{"a":\n1},\n\n2]').map((it) => it.line)).toEqual([2, 5])
})

test('of an item too large only the beginning is kept, and the next one is whole', () => {
  const [large, next] = scan(`[{"a":"${'x'.repeat(50)}"},{"b":1}]`, [5, 20, 30], 10)
  expect(large).toMatchObject({ tooLarge: true })
  expect(large!.text.length).toBeLessThan(40)
  expect(next).toEqual({ line: 1, text: '{"b":1}' })
})

test.each([
  ['', 'is empty'],
  [' \n', 'is empty'],
  ['[', 'ends before'],
  ['[{"a":1}', 'ends before'],
  ['[{"a":1},', 'ends before'],
  ['[{"a":"]}', 'ends before'],
  ['{"a":1', 'ends before'],
  ['[{"a":1} {"b":2}]', 'comma is missing'],
  ['[{"a":1},]', 'value is missing'],
  ['[,{"a":1}]', 'value is missing'],
  ['[] x', 'follows the end'],
  ['[][]', 'follows the end'],
  ['{"a":1},{"b":2}', 'value is missing'],
])('%j is no list of values', (text, problem) => {
  expect(() => scan(text)).toThrow(NoJson)
  expect(() => scan(text)).toThrow(problem)
})
