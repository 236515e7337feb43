import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { main } from '../main.ts'
import { type Envelope, output, type ResultOf } from '../output-schema.ts'
import { capturedIo } from '../testing/io.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'polder-eval-'))
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text)
  file('row.json', '\uFEFF{"lines": [{"qty": 2, "price": 1.5}, {"qty": 1, "price": 3}]}')
  file('rows.jsonl', '{"a": 1}\n\n{"a": "x"}\n{"a": null}\nno JSON\n')
  file('bad.json', '{"secret": ')
  await main(['init', 'shop'], capturedIo({ cwd: folder }))
  const yaml = (text: string) => writeFileSync(join(folder, 'shop', 'pipelines', 'customers.yaml'), text)
  writeFileSync(
    join(folder, 'shop', 'data', 'customers.csv'),
    'customer_id,name,amount,at\n1,Ada,1.5,2024-07-01 12:00:00\n2,,12345678901234567890,\n',
  )
  mkdirSync(join(folder, 'shop', 'transforms'))
  file('shop/transforms/loud.jsonata', 'function($t) { $shout($t) }\n')
  file('shop/transforms/shout.jsonata', 'function($t) {\n  $number($t) > 0 ? $t & "!"\n}\n')
  yaml(`pipeline: customers
connection: exports
datasets:
  customers:
    from: customers.csv
    key: customer_id
    timezone: Europe/Amsterdam
    to: { party: { kind: { is: person }, given_name: no_such_field } }
`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function polder(...argv: string[]) {
  const io = capturedIo({ cwd: folder })
  const exitCode = await main(argv, io)
  return { exitCode, out: io.out(), err: io.err() }
}

/** The answer as data, held against the published schema. */
async function evaluated(...argv: string[]) {
  const { out } = await polder('eval', ...argv, '--json')
  const answer: Envelope = output.parse(JSON.parse(out))
  const result = answer.result as ResultOf<'eval'> | null
  const rows = result?.rows.map(({ outcome, value }) => (outcome === 'value' ? value : outcome))
  return { ...answer, result, rows }
}

const onDataset = (expression: string, ...more: string[]) =>
  evaluated(expression, '--on', 'customers.customers', '--project', 'shop', ...more)

test('the result comes with its type, its fields, its road and its time', async () => {
  const { exitCode, out } = await polder('eval', '$sum(lines[qty > 1].price)', '--on', 'row.json')
  expect(exitCode).toBe(0)
  expect(out).toMatch(
    /^1\.5\n\ntype +a number, or missing\nfields +lines\.price\ndecided by +lines\.qty\nroad +compiled to closures, and to generated code where it runs often\ntime +[\d.]+ µs a row\n$/,
  )
})

test('JSON, a file, lines of a file or nothing is the input, outside any project', async () => {
  expect((await evaluated('1 + 1')).rows).toEqual([2])
  expect((await evaluated('$')).rows).toEqual(['missing'])
  expect((await evaluated('$[1]', '--on', '[5, 6]')).rows).toEqual([6])
  expect((await evaluated('$ & "!"', '--on', '"a"')).rows).toEqual(['a!'])
  expect((await evaluated('$keys($)', '--on', '{"b": 1, "__proto__": 2, "a": null}')).rows).toEqual([
    ['b', '__proto__'],
  ])
  expect((await evaluated('$count(lines)', '--on', 'row.json')).rows).toEqual([2])
  expect((await evaluated('a', '--on', 'rows.jsonl')).rows).toEqual([1])
  expect((await evaluated('a', '--on', 'rows.jsonl', '--rows', '3')).rows).toEqual([1, 'x', 'missing'])
})

test('null is missing and a long number keeps its digits, which nothing may order', async () => {
  const long = '{"n": 12345678901234567890, "m": 9876543210987654321, "x": null}'
  expect((await evaluated('{"n": n, "x": x, "b": x > 1}', '--on', long)).rows).toEqual([
    { n: '12345678901234567890' },
  ])
  const ordered = await evaluated('n < m', '--on', long)
  expect(ordered.rows).toEqual(['failed'])
  expect(ordered.exitCode).toBe(1)
})

test('what fails on a row is told at the token where it failed, with exit code 1', async () => {
  const { exitCode, out } = await polder('eval', '1 + a', '--on', 'rows.jsonl', '--rows', '2')
  expect(exitCode).toBe(1)
  expect(out).toMatch(/^2\n\n<expression>:1:3 {2}error E503/)
  expect(out).toContain('│   ^\n')
  const slow = await evaluated('$number(a) ~> |$|{}|', '--on', '{"a": "x"}')
  expect(slow.problems).toMatchObject([{ code: 'E503', line: 1, column: 1, length: 7 }])
  expect((await evaluated('$sum')).problems).toMatchObject([{ code: 'E504' }])
})

test('an expression for the interpreter says why it goes there', async () => {
  const { rows, result } = await evaluated('a ~> |$|{"x": 1}|', '--on', '{"a": {"b": 1}}')
  expect(rows).toEqual([{ b: 1, x: 1 }])
  expect(result!.road).toEqual({ runs: 'interpreter', because: 'a transform |…|…|' })
  expect(result!.rows[0]!.micros).toBeGreaterThan(0)
})

test('an expression with an error is not run, and a finding does not stop it', async () => {
  const wrong = await evaluated('$lowercas(a)', '--on', '{"a": "x"}')
  expect(wrong).toMatchObject({ exitCode: 2, result: null, problems: [{ code: 'E202', column: 1 }] })
  const typo = await evaluated('nme', '--on', '{"name": "x"}')
  expect(typo).toMatchObject({ exitCode: 0, problems: [{ code: 'E204', severity: 'warning', length: 3 }] })
  const nowhere = await evaluated('$self() & $ref("a", 1)', '--on', '{"a": "x"}')
  expect(nowhere.problems.map((it) => it.code)).toEqual(['E207', 'E207'])
})

test.each([
  ['{bad', '--on is no JSON'],
  ['bad.json', 'bad.json is no JSON'],
  ['none.jsonl', 'ENOENT'],
])('an input that cannot be used is told without its text: %s', async (on, told) => {
  const { exitCode, err } = await polder('eval', 'a', '--on', on)
  expect(exitCode).toBe(2)
  expect(err).toContain('E807')
  expect(err).toContain(told)
  expect(err).not.toContain('secret')
})

test('rows of a dataset have its zone, key and references, whatever its own mapping says', async () => {
  const { rows, result } = await onDataset(
    '{"name": name, "amount": amount, "at": $timestamp(at), "self": $self(), "ref": $ref("customers", customer_id)}',
    '--rows',
    '5',
  )
  const id = (key: number) => `customers:customers:${key}`
  expect(rows).toEqual([
    { name: 'Ada', amount: '1.5', at: '2024-07-01T10:00:00.000000Z', self: id(1), ref: id(1) },
    { amount: '12345678901234567890', self: id(2), ref: id(2) },
  ])
  expect(result).toMatchObject({ dataset: 'customers.customers', type: 'an object' })
  expect((await onDataset('name')).rows).toEqual(['Ada'])
  expect((await onDataset('nme')).problems).toMatchObject([{ code: 'E204', severity: 'error' }])
  expect((await onDataset('$ref("orders", 1)')).problems).toMatchObject([{ code: 'E206' }])
})

test('what runs it is told: nothing but the row, or generated code', async () => {
  const road = async (expression: string) => (await evaluated(expression, '--on', '{"a": 1}')).result!.road
  expect(await road('a')).toEqual({ runs: 'compiled', backEnd: 'direct' })
  expect(await road('a + 1')).toEqual({ runs: 'compiled', backEnd: 'generated' })
})

test('on a dataset the warehouse is asked for its form in SQL, and is not made for that', async () => {
  const path = join(folder, 'shop', 'warehouse.duckdb')
  expect((await onDataset('name')).result!.sql).toMatchObject({ warehouse: 'duckdb', verdict: 'not' })
  expect(existsSync(path)).toBe(false)
  const { out } = await polder('eval', 'name', '--on', 'customers.customers', '--project', 'shop')
  expect(out).toMatch(/^"Ada"\n\n.*\nin duckdb +none: /s)
})

test('functions of the project are called, and a failure in one points into the files of transforms/', async () => {
  const good = await onDataset('$loud(1)')
  expect(good).toMatchObject({ rows: ['1!'], problems: [], result: { expression: '$loud(1)' } })
  const bad = await onDataset('$loud(name)')
  expect(bad.exitCode).toBe(1)
  expect(bad.problems).toMatchObject([
    { code: 'E503', file: expect.stringMatching(/^transforms\/(loud|shout)\.jsonata$/) },
  ])
})
