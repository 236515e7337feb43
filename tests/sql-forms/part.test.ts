import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MappingInput } from '../../core/mapping.ts'
import { looseText } from '../../core/place.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import type { Row, Value } from '../../core/value.ts'
import type { Part } from '../../core/warehouse.ts'
import { compileMapping, partQueries, sayMapping } from '../../transforms/index.ts'
import { canonicalValue } from '../../warehouses/canonical.ts'
import { selectPart } from '../../warehouses/part-view.ts'
import { type Case, mappingOf } from './compare.ts'
import { deliveredColumns, type EngineName, fieldsOf, openEngines, type TestEngine } from './engines.ts'
import { expressions } from './grammar.ts'
import { COLUMNS } from './pools.ts'

const RUNS = Number(process.env['SQL_FORMS_RUNS'] ?? 40)
const SEED = Number(process.env['SQL_FORMS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROWS = 150
/** System columns that only a stored row has. */
const NEVER = ['deleted_at', 'loaded_at', 'run_id']

let engines: TestEngine[]
let data: Value[][]

beforeAll(async () => {
  const cell = COLUMNS.map(({ name, pool }) => fc.constantFrom(...(name === 'id' ? pool.slice(0, -1) : pool)))
  const rows = fc.sample(fc.tuple(...cell), { numRuns: ROWS, seed: SEED }) as (string | null)[][]
  // A part has one row per key.
  const id = COLUMNS.findIndex((it) => it.name === 'id')
  const unique = rows.filter((row, at) => rows.findIndex((it) => it[id] === row[id]) === at)
  const numbered = unique.map((row, at) => row.map((it, i) => (i === id ? String(at + 1) : it)))
  // Letters that only JavaScript folds, in a row that no other guard leaves out.
  const plain: Record<string, string> = { id: '1', i: '7', s: 'a', t: 'straße' }
  numbered[0] = COLUMNS.map(({ name }) => plain[name] ?? null)
  engines = await openEngines(COLUMNS, numbered)
  data = deliveredColumns(COLUMNS, numbered)
})

afterAll(async () => {
  for (const it of engines ?? []) await it.close()
})

interface Given {
  columns: Case[]
  when?: string | undefined
  where?: string | undefined
  deletes?: string | undefined
}

const KINDS = {
  text: 'text',
  integer: 'number',
  decimal: 'number',
  boolean: 'boolean',
  timestamp: 'time',
  json: 'json',
} as const

const mappings: fc.Arbitrary<Given> = fc.record({
  columns: fc
    .tuple(
      ...Object.entries(KINDS).map(([column, kind]) =>
        fc.option(
          expressions[kind].map((expression): Case => ({ expression, column })),
          { freq: 2 },
        ),
      ),
    )
    .map((them) => them.filter((it) => it !== null)),
  when: fc.option(expressions.boolean, { nil: undefined, freq: 2 }),
  where: fc.option(expressions.any, { nil: undefined, freq: 2 }),
  deletes: fc.option(expressions.boolean, { nil: undefined, freq: 2 }),
})

/** Two targets in one table, so that a part is a union. */
function inputOf({ columns, when, where, deletes }: Given): MappingInput {
  const base = mappingOf({ expression: 'i', column: 'integer' }, COLUMNS)
  const [first] = base.dataset.targets
  const target = {
    ...first!,
    as: 'one',
    columns: columns.flatMap((it) => mappingOf(it, COLUMNS).dataset.targets[0]!.columns),
    ...(when !== undefined && { when: looseText(when) }),
  }
  return {
    ...base,
    dataset: {
      ...base.dataset,
      targets: [target, { ...first!, as: 'two', when: looseText('i > 1') }, items(first!)],
      ...(where !== undefined && { where: looseText(where) }),
      ...(deletes !== undefined && { deletes: looseText(deletes) }),
    },
  }
}

const LIST = `[
  { "k": "a", "v": s, "n": i, "d": d },
  i > 1 ? { "k": "b:#", "v": $uppercase(t), "f": $exists(s) }
]`

/** One row per item of a list that is written out. */
function items(first: DatasetSpec['targets'][number]): DatasetSpec['targets'][number] {
  const column = (name: string, expression: string) => ({
    ...first.columns[0]!,
    column: `c_${name}`,
    value: { expression: looseText(expression) },
  })
  return {
    ...first,
    as: 'three',
    each: looseText(LIST),
    key: looseText('k'),
    when: looseText('$exists(v) or $row.b > 0'),
    columns: [
      column('text', 'v & "!" & $row.s & nothing'),
      column('integer', 'n'),
      column('boolean', 'f'),
      column('date', 'd'),
      column('json', '{ "v": v, "n": $.n }'),
    ],
  }
}

const PART: Part = {
  id: 1,
  table: 'out',
  source: { pipeline: 'sh:op', dataset: 'customers' },
  generation: 1,
  form: { kind: 'view', relation: 'out__view' },
  nativeKey: ['id'],
  changes: 'compare',
  state: 'live',
}

/** Rows by id, as JavaScript makes them, and the keys of source rows that it rejects. */
async function mapped(input: MappingInput): Promise<{ rows: Map<string, Row>; rejected: Set<string> }> {
  const { mapper, problems } = compileMapping(input)
  if (!mapper) throw new Error(JSON.stringify(problems))
  const batch = {
    schema: { fields: fieldsOf(COLUMNS) },
    rows: data[0]!.length,
    bytes: 0,
    range: '',
    seq: 0,
    payload: { form: 'columns' as const, columns: data },
  }
  const { parts, keys, rejects } = await mapper.map(batch, data)
  await mapper.close()
  const rows = new Map<string, Row>()
  for (const { names, columns, rows: count, sourceRow } of parts)
    for (let i = 0; i < count; i++) {
      const row = Object.fromEntries(names.map((name, at) => [name, columns[at]![i]!]))
      rows.set(String(row['id']), { ...row, source_id: keys[sourceRow[i]!]! })
    }
  return { rows, rejected: new Set(rejects.map((it) => keys[it.sourceRow]!)) }
}

test(`a part in SQL has the rows that the mapping makes (seed ${SEED})`, async () => {
  const tried: Record<EngineName, number> = { postgres: 0, duckdb: 0, mysql: 0 }
  for (const given of fc.sample(mappings, { numRuns: RUNS, seed: SEED })) {
    const input = inputOf(given)
    if (compileMapping(input).problems.some((it) => it.severity === 'error')) continue
    const expected = await mapped(input)
    for (const engine of engines) {
      const said = partQueries(sayMapping({ mapping: input, columns: engine.facts }), 'src')
      const query = said?.parts.get('out')
      if (!said || !query) continue
      tried[engine.name] += 1
      const table = input.tables[0]!
      const ask = { dialect: engine.dialect, print: engine.print, source: PART.source, table, query }
      const found = await engine.connection.query(selectPart(ask))
      const left = said.guards.map(({ holds }) => {
        const printed = engine.print(holds)
        return 'sql' in printed ? `${printed.sql} is not true` : ''
      })
      const leftOut = await engine.connection.query(
        `select id from src where ${left.length > 0 ? left.join(' or ') : '1 = 0'}`,
      )
      const out = new Set(leftOut.map((it) => String(it['id'])))
      const why = `${engine.name} ${JSON.stringify(given)}`
      const rows = found.map((row) =>
        Object.fromEntries(
          table.columns
            .filter((it) => !NEVER.includes(it.name))
            .map(({ name, type }) => [name, canonical(row[name]!, type)]),
        ),
      )
      for (const row of rows) {
        const wanted = expected.rows.get(String(row['id']))
        expect(wanted, `${why}: ${JSON.stringify(row)} is no row`).toBeDefined()
        for (const [name, value] of Object.entries(row))
          if (!['source', 'source_object'].includes(name))
            expect(value, `${why} ${name} of ${row['id']}`).toEqual(
              type(name, table) === 'boolean'
                ? canonical(wanted![name] ?? null, { kind: 'boolean' })
                : (wanted![name] ?? null),
            )
      }
      const shown = new Set(rows.map((it) => String(it['id'])))
      for (const [id, row] of expected.rows)
        if (!shown.has(id))
          expect(out, `${why}: ${id} is neither shown nor listed`).toContain(row['source_id'])
      for (const key of expected.rejected) expect(out, `${why}: rejected ${key}`).toContain(key)
    }
  }
  console.log('mappings said', JSON.stringify(tried))
  for (const [name, count] of Object.entries(tried)) expect(count, name).toBeGreaterThan(RUNS / 20)
}, 3_600_000)

type Typed = { columns: { name: string; type: Parameters<typeof canonicalValue>[1] }[] }
const type = (name: string, table: Typed): string | undefined =>
  table.columns.find((it) => it.name === name)?.type.kind

function canonical(value: Value, of: Parameters<typeof canonicalValue>[1]): Value {
  const it = canonicalValue(value, of)
  return of.kind === 'boolean' && it !== null ? Boolean(Number(it)) : it
}
