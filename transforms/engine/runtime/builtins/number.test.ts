import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stockFunctions } from '../stock.ts'
import { round } from './number.ts'

const stock = stockFunctions.get('round')!.implementation as (value: number, places?: number) => number

test('numbers near and far from the middle are rounded as JSONata rounds them', () => {
  const near = fc
    .tuple(
      fc.integer({ min: -2_000_000, max: 2_000_000 }),
      fc.constantFrom(5, 50, 500, 5000),
      fc.integer({ min: -3, max: 3 }),
    )
    .map(([whole, half, off]) => whole / 100 + half / 100_000 + off * Number.EPSILON * whole)
  const any = fc.oneof(
    near,
    fc.double(),
    fc.double({ min: -1e7, max: 1e7 }),
    fc.integer().map((it) => it / 1000),
  )
  const places = fc.constantFrom<(number | undefined)[]>(undefined, 0, 1, 2, 3, 4, 8, 15, 16, 20, -2, 1.5)
  fc.assert(
    fc.property(any, places, (value, precision) => {
      const state = undefined as never
      expect(round(state, value, precision)).toEqual(stock(value, precision))
    }),
    {
      numRuns: 20_000,
      examples: [
        [1.005, 2],
        [2.5, 0],
        [0.125, 2],
        [-0.001, 2],
        [1e-7, 6],
        [12345.675, 2],
      ],
    },
  )
})
