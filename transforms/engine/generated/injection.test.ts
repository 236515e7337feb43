import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import jsonata from 'jsonata'
import { expect, test } from 'vitest'
import type { Node } from '../../ast.ts'
import { compileAst, Refused } from '../index.ts'
import { engineExpression, type Outcome } from '../testing/stock.ts'
import { textLiteral } from './source.ts'

const outcome = (text: string, input: unknown): Outcome => {
  const engine = engineExpression(text, { backEnd: 'generated' })
  if (engine instanceof Refused) throw new Error(engine.reason)
  return engine(input)
}

/** What ends a string, a comment, a template, a line or a script, and names that JavaScript knows. */
const hostile = [
  'constructor',
  '__proto__',
  'prototype',
  'hasOwnProperty',
  'getTime',
  'length',
  'arguments',
  'input',
  'frame',
  'k1',
  'v1',
  'a\u2028b',
  'a\u2029b',
  'a\nb\rc',
  '*/alert(1)/*',
  '//alert(1)',
  '</script><script>alert(1)</script>',
  '<!--',
  '${globalThis.hit = 1}',
  'x\\',
  '\\u0022);globalThis.hit=1;("',
  '"+(globalThis.hit=1)+"',
  "'+(globalThis.hit=1)+'",
  '"];globalThis.hit=1;//',
  '\0',
  '\ud800',
  'é😀',
  '',
]

const inQuotes = (text: string): string => JSON.stringify(text)
/** A name of JSONata cannot hold a backtick, and knows no escapes. */
const named = hostile.filter((it) => it !== '' && !it.includes('`'))

test.each(hostile)('the text %j is a text, wherever it stands', (text) => {
  const quoted = inQuotes(text)
  expect(outcome(quoted, {})).toEqual({ value: text })
  expect(outcome(`a = ${quoted} ? "same" : "other"`, { a: text })).toEqual({ value: 'same' })
  expect(outcome(`a & ${quoted} & a`, { a: '-' })).toEqual({ value: `-${text}-` })
  expect(outcome(`$substringAfter(a, ${quoted})`, { a: `1${text}2` })).toEqual({
    value: text === '' ? '12' : '2',
  })
  expect(outcome(`$join(a, ${quoted})`, { a: ['1', '2'] })).toEqual({ value: `1${text}2` })
  expect(outcome(`a[b = ${quoted}][0].c`, { a: [{ b: text, c: 1 }, { b: text }] })).toEqual({ value: 1 })
  expect(outcome(`$count(a[b = ${quoted}])`, { a: [{ b: text }, { b: '~' }] })).toEqual({ value: 1 })
  expect(Object.hasOwn(globalThis, 'hit')).toBe(false)
})

test.each(named)('the name %j is a name, and nothing is read of a prototype', (name) => {
  const own = (value: unknown): unknown => JSON.parse(`{${inQuotes(name)}: ${JSON.stringify(value)}}`)
  const plain = `\`${name}\``
  for (const text of [
    plain,
    `$.${plain}`,
    `($x := $; $x.${plain})`,
    `{${inQuotes(name)}: ${plain}}.${plain}`,
  ])
    expect(outcome(text, own(7))).toEqual({ value: 7 })
  expect(outcome(`a.${plain}.b`, { a: own({ b: 7 }) })).toEqual({ value: 7 })
  expect(outcome(`a.${plain}`, { a: [own(7), own(8)] })).toEqual({ value: [7, 8] })
  expect(outcome(`$sum(a.${plain})`, { a: [own(7), own(8)] })).toEqual({ value: 15 })
  expect(outcome(`a[${plain} = 7].${plain}`, { a: [own(7), own(8)] })).toEqual({ value: 7 })
  for (const text of [plain, `a.${plain}`, `$sum(a.${plain})`, `a[${plain} = 7][0]`, `${plain}.${plain}`])
    expect(outcome(text, { a: [{}, {}] })).toEqual({ value: '(undefined)' })
  expect(outcome(`function($v){ $v.${plain} }(a)`, { a: own(7) })).toEqual({ value: 7 })
  expect(({} as Record<string, unknown>)['b']).toBeUndefined()
  expect(Object.hasOwn(globalThis, 'hit')).toBe(false)
})

test.each(['k1', 'f1', 'v1', 'input', 'frame', 'undefined', 'NaN', 'process', 'globalThis', 'require'])(
  'the variable $%s is a variable of the expression',
  (name) => {
    expect(outcome(`($${name} := 3; $${name} + 1)`, {})).toEqual({ value: 4 })
    expect(outcome(`function($${name}){ $${name} + 1 }(3)`, {})).toEqual({ value: 4 })
    expect(outcome(`$${name}`, {})).toEqual({ value: '(undefined)' })
  },
)

test('a pattern and a signature go in by reference', () => {
  expect(outcome('$replace(a, /[`"\'\\/]|<\\/script>|\\$\\{/, "-")', { a: 'x`"\'/</script>${' })).toEqual({
    value: 'x------',
  })
  expect(outcome('function($a)<s:s>{ $a & "`" }("x")', {})).toEqual({ value: 'x`' })
})

test('a literal holds nothing that ends what it stands in', () => {
  for (const text of hostile) {
    const literal = textLiteral(text)
    expect(literal).not.toMatch(/[\u2028\u2029\n\r<>`$\0]|\*\/|\/\/|^"\\"$/)
    expect(JSON.parse(literal)).toBe(text)
  }
})

const HERE = fileURLToPath(new URL('.', import.meta.url))

test('a process that generates no code runs the closures, with the same result', () => {
  const script = `
    import jsonata from 'jsonata'
    import { compileAst } from '${HERE}../index.ts'
    let generates = true
    try { new Function('return 1') } catch { generates = false }
    const { run } = compileAst(jsonata('{"n": $sum(a.(b * 2))}').ast(), { backEnd: 'generated' })
    console.log(JSON.stringify([generates, run({ a: [{ b: 1 }, { b: 2 }] })]))`
  const args = [
    '--disallow-code-generation-from-strings',
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ]
  const printed = execFileSync(process.execPath, args, { encoding: 'utf8', cwd: HERE })
  expect(JSON.parse(printed)).toEqual([false, { n: 6 }])
})

test('an expression that runs often changes over, and gives the same before and after', () => {
  const { run } = compileAst(jsonata('{"id": id, "sum": $sum(lines.(n * 2))}').ast() as unknown as Node, {
    backEnd: 'both',
  }) as Exclude<ReturnType<typeof compileAst>, Refused>
  for (let id = 0; id < 1000; id++)
    expect(run({ id, lines: [{ n: id }, { n: 1 }] })).toEqual({ id, sum: 2 * id + 2 })
})
