import Big from 'big.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looseText } from '../core/place.ts'
import type { Row } from '../core/value.ts'
import { checkExpression } from './check.ts'
import { functions } from './functions.ts'
import { mapRows, rowsOf, type Short } from './testing/mapping.ts'

/** The values of one column of sales_order, or the code that rejected the row. */
async function values(
  column: Record<string, string>,
  rows: Row[],
  rest: Partial<Short> = {},
): Promise<unknown[]> {
  const numbered = rows.map((it, at) => ({ id: at, ...it }))
  const mapped = await mapRows({ to: { sales_order: column }, ...rest }, numbered)
  const name = Object.keys(column)[0]!
  const made = new Map(rowsOf(mapped, 'sales_order').map((it) => [it.id, it[name]]))
  return numbered.map(({ id }) =>
    made.has(`shop:customers:${id}`)
      ? made.get(`shop:customers:${id}`)
      : mapped.rejects.find((it) => it.sourceRow === id)?.code,
  )
}
const net = (expression: string, ...rows: Row[]) => values({ net: expression }, rows)
const shown = (expression: string, ...rows: Row[]) => values({ number: expression }, rows)

test('$decimal computes exactly what doubles do not', async () => {
  expect(await net('$decimal(a + b)', { a: 0.1, b: 0.2 }, { a: '0.10', b: '0.2' }, { a: 1 })).toEqual([
    '0.3000',
    '0.3000',
    undefined,
  ])
  expect(await shown('$decimal(a * b)', { a: '12345678901234.5678', b: 3 }, { a: 1.005, b: 100 })).toEqual([
    '37037036703703.7034',
    '100.5',
  ])
  expect(await net('$decimal(-a * 1.10 - (b - 0.05))', { a: 3, b: 1 })).toEqual(['-4.2500'])
})

test('$decimal rounds half-even to the scale of its column', async () => {
  expect(
    await net('$decimal(a)', { a: '0.00005' }, { a: '0.00015' }, { a: '-0.00005' }, { a: '1.23456' }),
  ).toEqual(['0.0000', '0.0002', '0.0000', '1.2346'])
  expect(await shown('$decimal(a)', { a: '1.23456' })).toEqual(['1.2346'])
})

test('$decimal sums what a path computes, and skips what is missing', async () => {
  const lines: Row[] = [{ q: 3, p: '0.1' }, { q: 1, p: 0.2 }, { q: null, p: 5 }, { q: 2 }]
  expect(
    await net('$decimal($sum(lines.(q * p)))', { lines }, { lines: [] }, {}, { lines: lines[0]! }),
  ).toEqual(['0.5000', undefined, undefined, '0.3000'])
  expect(
    await net('$decimal($sum(lines[q * p > 0.25].(q * p)) + $sum([fee, 1]))', { lines, fee: '0.5' }),
  ).toEqual(['1.8000'])
  expect(await net('$decimal($sum($map(lines, function($l){ $l.q * $l.p })))', { lines })).toEqual(['0.5000'])
})

test('$decimal compares exactly and chooses', async () => {
  expect(await shown('$decimal(a * 3 = 0.3)', { a: 0.1 }, { a: '0.10' }, { a: 0.2 })).toEqual([
    'true',
    'true',
    'false',
  ])
  expect(
    await shown(
      '$decimal(a > 12345678901234567890)',
      { a: '12345678901234567891' },
      { a: '12345678901234567890' },
      {},
    ),
  ).toEqual(['true', 'false', undefined])
  expect(
    await net('$decimal(kind = "a" ? a : a * 2)', { kind: 'a', a: 1 }, { kind: 'b', a: 1 }, { a: 1 }),
  ).toEqual(['1.0000', '2.0000', '2.0000'])
  expect(await net('$decimal(a - b ? 1 : 2)', { a: '0.3', b: 0.3 }, { a: 1, b: 0.9 })).toEqual([
    '2.0000',
    '1.0000',
  ])
  expect(
    await net('$decimal(( $t := a * b; $t > 0.2 ? $t : -$t ))', { a: 0.1, b: 3 }, { a: 0.1, b: 1 }),
  ).toEqual(['0.3000', '-0.1000'])
  expect(await net('$decimal((discount ?? 0) + 1)', { discount: 0.5 }, {})).toEqual(['1.5000', '1.0000'])
  expect(await net('$decimal($replace(a, ",", ".") * 2)', { a: '1,15' })).toEqual(['2.3000'])
  expect(await net('$decimal(codes[$ = "01"] ? 1 : 2)', { codes: ['1', '2'] }, { codes: ['01'] })).toEqual([
    '2.0000',
    '1.0000',
  ])
})

