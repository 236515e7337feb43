import { expect, test } from 'vitest'
import type { Problem } from '../core/errors.ts'
import { renderProblems } from './render.ts'
import { checkFiles, pipelineTo } from './testing/project.ts'

const plain = { color: false }

const problemIn = (
  text: string,
  line: number,
  column: number,
  length: number,
  problem = 'Here.',
): Problem => ({
  code: 'E152',
  severity: 'error',
  at: { file: { path: 'pipelines/a.yaml', text }, line, column, length },
  problem,
  remedy: 'Do this.',
})

test('a finding shows its place, its lines with a caret, and the next step', () => {
  const { problems } = checkFiles({
    'pipelines/shop.yaml': pipelineTo('party:\n  kind: { is: person }\n  givenname: a\n  status: s'),
  })
  expect(renderProblems(problems, plain)).toBe(`pipelines/shop.yaml:9:9  error E152  unknown column

   7 │       party:
   8 │         kind: { is: person }
   9 │         givenname: a
     │         ^^^^^^^^^ The table party has no column "givenname".
  10 │         status: s

  help: Did you mean "given_name"?
  note: What has no column can be kept: attributes: { givenname: … }
  more: polder explain E152
`)
})

test('a line to paste stands below its help', () => {
  const { problems } = checkFiles({
    'pipelines/shop.yaml': pipelineTo('party:\n  kind: { is: person }\n  given_name: "Mr " & n'),
  })
  expect(
    renderProblems(problems, { ...plain, context: 0 }),
  ).toBe(`pipelines/shop.yaml:9:27  error E171  YAML cut the expression

   9 │         given_name: "Mr " & n
     │                           ^ YAML cannot read the expression on this line without quotes.

  help: Write it in quotes:

          given_name: '"Mr " & n'

  more: polder explain E171
`)
})

test('a finding without a place says what it is', () => {
  const { problems } = checkFiles({ 'pipelines/shop.yaml': null })
  expect(renderProblems(problems, plain)).toBe(`error E109  nothing to check

  There is no pipeline here: the folder pipelines/ is missing or holds no YAML file.

  help: Go to the folder of polder.yaml, or create a project: polder init
  more: polder explain E109
`)
})

const rowsOf = (text: string) => text.split('\n').filter((it) => it.includes('│'))

test('the caret stands under wide characters and tabs', () => {
  expect(rowsOf(renderProblems([problemIn('日本\t😀é x', 1, 8, 1)], plain))).toEqual([
    '   1 │ 日本 😀é x',
    '     │          ^ Here.',
  ])
})

test('a long line is cut around the caret', () => {
  const [line, caret] = rowsOf(
    renderProblems([problemIn(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 1, 501, 1)], plain),
  )
  expect(line!.length).toBeLessThan(140)
  expect(line!.slice(caret!.indexOf('^'), caret!.indexOf('^') + 1)).toBe('X')
})

test('control characters do not reach the terminal', () => {
  const text = renderProblems([problemIn('a: \u001b[31mred\u202e\r', 1, 4, 3)], plain)
  expect(text).not.toMatch(/[\u202e\r]/)
  expect(text).not.toContain(String.fromCharCode(27))
})

test('a spot behind the end of its line still has a caret', () => {
  expect(rowsOf(renderProblems([problemIn('ab\n', 1, 3, 7)], plain))[1]).toBe('     │   ^ Here.')
  expect(rowsOf(renderProblems([problemIn('', 1, 1, 1)], plain))).toEqual([])
})

test('findings come in the order of files and lines, coloured on demand', () => {
  const text = 'a\nb\nc\n'
  const rendered = renderProblems([problemIn(text, 3, 1, 1), problemIn(text, 1, 1, 1)], { color: true })
  expect(rendered.indexOf('a.yaml:1:1')).toBeLessThan(rendered.indexOf('a.yaml:3:1'))
  expect(rendered).toContain('\u001b[31merror E152\u001b[39m')
})
