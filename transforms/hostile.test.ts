import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fate } from '../core/mapping.ts'
import type { Row } from '../core/value.ts'
import { mapRows, type Short } from './testing/mapping.ts'

const short: Short = {
  where: 'a or $exists(b)',
  to: {
    party: {
      given_name: 'a',
      full_name: 'a & b.c',
      birth_date: { from: 'b', invalid: 'missing' },
      employees: { from: 'b.c', map: { 1: 2 }, default: 3 },
      registered_at: { from: 'a', zone: 'Europe/Amsterdam', invalid: 'missing' },
      attributes: { all: '$', some: 'b{ "x": $count(c) }' },
    },
    identifier: { each: 'b', key: 'c', type: { is: 'x' }, value: '$row.a' },
    sales_order: { net: '$exists(n) ? $decimal(n * 2) : null', number: '$ref("customers", n)', score: 'n' },
  },
  targets: { 'shop.customers': { keyTypes: ['integer'], as: [] } },
}

const name = fc.constantFrom('c', '__proto__', 'constructor', 'then', 'length', '')
const { any } = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      null,
      0,
      1,
      -0,
      1e21,
      'x',
      '',
      'true',
      '9007199254740993',
      '2024-02-30',
      'a\0b',
      '\ud800',
      true,
    ),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 3 }),
  ),
}))
const row = fc.record({ id: any, a: any, b: any, n: any }) as fc.Arbitrary<Row>

test('whatever a row holds, it has one fate, and stays as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
      const before = structuredClone(rows)
      const mapped = await mapRows(short, rows)
      expect(rows).toEqual(before)
      const rejected = mapped.rejects.map((it) => it.sourceRow)
      const fated = [...mapped.fates].flatMap((fate, at) => (fate === Fate.rejected ? [at] : []))
      expect(rejected).toEqual(fated)
      expect([mapped.keys.length, mapped.versions.length, mapped.fates.length]).toEqual(
        Array(3).fill(rows.length),
      )
      for (const part of mapped.parts) {
        expect(part.columns.map((it) => it.length)).toEqual(part.names.map(() => part.rows))
        expect([...part.sourceRow].every((it) => mapped.fates[it] === Fate.load)).toBe(true)
        expect(
          part.columns.flatMap((it) => Array.from(it)).every((it) => it === null || typeof it !== 'object'),
        ).toBe(true)
      }
    }),
    { numRuns: 100 },
  )
})