test('what is no number inside $decimal rejects the row', async () => {
  expect(
    await net(
      '$decimal(a * 2)',
      { a: 'x' },
      { a: true },
      { a: [1, 2] },
      { a: [2] },
      { a: { b: 1 } },
      { a: '' },
    ),
  ).toEqual(['E523', 'E523', 'E523', '4.0000', 'E523', 'E523'])
})

test.each([
  'a / 2',
  'a % 2',
  '$sqrt(a)',
  '$average(a)',
  '$round(a / 3, 2)',
  'a ~> $sum',
  '{"a": a}',
  'function($x){$x}',
  '"text"',
  '$string(a / 2)',
  'lines{a: b}',
  'lines.(q / p)',
  '$reduce(a, $sum)',
])('$decimal(%s) is refused', (inside) => {
  const codes = checkExpression(looseText(`$decimal(${inside})`)).map((it) => it.code)
  expect(codes).toEqual(['E210'])
})

test('$decimal agrees with a reference over random amounts', async () => {
  const amount = fc.integer({ min: -1e9, max: 1e9 }).map((it) => new Big(it).div(10000).toFixed())
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ q: amount, p: amount, d: amount }), { minLength: 1, maxLength: 20 }),
      async (rows) => {
        const expected = rows.map(({ q, p, d }) => {
          const exact = new Big(q).times(p).times(new Big(1).minus(d)).round(4, Big.roundHalfEven)
          return exact.eq(0) ? '0.0000' : exact.toFixed(4)
        })
        const fits = rows.every((_, at) => expected[at]!.replace('-', '').length <= 19)
        fc.pre(fits)
        expect(await net('$decimal(q * p * (1 - d))', ...rows)).toEqual(expected)
      },
    ),
    { numRuns: 50 },
  )
})

test('long numbers pass through; arithmetic and ordering on them rejects the row', async () => {
  const rest: Partial<Short> = { fields: { id: 'integer', n: 'integer', s: 'text', j: 'json' } }
  const long = '9007199254740993'
  const rows: Row[] = [
    { n: long, s: long, j: { n: long, s: 'x' } },
    { n: 5, s: long, j: { n: 1, s: 'x' } },
  ]
  const of = (expression: string) => values({ number: expression }, rows, rest)
  expect(await of('n')).toEqual([long, '5'])
  expect(await of('n & ""')).toEqual([long, '5'])
  expect(await of('n = "9007199254740993"')).toEqual(['true', 'false'])
  expect(await of('n + 1')).toEqual(['E503', '6'])
  expect(await of('n > 1')).toEqual(['E522', 'true'])
  expect(await of('n < j.s')).toEqual(['E522', 'E503'])
  expect(await of('s < "x"')).toEqual(['true', 'true'])
  expect(await of('j.n >= 1')).toEqual(['E522', 'true'])
  expect(await of('$string($sort([n, 1])[0])')).toEqual(['E522', '1'])
  expect(await of('$string([j, j]^(n)[0].n)')).toEqual(['E522', '1'])
  expect(await of('$string(([n, 1] ~> $sort)[0])')).toEqual(['E522', '1'])
  expect(await of('$join([$string(n), "1"] ~> $sort, " ")')).toEqual(['E522', '1 5'])
  expect(await of('$max([n, 1])')).toEqual(['E503', '5'])
  expect(await of('$decimal(n > 9007199254740992)')).toEqual(['true', 'false'])
  expect(await of('$decimal(n + 1)')).toEqual(['9007199254740994', '6'])
})

