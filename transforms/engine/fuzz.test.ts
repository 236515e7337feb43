import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import jsonata from 'jsonata'
import { expect, test } from 'vitest'
import type { EngineOptions } from './options.ts'
import { Refused } from './refused.ts'
import { explanationOf } from './testing/explained.ts'
import { expressionText, input } from './testing/grammar.ts'
import { engineExpression, stockExpression } from './testing/stock.ts'

type BackEnd = NonNullable<EngineOptions['backEnd']>

/** Each text runs in the interpreter once and in both back ends. FUZZ_BACK_END=generated: in that one only. */
const BACK_ENDS = [process.env['FUZZ_BACK_END'] ?? ['closures', 'generated']].flat() as BackEnd[]
/** FUZZ_COMPARISONS=1000000 for a long run; FUZZ_SEED repeats one. */
const COMPARISONS = Number(process.env['FUZZ_COMPARISONS'] ?? 50_000)
const INPUTS = 8
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff)

const parses = (text: string): boolean => {
  try {
    jsonata(text)
    return true
  } catch {
    return false
  }
}

/** The input read field by field, as the mapper reads the row of a batch. */
let row: Record<string, unknown> = {}
const root: EngineOptions['root'] = {
  field: (name) => () => (Object.hasOwn(row, name) ? row[name] : undefined),
  whole: () => row,
}
const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// The interpreter makes a stack trace for every error, which takes longer than all the rest.
Error.stackTraceLimit = 0

test(`compiled and interpreted expressions give the same (seed ${SEED})`, async () => {
  const counts = { compared: 0, refused: 0, explained: 0 }
  await fc.assert(
    fc.asyncProperty(
      expressionText,
      fc.array(input, { minLength: INPUTS, maxLength: INPUTS }),
      async (text, inputs) => {
        fc.pre(parses(text))
        const engines = BACK_ENDS.map((backEnd) => engineExpression(text, { backEnd }))
        if (engines.some((it) => it instanceof Refused)) {
          counts.refused += inputs.length
          return
        }
        const readers = BACK_ENDS.map((backEnd) => engineExpression(text, { backEnd, root }))
        const stock = stockExpression(text)
        for (const given of inputs) {
          const before = JSON.stringify(given)
          const [ours, ...others] = engines.map((it) => (it as Exclude<typeof it, Refused>)(given))
          for (const it of others) expect(it).toEqual(ours)
          if (isRow(given)) {
            row = given
            for (const it of readers) if (!(it instanceof Refused)) expect(it(undefined)).toEqual(ours)
          }
          expect(JSON.stringify(given)).toBe(before)
          const copy = JSON.parse(before) as unknown
          const theirs = await stock(copy)
          counts.compared += 1
          const isExplained =
            explanationOf(text, theirs, ours!, JSON.stringify(copy) !== before) !== undefined
          if (isExplained && !isDeepStrictEqual(ours, theirs)) counts.explained += 1
          else expect(ours).toEqual(theirs)
        }
      },
    ),
    { seed: SEED, numRuns: Math.ceil(COMPARISONS / INPUTS), maxSkipsPerRun: 100 },
  )
  process.stderr.write(`fuzz seed ${SEED}: ${JSON.stringify(counts)}\n`)
  expect(counts.compared).toBeGreaterThan(COMPARISONS * 0.6)
  expect(counts.explained).toBeLessThan(COMPARISONS * 0.02)
}, 3_600_000)
