import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../core/value.ts'
import { differences, inHostileSession, inJavaScript, inSql, said } from './compare.ts'
import { deliveredColumns, openEngines, type TestEngine } from './engines.ts'
import { COLUMNS } from './pools.ts'

/** Every date and time of the pools meets every one of these, not only those that chance picks. */
const CASES: [expression: string, column: string, least: number][] = [
  ['w', 'date', 1],
  ['w', 'timestamp', 0.7],
  ['$date(w)', 'date', 1],
  ['$date(w, "ymd")', 'date', 0.7],
  ['$date(w, "dmy")', 'date', 0.8],
  ['$date(w, "mdy")', 'text', 0.8],
  ['$date(t)', 'text', 1],
  ['$timestamp(w)', 'timestamp', 0.7],
  ['$timestamp(w, "Europe/Amsterdam")', 'text', 0.4],
  ['$timestamp(l)', 'timestamp', 1],
  ['$toMillis(w)', 'double', 0.35],
  ['$toMillis(z)', 'integer', 1],
  ['$fromMillis(b)', 'timestamp', 1],
  ['$fromMillis(b)', 'text', 0.85],
  ['$fromMillis(n)', 'timestamp', 0.15],
  ['$fromMillis(i * 86400000, "[D01]-[M01]-[Y0001] [H01]:[m]:[s01].[f001]")', 'text', 0.8],
  ['$fromMillis($toMillis(w))', 'timestamp', 0.4],
  ['$substring(w, 0, 10) = "2024-02-29" ? $date(w) : d', 'date', 0.9],
]

let engines: TestEngine[]
let data: Value[][]

beforeAll(async () => {
  const rows = Array.from({ length: 70 }, (_, row) =>
    COLUMNS.map(
      ({ name, pool }, at) =>
        pool[(row + (name === 'w' ? 0 : at)) % (name === 'id' ? pool.length - 1 : pool.length)]!,
    ),
  )
  engines = await openEngines(COLUMNS, rows)
  data = deliveredColumns(COLUMNS, rows)
})
afterAll(async () => {
  for (const it of engines ?? []) await it.close()
})

test.each(CASES)(
  '%s in a %s column is the same in SQL, on all of its rows or %d of them',
  async (expression, column, least) => {
    const it = { expression, column }
    const outcomes = (await inJavaScript(it, COLUMNS, data))!
    const good = outcomes.filter((outcome) => 'value' in outcome).length
    for (const engine of engines) {
      const form = said(it, COLUMNS, engine)
      expect(form.verdict, engine.name).toMatchObject({ verdict: 'guarded', canRaise: false })
      expect(form.sessionIndependent).toBe(true)
      for (const run of [inSql, inHostileSession]) {
        const [answers] = await run([{ it, said: form }], engine)
        expect(differences(outcomes, answers!), engine.name).toEqual([])
        expect(answers!.filter((row) => row.holds).length / good, engine.name).toBeGreaterThanOrEqual(least)
      }
    }
  },
)