const targets: Short['targets'] = {
  'shop.customers': { keyTypes: ['integer'], as: ['email'] },
  'shop.texts': { keyTypes: ['text'], as: [] },
  'shop.lines': { keyTypes: ['integer', 'text'], as: [] },
  'crm.days': { keyTypes: ['date'], as: [] },
  'crm.moments': { keyTypes: ['timestamp'], as: [] },
  'crm.amounts': { keyTypes: ['decimal'], as: [] },
  'crm.unknown': { as: [] },
}
const ref = (expression: string, ...rows: Row[]) => values({ party_id: expression }, rows, { targets })

test('$ref writes the key as the target has it', async () => {
  expect(
    await ref('$ref("customers", k)', { k: 42 }, { k: '42' }, { k: '42.0' }, { k: '9007199254740993' }, {}),
  ).toEqual([
    'shop:customers:42',
    'shop:customers:42',
    'shop:customers:42',
    'shop:customers:9007199254740993',
    undefined,
  ])
  expect(await ref('$ref("customers", k)', { k: 'x' }, { k: 1.5 }, { k: true }, { k: {} })).toEqual([
    'E521',
    'E521',
    'E521',
    'E521',
  ])
  expect(await ref('$ref("texts", k)', { k: 42 }, { k: '42.0' }, { k: true })).toEqual([
    'shop:texts:42',
    'shop:texts:42.0',
    'shop:texts:true',
  ])
  expect(await ref('$ref("crm.days", k)', { k: '2024-02-29' }, { k: '2024-02-30' })).toEqual([
    'crm:days:2024-02-29',
    'E521',
  ])
  expect(await ref('$ref("crm.moments", k)', { k: '2024-02-29T12:00:00+01:00' })).toEqual([
    'crm:moments:2024-02-29T11%3A00%3A00.000000Z',
  ])
  expect(await ref('$ref("crm.amounts", k)', { k: '1.50' }, { k: 1.5 })).toEqual([
    'crm:amounts:1.5',
    'crm:amounts:1.5',
  ])
  expect(await ref('$ref("crm.unknown", k)', { k: '1.50' }, { k: 1.5 })).toEqual([
    'crm:unknown:1.50',
    'crm:unknown:1.5',
  ])
})

test('$ref takes names and composite keys, computed or not', async () => {
  expect(await ref('$ref("customers", k, "email")', { k: 1 })).toEqual(['shop:customers:1#email'])
  expect(
    await ref('$ref("lines", [a, b])', { a: 1, b: 'x|y' }, { a: 1 }, { b: 'x' }, { a: 'x', b: 'x' }),
  ).toEqual(['shop:lines:1|x%7Cy', undefined, undefined, 'E521'])
  expect(await ref('$ref("lines", [a + 1, $lowercase(b)])', { a: 1, b: 'X' }, { a: 1 }, { b: 'x' })).toEqual([
    'shop:lines:2|x',
    undefined,
    undefined,
  ])
  expect(await ref('$ref("lines", both)', { both: [1, 'x'] }, { both: [1] })).toEqual([
    'shop:lines:1|x',
    'E521',
  ])
  expect(await ref('$exists(k) ? $ref("customers", k) : $ref("texts", "none")', { k: 1 }, {})).toEqual([
    'shop:customers:1',
    'shop:texts:none',
  ])
  expect(
    await ref(
      '$ref("customers", list.k)',
      { list: [{ k: 7 }] },
      { list: { k: 8 } },
      { list: [{ k: 1 }, { k: 2 }] },
    ),
  ).toEqual(['shop:customers:7', 'shop:customers:8', 'E521'])
})

