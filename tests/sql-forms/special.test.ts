import { expect, test } from 'vitest'
import type { Expr, Printed } from '../../core/expr.ts'
import type { FieldType } from '../../core/field.ts'
import { and } from '../../transforms/sql/build.ts'
import { columnTerm } from '../../transforms/sql/column-term.ts'
import { sayMapping } from '../../transforms/sql/say-mapping.ts'
import { NOWHERE } from '../../transforms/sql/verdict.ts'
import { columnFacts } from '../../warehouses/mysql/column-facts.ts'
import { type Case, mappingOf } from './compare.ts'
import { type EngineName, emptyEngine } from './engines.ts'
import type { TestColumn } from './pools.ts'

/** What no canonical form can say has to fail its guard: a row that JavaScript rejects, or delivers in another type. */
const SPECIAL: [engine: EngineName, sqlType: string, value: string, it: Case][] = [
  ['postgres', 'numeric(10,2)', `'NaN'`, { expression: 'v', column: 'decimal' }],
  ['postgres', 'numeric', `'Infinity'`, { expression: 'v > 1', column: 'boolean' }],
  ['postgres', 'numeric', '1e-120', { expression: 'v', column: 'text' }],
  ['postgres', 'numeric', '1e320', { expression: 'v', column: 'double' }],
  ['postgres', 'numeric', '-1e320', { expression: '$round(v, 2)', column: 'double' }],
  ['postgres', 'numeric', '1e-340', { expression: 'v * 2', column: 'double' }],
  ['postgres', 'double precision', `'NaN'`, { expression: 'v', column: 'double' }],
  ['postgres', 'double precision', `'-Infinity'`, { expression: '$abs(v) + 1', column: 'double' }],
  ['postgres', 'real', `'Infinity'`, { expression: 'v * 2', column: 'decimal' }],
  ['postgres', 'date', `'infinity'`, { expression: 'v', column: 'date' }],
  ['postgres', 'date', `'0044-03-15 BC'`, { expression: 'v', column: 'text' }],
  ['postgres', 'timestamp with time zone', `'12000-01-01Z'`, { expression: 'v', column: 'timestamp' }],
  ['duckdb', 'VARCHAR', `'a' || chr(0) || 'b'`, { expression: 'v', column: 'text' }],
  ['duckdb', 'VARCHAR', 'chr(0)', { expression: '$trim(v) & "x"', column: 'id' }],
  ['duckdb', 'DOUBLE', `'nan'`, { expression: 'v', column: 'double' }],
  ['duckdb', 'FLOAT', `'inf'`, { expression: 'v - v', column: 'decimal' }],
  ['duckdb', 'DATE', `'infinity'`, { expression: 'v', column: 'date' }],
  ['duckdb', 'TIMESTAMP', `'0900-01-01'`, { expression: 'v', column: 'timestamp' }],
  ['mysql', 'text', `concat('a', char(0))`, { expression: 'v', column: 'text' }],
  [
    'mysql',
    'text',
    `concat(repeat('é', 300), char(0))`,
    { expression: '$substring(v, 0, 3)', column: 'text' },
  ],
  ['mysql', 'timestamp', `'0000-00-00 00:00:00'`, { expression: 'v', column: 'timestamp' }],
  ['mysql', 'datetime', `'0999-12-31 23:59:59'`, { expression: 'v', column: 'timestamp' }],
  ['mysql', 'date', `'0000-00-00'`, { expression: 'v', column: 'date' }],
  ['mysql', 'date', `'2026-00-00'`, { expression: 'v', column: 'text' }],
  ['mysql', 'datetime', `'2026-02-00 10:00:00'`, { expression: 'v', column: 'timestamp' }],
  ['mysql', 'date', `'2024-02-31'`, { expression: 'v', column: 'date' }],
  ['mysql', 'date', `'2023-02-29'`, { expression: 'v', column: 'text' }],
  ['mysql', 'datetime', `'2024-04-31 23:00:00'`, { expression: 'v', column: 'timestamp' }],
  ['mysql', 'bigint(20) unsigned', '18446744073709551615', { expression: 'v', column: 'integer' }],
  ['mysql', 'bigint(20) unsigned', '18446744073709551615', { expression: 'v - 1', column: 'double' }],
]

