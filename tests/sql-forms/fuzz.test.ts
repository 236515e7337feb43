import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../core/value.ts'
import {
  type Case,
  COLUMN_NAMES,
  differences,
  inHostileSession,
  inJavaScript,
  inSql,
  type Outcome,
  type Said,
  said,
} from './compare.ts'
import { deliveredColumns, type EngineName, openEngines, type TestEngine } from './engines.ts'
import { expressions } from './grammar.ts'
import { COLUMNS } from './pools.ts'

/** Expressions of one run; a long run takes thousands: SQL_FORMS_RUNS=5000. */
const RUNS = Number(process.env['SQL_FORMS_RUNS'] ?? 150)
const SEED = Number(process.env['SQL_FORMS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROWS = 200
const PER_STATEMENT = 5
/** So many statements run once more in a session with hostile settings: one in three. */
const HOSTILE_EVERY = 3
/** Shares of the generated expressions, a little below what is reached. */
const LEAST: Record<EngineName, number> = { postgres: 0.76, duckdb: 0.76, mysql: 0.76 }

let engines: TestEngine[]
let data: Value[][]

beforeAll(async () => {
  const row = fc.tuple(
    ...COLUMNS.map((it) => fc.constantFrom(...(it.name === 'id' ? it.pool.slice(0, -1) : it.pool))),
  )
  const rows = fc.sample(row, { numRuns: ROWS, seed: SEED }) as (string | null)[][]
  engines = await openEngines(COLUMNS, rows)
  data = deliveredColumns(COLUMNS, rows)
})

afterAll(async () => {
  for (const it of engines ?? []) await it.close()
})

interface Tried {
  it: Case
  outcomes: Outcome[]
}

const byType = fc
  .constantFrom(
    ...COLUMN_NAMES.map((column): [string, 'text' | 'number' | 'boolean' | 'time' | 'json'] => [
      column,
      column === 'boolean'
        ? 'boolean'
        : ['text', 'short', 'id'].includes(column)
          ? 'text'
          : ['date', 'timestamp'].includes(column)
            ? 'time'
            : column === 'json'
              ? 'json'
              : 'number',
    ]),
  )
  .chain(([column, kind]) =>
    fc
      .oneof({ weight: 5, arbitrary: expressions[kind] }, { weight: 1, arbitrary: expressions.any })
      .map((expression) => ({ expression, column })),
  )

test(`expressions give in SQL what they give in JavaScript (seed ${SEED})`, async () => {
  const cases = fc.sample(byType, { numRuns: RUNS, seed: SEED })
  const shares = new Map<EngineName, Record<string, number>>()
  const found: string[] = []
  for (let at = 0; at < cases.length; at += PER_STATEMENT) {
    const tried: Tried[] = []
    for (const it of cases.slice(at, at + PER_STATEMENT)) {
      const outcomes = await inJavaScript(it, COLUMNS, data)
      if (outcomes) tried.push({ it, outcomes })
    }
    const hostile = (at / PER_STATEMENT) % HOSTILE_EVERY === 0
    for (const engine of engines) found.push(...(await tryAll(tried, engine, shares, hostile)))
  }
  for (const [name, share] of shares)
    console.log(name, JSON.stringify(share), `rows held ${average(held.get(name)!).toFixed(3)}`)
  expect(found.slice(0, 10).join('\n\n')).toBe('')
  for (const [name, share] of shares) {
    const { all = 1, exact = 0, guarded = 0 } = share
    expect((exact + guarded) / all, name).toBeGreaterThan(LEAST[name])
  }
}, 3_600_000)

async function tryAll(
  tried: Tried[],
  engine: TestEngine,
  shares: Map<EngineName, Record<string, number>>,
  hostile: boolean,
): Promise<string[]> {
  const share = shares.get(engine.name) ?? {}
  shares.set(engine.name, share)
  const live: (Tried & { said: Said })[] = []
  for (const one of tried) {
    const it = said(one.it, COLUMNS, engine)
    const verdict = it.value === undefined ? 'not' : it.verdict.verdict
    share[verdict] = (share[verdict] ?? 0) + 1
    share['all'] = (share['all'] ?? 0) + 1
    if (it.value !== undefined && verdict !== 'close') live.push({ ...one, said: it })
    if (it.verdict.verdict !== 'not' && it.verdict.canRaise) return [`${one.it.expression}: may raise`]
    if (process.env['SQL_FORMS_WHY'] && verdict === 'not')
      console.log(engine.name, one.it.column, one.it.expression, '--', it.because)
  }
  if (live.length === 0) return []
  const independent = live.filter((it) => it.said.sessionIndependent)
  const calm = await judge(live, engine, inSql)
  return hostile && independent.length > 0
    ? [...calm, ...(await judge(independent, engine, inHostileSession))]
    : calm
}

/** All in one statement; where it fails or differs, each by itself. */
async function judge(
  live: (Tried & { said: Said })[],
  engine: TestEngine,
  run: typeof inSql,
): Promise<string[]> {
  try {
    const answers = await run(live, engine)
    for (const rows of answers) count(engine.name, rows.filter((it) => it.holds).length / rows.length)
    return live.flatMap((one, i) => {
      const wrong = differences(one.outcomes, answers[i]!)
      return wrong.length === 0 ? [] : [describe(one, engine, wrong)]
    })
  } catch (cause) {
    if (live.length > 1) {
      const each: string[] = []
      for (const it of live) each.push(...(await judge([it], engine, run)))
      return each
    }
    return [describe(live[0]!, engine, [String(cause)])]
  }
}

/** Share of rows on which the guards held: a guard that never holds would prove nothing. */
const held = new Map<EngineName, number[]>()
const count = (name: EngineName, share: number): void =>
  void held.set(name, [...(held.get(name) ?? []), share])
const average = (of: number[]): number => of.reduce((sum, it) => sum + it, 0) / of.length

function describe(
  { it, said: { verdict, guard, value } }: Tried & { said: Said },
  engine: TestEngine,
  wrong: string[],
): string {
  const rows = wrong.slice(0, 3).map((line) => {
    const row = Number(/^row (\d+)/.exec(line)?.[1] ?? -1)
    const values =
      row < 0
        ? ''
        : COLUMNS.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(it.expression))
            .map(
              ({ name }) =>
                `${name}=${JSON.stringify(data[COLUMNS.findIndex((c) => c.name === name)]![row])}`,
            )
            .join(' ')
    return `${line}   ${values}`
  })
  return [
    `${engine.name} ${verdict.verdict} ${it.column} <- ${it.expression}`,
    ...rows,
    `  ${value}`,
    `  guard ${guard}`,
  ].join('\n')
}