test('$self names a sibling, from items too', async () => {
  const short: Short = {
    to: {
      party: { full_name: '$self("mail")', given_name: '$self() & ""' },
      identifier: { as: 'mail', type: { is: 'email' }, value: 'email' },
      order_line: { each: 'lines', key: 'no', order_id: '$self("mail")', sku: '$uppercase($self())' },
    },
  }
  const mapped = await mapRows(short, [{ id: 'a#b', email: 'x', lines: [{ no: 1 }] }])
  expect(rowsOf(mapped, 'party')).toEqual([
    {
      id: 'shop:customers:a%23b',
      full_name: 'shop:customers:a%23b#mail',
      given_name: 'shop:customers:a%23b',
    },
  ])
  expect(rowsOf(mapped, 'order_line')).toEqual([
    { id: 'shop:customers:a%23b#1', order_id: 'shop:customers:a%23b#mail', sku: 'SHOP:CUSTOMERS:A%23B' },
  ])
})

test('the documented examples are valid', () => {
  for (const { example } of functions) expect(checkExpression(looseText(example))).toEqual([])
})

test('functions of the team’s daily work run compiled and in the interpreter alike', async () => {
  const row = { mail: ' Ada@X.NL', land: 'Duitsland', day: '31-12-2026', none: 'n/a' }
  for (const [expression, expected] of [
    ['$email(mail)', 'ada@x.nl'],
    ['$country(land, "nl")', 'DE'],
    ['$date(day, "dmy")', '2026-12-31'],
    ['$nullif(none, "n/a")', undefined],
    ['$exists($nullif(none, "n/a")) ? "yes" : "no"', 'no'],
    ['$hash("a")', 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
  ] as const) {
    expect(await shown(expression, row), expression).toEqual([expected])
    // A join by variables is for the interpreter alone.
    expect(await shown(`$$@$r.(${expression})`, row), expression).toEqual([expected])
  }
})

test('a value that is none of its kind rejects its row, and is NULL and counted where the column allows it', async () => {
  const rows = [{ id: 0, mail: 'none' }]
  expect(await shown('$email(mail)', ...rows)).toEqual(['E527'])
  const lenient = { number: { from: '$email(mail)', invalid: 'missing' } } as never
  const mapped = await mapRows({ to: { sales_order: lenient } }, rows)
  expect(rowsOf(mapped, 'sales_order')).toEqual([{ id: 'shop:customers:0' }])
  expect(mapped.changes).toEqual([{ table: 'sales_order', column: 'number', code: 'E527', count: 1 }])
})

test('an hour that the clocks skip is counted with the column that it is for', async () => {
  const to = { sales_order: { number: '$timestamp(t, "Europe/Amsterdam")' } }
  const mapped = await mapRows({ to }, [{ id: 1, t: '2026-03-29 02:30' }])
  expect(rowsOf(mapped, 'sales_order')).toMatchObject([{ number: '2026-03-29T01:30:00.000000Z' }])
  expect(mapped.changes).toEqual([{ table: 'sales_order', column: 'number', code: 'E541', count: 1 }])
})

test('below each, long numbers of the item are not ordered as texts', async () => {
  const to = { order_line: { each: 'lines', key: 'k', sku: '$string(n < m)' } }
  const line = (n: string | number, m: string | number) => [{ k: 1, n, m }]
  const long = '12345678901234567890'
  const rows = [
    { id: 1, lines: line(long, '9876543210987654321') },
    { id: 2, lines: line(3, 20) },
    { id: 3, lines: line('a', 'b') },
  ]
  const mapped = await mapRows({ to }, rows)
  expect(mapped.rejects.map(({ sourceRow, code }) => [sourceRow, code])).toEqual([[0, 'E522']])
  expect(rowsOf(mapped, 'order_line').map((it) => it.sku)).toEqual(['true', 'true'])
})
