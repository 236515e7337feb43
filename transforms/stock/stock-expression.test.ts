import { describe, expect, test } from 'vitest'
import { Misfit } from '../misfit.ts'
import type { StockSpec } from './protocol.ts'
import { stockExpression, TIMEOUT_MS } from './stock-expression.ts'

const spec = (text: string): StockSpec => ({
  text,
  scale: 2,
  dataset: { pipeline: 'shop', name: 'orders', targets: [{ as: 'email', each: false }] },
  refs: { 'shop.customers': { keyTypes: ['integer'], as: [] } },
})

const evaluate = async (text: string, input: unknown, longs: string[] = []): Promise<unknown> =>
  (await stockExpression(spec(text))({ input, row: input, self: 'shop:orders:1', longs })).value
const reasonOf = async (text: string, input: unknown, longs: string[] = []): Promise<string> => {
  const cause = await evaluate(text, input, longs).catch((error: unknown) => error)
  expect(cause).toBeInstanceOf(Misfit)
  return (cause as Misfit).reason
}

test('it evaluates what only the interpreter can, with the functions of Polder', async () => {
  const row = {
    id: 7,
    lines: [
      { sku: 'a', qty: 2 },
      { sku: 'b', qty: 3 },
    ],
  }
  expect(await evaluate('lines@$l.{ "sku": $l.sku, "of": $row.id }', row)).toEqual([
    { sku: 'a', of: 7 },
    { sku: 'b', of: 7 },
  ])
  expect(await evaluate('$ ~> | lines | { "x": $ref("customers", $row.id) } |', row)).toMatchObject({
    lines: [{ x: 'shop:customers:7' }, { x: 'shop:customers:7' }],
  })
  expect(await evaluate('[$self("email"), $decimal(0.1 + 0.2)]', row)).toEqual(['shop:orders:1#email', 0.3])
  expect(await evaluate('nothing.here', row)).toBe(undefined)
})

test('an error of the row comes back in words, without its values', async () => {
  expect(await reasonOf('$number(name)', { name: 'Ada Lovelace' })).toBe(
    'the expression failed at character 8 "number": a value cannot be made a number (D3030)',
  )
  expect(await reasonOf('function($x) { $x }', {})).toContain('is a function')
  expect(await reasonOf('a < b', { a: '12345678901234567890', b: '3' }, ['12345678901234567890'])).toContain(
    'orders a number',
  )
})

describe('what would never end is ended, and the next row finds the thread at work:', () => {
  const bombs: [string, string, unknown][] = [
    ['a picture of time without end', '$toMillis(a, b)', { a: '1'.repeat(4_000), b: '[f1]'.repeat(4_000) }],
    ['a loop without end', '( $f := function($x) { $x > 0 ? $f($x) : 0 }; $f(1) )', {}],
    ['recursion without end', '( $f := function($x) { 1 + $f($x + 1) }; $f(1) )', {}],
    ['a text of a thousand million characters', '( $f := function($t) { $f($t & $t) }; $f("xxxxxxxx") )', {}],
  ]
  test.each(bombs)('%s', async (_, text, input) => {
    const began = performance.now()
    await reasonOf(text, input)
    expect(performance.now() - began).toBeLessThan(TIMEOUT_MS + 8_000)
    expect(await evaluate('a + 1', { a: 1 })).toBe(2)
  })
})
