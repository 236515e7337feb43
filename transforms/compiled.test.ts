import { expect, test } from 'vitest'
import { type CompiledRun, compiledRun } from './compiled.ts'
import { parse } from './parse.ts'
import { newRuntime, startBatch, startRow } from './runtime.ts'
import { mapRows, rowsOf, type Short } from './testing/mapping.ts'

const reasons = async (short: Short, row: Record<string, never | string | number>) =>
  (await mapRows(short, [{ id: 1, ...row }])).rejects.map((it) => it.reason)

test('an expression over columns gives its value at once, without nulls and without a copy', () => {
  const runtime = newRuntime('')
  const lines = [{ n: 1 }, { n: 2 }]
  const { run } = compiledRun(
    parse('{ "sum": $sum(lines.n), "lines": lines, "all": tags, "row": $row.name & $$.name }').ast,
    {
      runtime,
      start: 'row',
      functions: {},
    },
  ) as CompiledRun
  const fields = ['name', 'lines', 'tags'].map((name) => ({
    name,
    type: 'json' as const,
    sourceType: '',
    nullable: true,
  }))
  startBatch(runtime, { fields }, [['a'], [lines], [[null, { x: null, y: 1 }]]])
  runtime.wanted = 'all'
  startRow(runtime, 0)
  const value = run() as { lines: unknown }
  expect(value).toEqual({ sum: 3, lines: [{ n: 1 }, { n: 2 }], all: [{ y: 1 }], row: 'aa' })
  expect(value.lines).toBe(lines)
})

test('what only the interpreter can do is still done, beside compiled columns', async () => {
  const short: Short = {
    to: {
      party: { given_name: '$string(($ ~> |o|{"x": 2}|).o.x)', full_name: '$uppercase(a) & $string(o.x)' },
    },
  }
  const mapped = await mapRows(short, [{ id: 1, a: 'b', o: { x: 1 } }])
  expect(rowsOf(mapped, 'party')).toEqual([{ id: 'shop:customers:1', given_name: '2', full_name: 'B1' }])
})

test('a failure names place and code as the interpreter does', async () => {
  expect(await reasons({ to: { party: { employees: '1 + (n * 2)' } } }, { n: 'x' })).toEqual([
    'the expression failed at character 8 "*": the left side is no number (T2001)',
  ])
  expect(await reasons({ to: { party: { given_name: '$uppercase(n)' } } }, { n: 1 })).toEqual([
    'the expression failed at character 11 "uppercase": an argument has the wrong type (T0410)',
  ])
})

test('a text that grows without end rejects its row', async () => {
  const bomb = '( $f := function($s){ $f($s & $s) }; $f(n) )'
  expect(await reasons({ to: { party: { given_name: bomb } } }, { n: 'x' })).toEqual([
    expect.stringContaining('a text is longer than 10000000 characters (P1001)'),
  ])
})

test('a chance is not taken twice', async () => {
  const short: Short = { to: { party: { employees: '( $random(); n * 2 )' } } }
  expect(await reasons(short, { n: 'x' })).toEqual([
    'the expression failed at character 16 "*": the left side is no number (T2001)',
  ])
})
