import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../core/value.ts'
import { mappingHash } from '../../transforms/hash.ts'
import { copyQuery } from '../../transforms/sql/copy-query.ts'
import { partQueries } from '../../transforms/sql/part-query.ts'
import { sayMapping } from '../../transforms/sql/say-mapping.ts'
import { type Case, inJavaScript, inSql, mappingOf, type Outcome, said } from './compare.ts'
import { deliveredColumns, openEngines, type TestEngine } from './engines.ts'
import { COLUMNS } from './pools.ts'

const ROWS = 120
/** A power, and a few operations more: far below one part in a billion. */
const LAST_BITS = 1e-13

/** Whose last bits may differ, and nothing before them. */
const CLOSE: Case[] = [
  { expression: '$power(f, 2)', column: 'double' },
  { expression: '$power(m, 3) * f', column: 'double' },
  { expression: '-$power(f, 3) / 7', column: 'double' },
  { expression: '$sqrt($abs($power(i, 5)))', column: 'double' },
  { expression: '$power($power(m, 2), 3)', column: 'double' },
  { expression: 'i > 2 ? $power(m, 2) : f', column: 'double' },
  { expression: '$power(f, 2) ?? 1', column: 'double' },
  { expression: 'm * $power(1 + i / 1000, 3)', column: 'decimal' },
  { expression: '$power(f, 2)', column: 'cents' },
]

/** What would hang on those bits: a branch, a row, a whole number, what is left of two that are nearly equal. */
const DECIDING: Case[] = [
  { expression: '$power(f, 2) > 4', column: 'boolean' },
  { expression: '$power(f, 2) = 4', column: 'boolean' },
  { expression: '$power(f, 2) in [1, 4]', column: 'boolean' },
  { expression: '4 in [$power(f, 2)]', column: 'boolean' },
  { expression: '$power(f, 2) ? "a" : "b"', column: 'text' },
  { expression: '$power(f, 2) and true', column: 'boolean' },
  { expression: '$boolean($power(f, 2))', column: 'boolean' },
  { expression: '$power(f, 2)', column: 'boolean' },
  { expression: '$power(f, 2)', column: 'integer' },
  { expression: '$power(f, 2)', column: 'text' },
  { expression: '$floor($power(f, 2))', column: 'double' },
  { expression: '$ceil($power(f, 2))', column: 'double' },
  { expression: '$round($power(f, 2), 2)', column: 'double' },
  { expression: '$power(f, 2) - 4', column: 'double' },
  { expression: '1 / (4 + $power(f, 3))', column: 'double' },
  { expression: '$power(f, 2) ?: 1', column: 'double' },
  { expression: '$nullif($power(f, 2), 4)', column: 'double' },
  { expression: '$ref("customers", $power(i, 2))', column: 'id' },
]

let engines: TestEngine[]
let data: Value[][]

beforeAll(async () => {
  // Every value of every pool, shifted against its neighbours.
  const rows = Array.from({ length: ROWS }, (_, row) =>
    COLUMNS.map(
      ({ name, pool }, at) => pool[(row + 7 * at) % (name === 'id' ? pool.length - 1 : pool.length)]!,
    ),
  )
  engines = await openEngines(COLUMNS, rows)
  data = deliveredColumns(COLUMNS, rows)
})
afterAll(async () => {
  for (const it of engines ?? []) await it.close()
})

test('a close form differs in the last bits of a double only, and fails on no row', async () => {
  for (const it of CLOSE) {
    const outcomes = (await inJavaScript(it, COLUMNS, data))!
    for (const engine of engines) {
      const form = said(it, COLUMNS, engine)
      expect(form.verdict, it.expression).toMatchObject({ verdict: 'close', canRaise: false })
      const [answers] = await inSql([{ it, said: form }], engine)
      const held = answers!.filter((row) => row.holds)
      expect(held.filter(({ value }) => value !== null).length, it.expression).toBeGreaterThan(ROWS / 10)
      const wrong = answers!.flatMap(({ holds, value }, row) =>
        holds && !isNear(outcomes[row]!, value, it.column)
          ? [`${row}: ${JSON.stringify([outcomes[row], value])}`]
          : [],
      )
      expect(wrong, `${engine.name} ${it.column} <- ${it.expression}`).toEqual([])
    }
  }
})

/** Rounded to a scale, the last bits may turn one unit of the last place. */
function isNear(outcome: Outcome, value: Value, column: string): boolean {
  if (!('value' in outcome)) return false
  if (outcome.value === null || value === null) return outcome.value === value
  const [a, b] = [Number(outcome.value), Number(value)]
  const unit = { decimal: 1e-4, cents: 1e-2 }[column] ?? 0
  return Math.abs(a - b) <= Math.abs(a) * LAST_BITS + unit * 1.001
}

test('nothing is decided on a value whose last bits may differ', () => {
  for (const it of DECIDING)
    for (const engine of engines) expect(said(it, COLUMNS, engine).verdict.verdict, it.expression).toBe('not')
})

test('a mapping with a close form is said only where the dataset takes that, and its guard then holds rows back', () => {
  const mapping = mappingOf({ expression: '$power(f, 2)', column: 'double' }, COLUMNS)
  const columns = engines[0]!.facts
  const exact = sayMapping({ mapping, columns })
  expect([partQueries(exact, 'src'), copyQuery(exact, 'src')]).toEqual([undefined, undefined])
  const close = sayMapping({
    mapping: { ...mapping, dataset: { ...mapping.dataset, doubles: 'close' } },
    columns,
  })
  const parts = partQueries(close, 'src')!
  expect(parts.guards).toContainEqual(expect.objectContaining({ table: 'out', column: 'c_double' }))
  expect(parts.parts.get('out')!.guard).toBeDefined()
  expect(copyQuery(close, 'src')!.guard).toMatchObject({ op: 'and' })
})

test('the word is part of the mapping only where a value can differ by it', () => {
  const hashes = (expression: string) => {
    const mapping = mappingOf({ expression, column: 'double' }, COLUMNS)
    return [mapping, { ...mapping, dataset: { ...mapping.dataset, doubles: 'close' as const } }].map(
      mappingHash,
    )
  }
  const [exact, same] = hashes('f * 2')
  expect(same).toBe(exact)
  const [before, after] = hashes('m * $power(f, 2)')
  expect(after).not.toBe(before)
})
