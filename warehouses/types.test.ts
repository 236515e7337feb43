import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataError } from '../core/errors.ts'
import type { ColumnType, UnifiedColumn } from '../core/unified.ts'
import type { Row, Value } from '../core/value.ts'
import * as databases from '../tests/support/databases.ts'
import { batch, KINDS, type Place, place, type Ready, ready, table, viewRows } from './testing.ts'

const column = (name: string, type: ColumnType): UnifiedColumn => ({ name, type, description: `A ${name}` })

const types = table('types', [
  column('words', { kind: 'text' }),
  column('whole', { kind: 'integer' }),
  column('exact', { kind: 'decimal', precision: 38, scale: 10 }),
  column('money', { kind: 'decimal', precision: 18, scale: 4 }),
  column('real', { kind: 'double' }),
  column('yes', { kind: 'boolean' }),
  column('day', { kind: 'date' }),
  column('at', { kind: 'timestamp' }),
  column('tree', { kind: 'json' }),
  column('other_id', { kind: 'id' }),
])
const NAMES = ['id', 'words', 'whole', 'exact', 'money', 'real', 'yes', 'day', 'at', 'tree', 'other_id']

const deep = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`

/** By column: values that are stored and come back as they are. */
const VALUES: Record<string, Value[]> = {
  words: [
    '',
    ' ',
    'trailing  ',
    'a',
    'A',
    'a ',
    'tab\there',
    'line\nbreak\r\n',
    'back\\slash',
    '\\N',
    '\\.',
    'NULL',
    `'quoted' "twice" \`thrice\``,
    '100 % ? $1 :x',
    'é e\u0301 ß İ ı',
    '😀🇳🇱👩‍👩‍👧',
    '\uFEFFbom',
    'x'.repeat(100_000),
  ],
  whole: [0, -1, 9007199254740991, '9223372036854775807', '-9223372036854775808'],
  exact: [
    '9999999999999999999999999999.9999999999',
    '-9999999999999999999999999999.9999999999',
    '0.0000000001',
    '0.0000000000',
  ],
  money: ['0.0001', '-0.0001', '99999999999999.9999', '1.1000'],
  real: [
    0.1, 0.30000000000000004, 91063.95831876689, 99999999.99999999, 5e-324, -2.2250738585072014e-308,
    1.7976931348623157e308, 2.2250738585072014e-308, -1e-7, 123456789.12345679, 0,
  ],
  yes: [true, false],
  day: ['1000-01-01', '1582-10-10', '1900-02-28', '2000-02-29', '2026-03-29', '9999-12-31'],
  at: [
    '1000-01-01T00:00:00.000000Z',
    '1969-12-31T23:59:59.999999Z',
    '2026-03-29T01:30:00.123456Z',
    '2026-10-25T00:30:00.000001Z',
    '9999-12-31T23:59:59.999999Z',
  ],
  tree: [
    '{"a":[1,2,{"b":null}],"z":"\\\\ \\" \\n é 😀"}',
    '[]',
    '""',
    'null',
    '"12345678901234567890.123"',
    '{"amount":0.1,"big":9007199254740991}',
    '[0.10000000149011612,0.30000000000000004]',
    deep(90),
  ],
  other_id: ['shop:customers:1|2#as', 'x'.repeat(191), 'trailing '],
}

const rows = Object.entries(VALUES).flatMap(([name, values]) =>
  values.map((value, i) => ({ id: `${name} ${String(i).padStart(2, '0')}`, [name]: value })),
)

