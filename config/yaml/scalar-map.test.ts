import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMap, isScalar, parseDocument, type Scalar } from 'yaml'
import { createReport } from '../report.ts'
import { lineStarts } from './locate.ts'
import { parseYaml } from './parse.ts'
import { mapScalar, type ScalarToken } from './scalar-map.ts'
import { entryOf, type ScalarNode } from './tree.ts'

/** The scalar behind `key:`, where the library reads the text without a fault. */
function scalarOf(text: string): Scalar.Parsed | undefined {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false, logLevel: 'silent' })
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined
  const value = document.contents.get('key', true)
  return isScalar(value) && typeof value.value === 'string' && value.srcToken
    ? (value as Scalar.Parsed)
    : undefined
}

function parsed(text: string): ScalarNode {
  const report = createReport()
  const { root } = parseYaml({ path: 'a.yaml', text }, report)
  expect(report.problems).toEqual([])
  expect(root?.kind).toBe('map')
  return root?.kind === 'map' ? (entryOf(root, 'key')!.value as ScalarNode) : expect.unreachable()
}

const placeOf = (text: string, needle: string) => {
  const { written } = parsed(text)
  const from = written.text.indexOf(needle)
  expect(from).toBeGreaterThanOrEqual(0)
  const { line, column, length } = written.place(from, from + needle.length)
  return [line, column, length]
}

test('a place in a scalar is where its characters stand, in every style', () => {
  expect(placeOf('key: $lowercase(custmer.email)\n', 'custmer')).toEqual([1, 17, 7])
  expect(placeOf("key: 'it''s $foo'\n", '$foo')).toEqual([1, 13, 4])
  expect(placeOf('key: "a\\u0041\\n\\"b\\" & foo"\n', 'foo')).toEqual([1, 24, 3])
  expect(placeOf('key: |\n  first\n    deeper\n  foo\n', 'foo')).toEqual([4, 3, 3])
  expect(placeOf('key: |2-\n    two\n\n  foo', 'two')).toEqual([2, 5, 3])
  expect(placeOf('key: >-\n  a\n  b\n\n  foo\n', 'foo')).toEqual([5, 3, 3])
  expect(placeOf('key: >+ # why\n\n   a b\n     c foo\n\n', 'foo')).toEqual([4, 8, 3])
  expect(placeOf('key: first &\n  second\n  & foo\n', 'foo')).toEqual([3, 5, 3])
  expect(
    placeOf('other: { key: a.foo, b: 1 }\nkey: { x: 1 }\n'.replace('key: { x: 1 }', 'key: foo'), 'foo'),
  ).toEqual([2, 6, 3])
  expect(placeOf('key: |\r\n  a\r\n  foo\r\n', 'foo')).toEqual([3, 3, 3])
})

test('a place that spans lines ends with its first line', () => {
  const { written } = parsed('key: >-\n  one two\n  three\n')
  expect(written.text).toBe('one two three')
  expect(written.place(4, 13)).toMatchObject({ line: 2, column: 7, length: 3 })
  expect(written.place(0)).toMatchObject({ line: 2, column: 3, length: 7 })
})

test('the place behind the last character is the end of what was written', () => {
  expect(parsed('key: abc\n').written.place(3, 3)).toMatchObject({ line: 1, column: 9, length: 1 })
  expect(parsed('key: "abc"\n').written.place(3, 3)).toMatchObject({ line: 1, column: 10, length: 1 })
})

const piece = fc.constantFrom(
  'a',
  'Z9',
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\r\n',
  '\t',
  "''",
  '\\n',
  '\\"',
  '\\u00e9',
  '\\x41',
  '\\\n',
  '\\ ',
  '😀',
  '&',
  '(',
  'é',
  '\\U0001F600',
  '\\\\',
  ',',
  ':x',
  '#',
)
const body = fc.array(piece, { maxLength: 14 }).map((it) => it.join(''))

/** Indents every line but keeps what the pieces put before it. */
const indented = (text: string, by: string) =>
  text
    .split('\n')
    .map((it) => (it === '' ? it : by + it))
    .join('\n')

const document = fc.oneof(
  body.map((it) => `key: x${indented(it, '  ').trimStart()}\n`),
  body.map((it) => `key: '${indented(it, ' ').trimStart()}'\nb: 1\n`),
  body.map((it) => `key: "${indented(it, ' ')}"\nb: 1\n`),
  fc
    .tuple(
      fc.constantFrom('|', '>'),
      fc.constantFrom('', '-', '+', '2', '2-', '+3'),
      body,
      fc.constantFrom('', '\n', '\n\n', '\n    '),
      fc.boolean(),
    )
    .map(
      ([style, header, text, tail, more]) =>
        `key: ${style}${header}\n${indented(text, '   ')}${tail}${more ? '\nb: 1\n' : ''}`,
    ),
  body.map((it) => `{ b: 1, key: "${it}", c: 'x' }`),
)

test('decoded text equals what the YAML library reads, and every character points at its own spot', () => {
  let compared = 0
  fc.assert(
    fc.property(document, (text) => {
      const scalar = scalarOf(text)
      fc.pre(scalar !== undefined)
      compared += 1
      const mapped = mapScalar(scalar!.srcToken as ScalarToken)
      expect(mapped.text).toBe(scalar!.value)
      expect(mapped.offsets).toHaveLength(mapped.text.length + 1)
      for (let i = 0; i < mapped.text.length; i++) {
        const at = mapped.offsets[i]!
        expect(at).toBeGreaterThanOrEqual(mapped.offsets[i - 1] ?? 0)
        const stands = text[at]
        const folded = /[ \n]/.test(mapped.text[i]!) && (stands === undefined || /[\s\\]/.test(stands))
        expect(stands === mapped.text[i] || stands === '\\' || folded).toBe(true)
      }
    }),
    { numRuns: 1500, verbose: 1 },
  )
  expect(compared).toBeGreaterThan(1000)
})

const words = fc.array(fc.constantFrom('alpha', 'b', '& c', '"q"', "it's", '$f(x)', 'ü', '\\'), {
  minLength: 1,
  maxLength: 6,
})

/** One text of several lines in every style that can hold it. */
function styles(lines: string[]): string[] {
  const block = lines.map((it) => `    ${it}`).join('\n')
  const text = lines.join('\n')
  return [
    `key: |\n${block}\n`,
    `key: |4-\n${block}\n`,
    `key: >\n${lines.map((it) => `    ${it}`).join('\n\n')}\n`,
    `key: "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"\n`,
    `key: '${lines.join('\n\n   ').replaceAll("'", "''")}'\n`,
  ]
}

test('whatever the style, a word of the value is found at the line and column where it was typed', () => {
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 4 }), (lines) => {
      const texts = lines.map((it, index) => `m${index} ${it.join(' ')}`)
      for (const file of styles(texts)) {
        const { written } = parsed(file)
        const starts = lineStarts(file)
        for (const mark of texts.map((_, index) => `m${index}`)) {
          const { line, column, length } = written.place(
            written.text.indexOf(mark),
            written.text.indexOf(mark) + 2,
          )
          expect(file.slice(starts[line - 1]! + column - 1).startsWith(mark)).toBe(true)
          expect(length).toBe(2)
        }
      }
    }),
    { numRuns: 200, verbose: 1 },
  )
})
