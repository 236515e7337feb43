import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../core/value.ts'
import { differences, inHostileSession, inJavaScript, inSql, said } from './compare.ts'
import { deliveredColumns, openEngines, type TestEngine } from './engines.ts'
import { COLUMNS, type TestColumn } from './pools.ts'

const SEED = Number(process.env['SQL_FORMS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROWS = 200
/** Of the rows, in every case: a guard that never holds would prove nothing. */
const LEAST = 0.05

/** What a member may be, as it is written: numbers keep their digits. */
const SCALARS = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '42',
  '-7.50',
  '0.1',
  '1e3',
  '1e-7',
  '123456789012345',
  '1234567890123456',
  '9007199254740993',
  '12345678901234567890',
  '0.123456789012345678',
  '1e40',
  '5e-324',
  `1${'0'.repeat(320)}`,
  '""',
  '"a"',
  '"A "',
  '"42"',
  '"true"',
  '"2024-02-29"',
  '"2024-06-15T12:34:56Z"',
  '"null"',
  '"\\u00e9\\ud83d\\ude00"',
  '"say \\"hi\\" \\\\ \\n"',
  '"12345678901234567890"',
]
const scalar = fc.constantFrom(...SCALARS)
const name = fc.constantFrom('a', 'b', 'c d', "o'", 'back\\slash', 'length')
/** Mostly of one shape, sometimes of any other; a name may stand twice. */
const json = fc.letrec<{ value: string; object: string }>((tie) => ({
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((them) => `{${them.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`),
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'json' },
    { weight: 6, arbitrary: scalar },
    { weight: 3, arbitrary: tie('object') },
    { weight: 3, arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((them) => `[${them.join(', ')}]`) },
  ),
}))
const cell = fc.oneof(
  { weight: 8, arbitrary: json.object },
  { weight: 1, arbitrary: json.value },
  { weight: 1, arbitrary: fc.constant(null) },
)

const J: TestColumn = { name: 'j', type: 'json', postgres: 'jsonb', duckdb: 'JSON', mysql: 'json', pool: [] }
const WITH = [COLUMNS.find((it) => it.name === 'id')!, J]

const CASES: [expression: string, column: string][] = [
  ['j.a', 'text'],
  ['j.a', 'short'],
  ['j.a', 'id'],
  ['j.a', 'integer'],
  ['j.a', 'decimal'],
  ['j.a', 'cents'],
  ['j.a', 'double'],
  ['j.a', 'boolean'],
  ['j.a', 'date'],
  ['j.a', 'timestamp'],
  ['j.a.b', 'text'],
  ['j.a.b', 'decimal'],
  ['$row.j.b.a', 'text'],
  ['$$.j."c d"', 'text'],
  ['j."o\'"', 'text'],
  ['j."back\\\\slash"', 'integer'],
  ['j.length', 'text'],
  ['$uppercase(j.a) & "/" & j.b', 'text'],
  ['j.a = "a"', 'boolean'],
  ['j.a != "a"', 'boolean'],
  ['j.a = 42', 'boolean'],
  ['true = j.a', 'boolean'],
  ['j.a = j.b', 'boolean'],
  ['j.a in ["a", "42"]', 'boolean'],
  ['j.a > 0.5', 'boolean'],
  ['j.a < "b"', 'boolean'],
  ['j.a * 2 + 1', 'double'],
  ['-j.a', 'double'],
  ['$round(j.a, 2)', 'double'],
  ['$number(j.a)', 'double'],
  ['j.a ? "yes" : "no"', 'text'],
  ['j.a and j.b', 'boolean'],
  ['$not(j.a)', 'boolean'],
  ['$exists(j.a)', 'boolean'],
  ['j.a ?? "none"', 'text'],
  ['$exists(j.a.b) ? j.a.b : j.b', 'text'],
  ['( $x := j.a; $x & $x )', 'text'],
  ['$date(j.a)', 'date'],
  ['{ "a": j.a, "n": j.b }', 'json'],
  ['$hash(j.a)', 'text'],
  ['$ref("customers", j.a)', 'id'],
  ['j.a[0]', 'text'],
  ['j.a[1]', 'integer'],
  ['j[0].a', 'text'],
  ['j.a[0].b', 'text'],
  ['j.b.a[0]', 'decimal'],
  ['$exists(j.a[0])', 'boolean'],
  ['$count(j.a)', 'integer'],
  ['$count(j)', 'integer'],
  ['$count($row.j)', 'integer'],
  ['$count(j.a.b)', 'integer'],
  ['$count(j.a[0])', 'double'],
  ['$count(j.b) > 1 ? j.b[1] : j.b[0]', 'text'],
]

/** A column whole has no list above it. */
const EXACT = ['$count(j)', '$count($row.j)']

let engines: TestEngine[]
let data: Value[][]

beforeAll(async () => {
  const cells = fc.sample(cell, { numRuns: ROWS, seed: SEED })
  const rows = cells.map((it, at): (string | null)[] => [String(at), it])
  engines = await openEngines(WITH, rows)
  data = deliveredColumns(WITH, rows)
})
afterAll(async () => {
  for (const it of engines ?? []) await it.close()
})

test(`a path into jsonb gives in PostgreSQL what it gives in JavaScript, whatever the shape (seed ${SEED})`, async () => {
  const engine = engines.find((it) => it.name === 'postgres')!
  const cases = CASES.map(([expression, column]) => {
    const it = { expression, column }
    return { it, said: said(it, WITH, engine) }
  })
  for (const { it, said } of cases)
    expect(said.verdict, it.expression).toMatchObject({
      verdict: EXACT.includes(it.expression) ? 'exact' : 'guarded',
      canRaise: false,
    })
  const calm = await inSql(cases, engine)
  const independent = cases.filter((it) => it.said.sessionIndependent)
  const hostile = await inHostileSession(independent, engine)
  for (const [at, one] of cases.entries()) {
    const what = `${one.it.column} <- ${one.it.expression}`
    const outcomes = (await inJavaScript(one.it, WITH, data))!
    expect(differences(outcomes, calm[at]!), what).toEqual([])
    const again = hostile[independent.indexOf(one)]
    if (again) expect(differences(outcomes, again), what).toEqual([])
    // Rows without the member count too, and what is of another type is JavaScript's.
    expect(calm[at]!.filter((row) => row.holds).length / ROWS, what).toBeGreaterThan(LEAST)
  }
})

test('elsewhere a path has no form: a name that stands twice is read in another way', () => {
  for (const engine of engines.filter((it) => it.name !== 'postgres')) {
    const form = said({ expression: 'j.a', column: 'text' }, WITH, engine)
    expect(form.verdict).toMatchObject({ verdict: 'not', because: expect.stringContaining('inside JSON') })
  }
})