describe.each(KINDS)('%s', (kind) => {
  let here: Place
  let it: Ready
  beforeAll(async () => {
    here = await place(kind, databases)
    it = await ready(here.session, { types: [types, NAMES] })
  })
  afterAll(() => here.drop())
  const stored = () => viewRows(here.session, types, NAMES)
  const whole = rows
    .map((row) =>
      Object.fromEntries(NAMES.map((name) => [name, (row as Record<string, Value>)[name] ?? null])),
    )
    .sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))

  test('the stored types are the declared ones', async () => {
    expect(await here.session.partSteps(it.parts[0]!.part, types)).toEqual([])
    expect(await here.session.viewSteps(types, [it.parts[0]!.part])).toEqual([])
  })

  test('fault 35: every value comes back exactly, and is equal to itself when it comes again', async () => {
    const source = rows.map((row) => ({ key: row.id, rows: { types: [row] } }))
    expect(await it.load(source)).toMatchObject({ loaded: rows.length })
    expect(await stored()).toEqual(whole)
    expect(await it.load(source)).toMatchObject({ loaded: 0, unchanged: rows.length })
  })

  test('values that differ only in case, blanks or NULL are changes', async () => {
    const change = async (words: string | null) =>
      (await it.load([{ key: 'one', rows: { types: [{ id: 'one', words }] } }])).loaded
    expect(await change('a')).toBe(1)
    for (const words of ['A', 'a', 'a ', 'a', 'á', 'a\u0301', '', null, ''])
      expect(await change(words)).toBe(1)
    expect(await change('')).toBe(0)
  })

  test('rows come in the order of the bytes of a text, the same on every engine', async () => {
    const texts = ['b', 'B', 'a ', 'a', 'é', 'z', '_', '😀', '\uFFEE']
    await it.load(
      texts.map((text, i) => ({ key: `order ${i}`, rows: { types: [{ id: `zz${text}`, words: text }] } })),
    )
    const seen: Value[] = []
    for await (const some of here.session.rows(
      { schema: here.session.schema, name: 'types' },
      [types.columns[1]!, types.columns[0]!],
      ['words', 'id'],
    ))
      for (const [words, id] of some) if (String(id).startsWith('zz')) seen.push(words!)
    expect(seen).toEqual(['B', '_', 'a', 'a ', 'b', 'z', 'é', '\uFFEE', '😀'])
  })

  test('a query gives canonical values', async () => {
    const { dialect, schema } = here.session
    const view = dialect.relation(schema, 'types')
    const one = async (name: string, id: string) =>
      (
        await here.session.query(`select ${dialect.quote(name)} as value from ${view} where id = ?`, [id])
      )[0]!['value']
    expect(await one('at', 'at 02')).toBe('2026-03-29T01:30:00.123456Z')
    expect(await one('day', 'day 00')).toBe('1000-01-01')
    expect(await one('whole', 'whole 03')).toBe('9223372036854775807')
    expect(await one('whole', 'whole 02')).toBe(9007199254740991)
    expect(await one('money', 'money 03')).toBe('1.1000')
    expect(await one('yes', 'yes 00')).toBe(true)
    expect(await one('real', 'real 01')).toBe(0.30000000000000004)
    expect(await one('words', 'words 00')).toBe('')
    expect(await here.session.query(`select count(*) as n from ${view} where id like 'whole%'`)).toEqual([
      { n: 5 },
    ])
    const past = await here.session.query(
      `select count(*) as n from ${view} where ${dialect.quote('at')} < ${dialect.instant('1500-01-01T00:00:00.000000Z')}`,
    )
    expect(past).toEqual([{ n: 1 }])
  })

  test('binds keep their type and are never read as SQL', async () => {
    const [row] = await here.session.query(
      `select case when id = ? then '?' else "?" end as a from (select ? as id, 1 as ${here.session.dialect.quote('?')}) as t`.replace(
        '"?"',
        `'?'`,
      ),
      [`'; drop table x; -- "`, `'; drop table x; -- "`],
    )
    expect(row).toEqual({ a: '?' })
  })

  test('a value that the engine refuses is named by table and never shown', async () => {
    const bad: Row =
      kind === 'duckdb'
        ? { exact: '123456789012345678901234567890123456789.0000000000' }
        : { whole: '92233720368547758079999' }
    const staged = it.loader.stage(
      batch([{ key: 'bad', rows: { types: [{ id: 'bad', ...bad }] } }], it.names),
    )
    if (kind === 'duckdb') {
      await expect(staged).rejects.toThrow()
    } else {
      await expect(staged).rejects.toThrow(DataError)
      await expect(staged).rejects.toThrow(/E605: .*types\.whole/)
    }
    await expect(staged).rejects.not.toThrow(/9223372|12345678/)
    await it.loader.reset()
    expect(await it.load([{ key: 'good', rows: { types: [{ id: 'good' }] } }])).toMatchObject({ loaded: 1 })
  })

  test('two rows of one source row with one id are an error of the data', async () => {
    const twice = { key: 'twice', rows: { types: [{ id: 'same' }, { id: 'same' }] } }
    await expect(it.loader.stage(batch([twice], it.names))).rejects.toMatchObject({ code: 'E612' })
    await it.loader.reset()
  })
})