test.each(SPECIAL)('%s %s %s is left to JavaScript', async (name, sqlType, value, it) => {
  const engine = await emptyEngine(name)
  try {
    if (name === 'mysql') await engine.connection.run(`set sql_mode = 'ALLOW_INVALID_DATES'`)
    const source = sqlType.replace('(20)', '')
    await engine.connection.run(`create table src (id int, v ${source})`)
    await engine.connection.run(`insert into src values (1, ${value})`)
    const tested: TestColumn = { name: 'v', type: 'text', postgres: '', duckdb: '', mysql: '', pool: [] }
    const id: TestColumn = { ...tested, name: 'id', type: 'integer' }
    const typeOf = (sqlType: string): FieldType =>
      /^(?:text|VARCHAR)$/.test(sqlType)
        ? 'text'
        : /^timestamp(?: with|$)/.test(sqlType)
          ? 'timestamp'
          : /date$/i.test(sqlType)
            ? 'date'
            : /^(?:datetime|TIMESTAMP)$/.test(sqlType)
              ? 'datetime'
              : /^numeric/.test(sqlType)
                ? 'decimal'
                : /int/.test(sqlType)
                  ? 'integer'
                  : 'float'
    const field = (named: string, sourceType: string) => ({
      name: named,
      type: typeOf(sourceType),
      sourceType,
      nullable: true,
    })
    const columns = [engine.facts(field('id', 'integer')), engine.facts(field('v', sqlType))]
    const [target] = sayMapping({ mapping: mappingOf(it, [id, tested]), columns }).targets
    const { said } = target!.columns[0]!
    if (said.verdict === 'not') throw new Error(said.because)
    expect(said.verdict).toBe('guarded')
    const guard = sqlOf(engine.print((said as { guard: Expr }).guard))
    const valueSql = sqlOf(engine.print(said.expr))
    const [row] = await engine.connection.query(
      `select case when ${guard} then 1 else 0 end as g, ${valueSql} as v from src`,
    )
    expect(Number(row!['g'])).toBe(0)
  } finally {
    await engine.close()
  }
})

function sqlOf(printed: Printed): string {
  if ('not' in printed) throw new Error(printed.not)
  return printed.sql
}

test('U+0000 is found among texts that are longer together than a packet', async () => {
  const engine = await emptyEngine('mysql')
  try {
    const texts = ['a', 'b', 'c'].map(
      (name) => ({ name, type: 'text', sourceType: 'longtext', nullable: true }) as const,
    )
    await engine.connection.run('create table src (id int, a longtext, b longtext, c longtext)')
    const long = `repeat('é', 7000000)`
    await engine.connection.run(
      `insert into src values (1, ${long}, ${long}, 'x'), (2, ${long}, ${long}, concat('x', char(0))), ` +
        `(3, null, concat(${long}, char(0)), 'x'), (4, null, null, null), (5, char(0), 'x', null)`,
    )
    const guard = and(...texts.map((it) => columnTerm(engine.facts(it), NOWHERE)).flatMap((it) => it.checks))
    const rows = await engine.connection.query(
      `select id, ${sqlOf(engine.print(guard))} as holds, concat_ws('', a, b, c) is null as longer from src order by id`,
    )
    expect(rows.map((it) => [it['id'], it['holds'], it['longer']].map(Number))).toEqual([
      [1, 1, 1],
      [2, 0, 1],
      [3, 0, 0],
      [4, 1, 0],
      [5, 0, 0],
    ])
  } finally {
    await engine.close()
  }
})

test('a uuid for a key needs no test, and is not escaped', async () => {
  const engine = await emptyEngine('postgres')
  try {
    await engine.connection.run('create table src (id uuid primary key, v uuid)')
    await engine.connection.run(
      `insert into src values ('6F9619FF-8B86-D011-B42D-00C04FC964FF', '{00000000000000000000000000000000}'), (gen_random_uuid(), null)`,
    )
    const field = (name: string, nullable: boolean) =>
      ({ name, type: 'text', sourceType: 'uuid', nullable }) as const
    const columns = [engine.facts(field('id', false)), engine.facts(field('v', true))]
    const tested: TestColumn = { name: 'v', type: 'text', postgres: '', duckdb: '', mysql: '', pool: [] }
    const it: Case = { expression: 'v', column: 'id' }
    const mapping = mappingOf(it, [{ ...tested, name: 'id' }, tested])
    const { key, targets } = sayMapping({ mapping, columns })
    const said = [key, targets[0]!.id]
    expect(said.map((it) => it.verdict)).toEqual(['exact', 'exact'])
    const sql = said.map((it) => sqlOf(engine.print((it as { expr: Expr }).expr)))
    expect(sql.join()).not.toContain('replace')
    const rows = await engine.connection.query(
      `select id::text as as_text, ${sql[0]} as key, ${sql[1]} as id from src`,
    )
    expect(rows[0]!['as_text']).toBe('6f9619ff-8b86-d011-b42d-00c04fc964ff')
    for (const row of rows) {
      expect(row['key']).toBe(row['as_text'])
      expect(row['id']).toBe(`sh%3Aop:customers:${row['as_text']}#one`)
    }
  } finally {
    await engine.close()
  }
})

test('a text literal arrives whole in every engine', async () => {
  const texts = ["o'hara", 'back\\slash', "\\'; --", '"', '`', '😀é', 'a\nb\t', '%_', '$1', '\\u0041', '?']
  for (const name of ['postgres', 'duckdb', 'mysql'] as const) {
    const engine = await emptyEngine(name)
    try {
      for (const value of texts) {
        const sql = sqlOf(engine.print({ op: 'literal', value, kind: 'text', nullable: false }))
        // A "?" in a literal is no bind.
        const [row] = await engine.connection.query(`select ${sql} as v`)
        expect(row!['v'], name).toBe(value)
      }
    } finally {
      await engine.close()
    }
  }
})

test('what the connector delivers decides: JSON that is stored as text is no text', () => {
  const field = { name: 'v', sourceType: 'longtext', nullable: true }
  expect(columnFacts({ ...field, type: 'text' }).stored).toEqual({ kind: 'text' })
  expect(columnFacts({ ...field, type: 'json' }).stored).toBeUndefined()
})
