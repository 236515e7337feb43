import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Verdict } from '../../core/expr.ts'
import { Fate, type MappedBatch } from '../../core/mapping.ts'
import type { UnifiedColumn } from '../../core/unified.ts'
import type { Value } from '../../core/value.ts'
import { type SaidMapping, sayMapping } from '../../transforms/sql/say-mapping.ts'
import { compiled, mappingInput, type Short, TABLES } from '../../transforms/testing/mapping.ts'
import { canonicalValue } from '../../warehouses/canonical.ts'
import { deliveredColumns, fieldsOf, openEngines, type TestEngine } from './engines.ts'
import { COLUMNS } from './pools.ts'

const SEED = Number(process.env['SQL_FORMS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROWS = 300

/** Everything that a target can say: constants, value tables, defaults, conditions, ids, references by default. */
const SHORT: Short = {
  fields: Object.fromEntries(COLUMNS.map(({ name, type }) => [name, type])),
  key: ['id', 's'],
  timezone: 'UTC',
  where: 't != "x@y@z"',
  deletes: 's = "0" or b = 2',
  targets: { 'shop.customers': { keyTypes: ['integer', 'text'], as: [] } },
  to: {
    party: {
      kind: { is: 'person' },
      given_name: 's & "/" & t',
      status: { from: 't', map: { a: 'lead', A: 'customer', '42': 'prospect' }, default: 'former' },
      birth_date: 'd',
      employees: { from: 'i', default: 7 },
      registered_at: 'z',
      code: '$substring($trim(t), 0, 3)',
    },
    identifier: [
      { as: 'email', type: { is: 'email' }, value: 's' },
      {
        as: 'pho:ne',
        when: '$contains(t, "0") or i > 5',
        type: { is: 'phone' },
        value: '$replace(t, /[^0-9+]+/, "")',
        reachable: 'i = 42',
      },
    ],
    sales_order: {
      party_id: '$ref("customers", [i, t])',
      number: 'b',
      ordered_at: 'l',
      net: 'm',
      score: 'i / 2',
    },
    relationship: { from_id: '$self()', to_id: '$ref("customers", [i, s])', type: { is: 'same' } },
  },
}

let engines: TestEngine[]
let mapped: MappedBatch

beforeAll(async () => {
  const cell = COLUMNS.map(({ name, pool }) => fc.constantFrom(...(name === 'id' ? pool.slice(0, -1) : pool)))
  const rows = fc.sample(fc.tuple(...cell), { numRuns: ROWS, seed: SEED }) as (string | null)[][]
  // One row of every fate that no guard leaves out, whatever chance has given.
  const plain = { id: '1', i: '7', b: '1', s: 'a', t: 'a' }
  for (const [at, own] of [{}, { t: 'x@y@z' }, { s: '0' }].entries())
    rows[at] = COLUMNS.map(({ name }) => ({ ...plain, ...own })[name as keyof typeof plain] ?? null)
  engines = await openEngines(COLUMNS, rows)
  const columns = deliveredColumns(COLUMNS, rows)
  const { mapper, problems } = compiled(SHORT)
  if (!mapper) throw new Error(JSON.stringify(problems))
  const schema = { fields: fieldsOf(COLUMNS) }
  const batch = {
    schema,
    rows: ROWS,
    bytes: 0,
    range: '',
    seq: 0,
    payload: { form: 'columns' as const, columns },
  }
  mapped = await mapper.map(batch, columns)
})

afterAll(async () => {
  for (const it of engines ?? []) await it.close()
})

interface SqlRow {
  holds: boolean
  key: Value
  fate: number
  made: Record<string, Value>[]
}

test.each(['postgres', 'duckdb', 'mysql'])(
  `a whole mapping makes the same rows in %s as in JavaScript (seed ${SEED})`,
  async (name) => {
    const engine = engines.find((it) => it.name === name)!
    const said = sayMapping({ mapping: mappingInput(SHORT), columns: engine.facts })
    const rows = await rowsOf(said, engine)
    const held = rows.flatMap((it, i) => (it.holds ? [i] : []))
    expect(held.length / ROWS).toBeGreaterThan(0.25)
    for (const fate of [Fate.load, Fate.filtered, Fate.deleted])
      expect(held.some((i) => rows[i]!.fate === fate)).toBe(true)
    for (const i of held) expect(rows[i], `row ${i}`).toEqual({ holds: true, ...expected(i, said) })
  },
)

function expected(row: number, said: SaidMapping): Omit<SqlRow, 'holds'> {
  const fate = mapped.fates[row]!
  const made = said.targets.map(({ table, as, columns }) => {
    const part = mapped.parts.find((it) => it.table === table)!
    // A long id ends in a hash: the two rows are told apart by what they hold.
    const types = part.columns[part.names.indexOf('type')]
    const isOwn = (i: number) => as === undefined || types![i] === (as === 'email' ? 'email' : 'phone')
    const at = [...part.sourceRow.keys()].find((i) => part.sourceRow[i] === row && isOwn(i))
    if (at === undefined) return {}
    const value = (column: string): Value => part.columns[part.names.indexOf(column)]![at]!
    return Object.fromEntries(['id', ...columns.map((it) => it.name)].map((it) => [it, value(it)]))
  })
  return { key: mapped.keys[row]!, fate, made }
}

async function rowsOf(said: SaidMapping, engine: TestEngine): Promise<SqlRow[]> {
  const select: string[] = []
  const guards: string[] = []
  const add = (verdict: Verdict): string => {
    if (verdict.verdict === 'not') throw new Error(verdict.because)
    expect(verdict.canRaise).toBe(false)
    const value = engine.print(verdict.expr)
    const guard = verdict.verdict === 'exact' ? undefined : engine.print(verdict.guard)
    if ('not' in value || (guard && 'not' in guard)) throw new Error('not printed')
    if (guard) guards.push((guard as { sql: string }).sql)
    return value.sql
  }
  const flag = (verdict: Verdict | undefined, name: string) =>
    select.push(`case when ${add(verdict!)} then 1 else 0 end as ${name}`)
  select.push(`${add(said.key)} as k`)
  flag(said.where, 'w')
  flag(said.deletes, 'x')
  for (const [at, { table, made, id, columns }] of said.targets.entries()) {
    flag(made, `m${at}`)
    select.push(`${add(id)} as i${at}`)
    for (const [i, it] of columns.entries())
      select.push(`${engine.dialect.cast(columnOf(table, it.name).type, add(it.said))} as v${at}_${i}`)
  }
  select.push(`case when ${guards.join(' and ')} then 1 else 0 end as g`)
  const rows = await engine.connection.query(`select ${select.join(', ')} from src order by rn`)
  return rows.map((row) => sqlRow(row, said))
}

const columnOf = (table: string, name: string): UnifiedColumn =>
  TABLES.find((it) => it.name === table)!.columns.find((it) => it.name === name)!

const isOne = (value: Value | undefined): boolean => Number(value) === 1

function sqlRow(row: Record<string, Value>, said: SaidMapping): SqlRow {
  const fate = isOne(row['x']) ? Fate.deleted : isOne(row['w']) ? Fate.load : Fate.filtered
  const made = said.targets.map(({ table, columns }, at): Record<string, Value> => {
    if (fate !== Fate.load || !isOne(row[`m${at}`])) return {}
    const values = columns.map((it, i): [string, Value] => {
      const { type } = columnOf(table, it.name)
      const value = canonicalValue(row[`v${at}_${i}`]!, type)
      return [it.name, type.kind === 'boolean' && value !== null ? Boolean(Number(value)) : value]
    })
    return { id: row[`i${at}`]!, ...Object.fromEntries(values) }
  })
  return { holds: isOne(row['g']), key: row['k']!, fate, made }
}
