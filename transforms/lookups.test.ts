import { expect, test } from 'vitest'
import type { Json, Row } from '../core/value.ts'
import {
  batchOf,
  columnsOf,
  compiled,
  own,
  problemsOf,
  rowsOf,
  type Short,
  table,
} from './testing/mapping.ts'

const FIELDS = { id: 'integer', name: 'text', city_id: 'integer' } as const
const CITY = { on: 'city_id', fields: { id: 'integer', name: 'text', country: 'text' } } as const
const VISITS = { on: 'id', many: true, fields: { nr: 'integer', page: 'text' } } as const

const shortOf = (full_name: string, more: Partial<Short> = {}): Short => ({
  fields: FIELDS,
  with: { city: CITY, visits: VISITS },
  to: { party: { kind: { is: 'person' }, full_name } },
  ...more,
})

/** As the engine gives rows: what was found is one more field of the batch. */
async function mapped(short: Short, found: { city?: Json; visits?: Json }) {
  const row = { id: 1, name: 'Ada', city_id: 7, city: null, visits: null, ...found }
  const batch = batchOf({ ...short, fields: { ...FIELDS, city: 'json', visits: 'json' } }, [row])
  return compiled(short).mapper!.map(batch, columnsOf(batch))
}

const nameOf = async (expression: string, found: { city?: Json; visits?: Json }) =>
  rowsOf(await mapped(shortOf(expression), found), 'party')[0]!['full_name']

test('an expression takes fields of what was found, and missing where nothing was', async () => {
  expect(await nameOf('name & " of " & city.name', { city: { name: 'Delft' } })).toBe('Ada of Delft')
  expect(await nameOf('city.name', {})).toBeUndefined()
  expect(await nameOf('$exists(city) ? "found" : "none"', { city: {} })).toBe('found')
  expect(await nameOf('$join(visits.page, ",")', { visits: [{ page: 'a' }, { page: 'b' }] })).toBe('a,b')
  expect(await nameOf('$string($count(visits))', {})).toBe('0')
})

test.each([
  ['city.name', { city: ['name'], visits: [] }],
  ['name', { city: [], visits: [] }],
  ['$exists(city) ? "a"', { city: [], visits: [] }],
  ['$exists(city.country) ? city.name', { city: ['country', 'name'], visits: [] }],
  ['$string(city)', { city: ['*'], visits: [] }],
  ['city ? "a" : "b"', { city: ['*'], visits: [] }],
  ['$join(visits[nr > 1].page)', { city: [], visits: ['nr', 'page'] }],
  ['visits^(nr)[0].page', { city: [], visits: ['nr', 'page'] }],
  ['( $c := city; $c.name )', { city: ['name'], visits: [] }],
  ['$lookup(city, "name")', { city: ['name'], visits: [] }],
  ['$string($)', { city: ['*'], visits: ['*'] }],
  ['city.*', { city: ['*'], visits: [] }],
])('%s reads %j of the looked-up tables', (expression, lookups) => {
  const { mapper, problems } = compiled(shortOf(expression))
  expect(problems.filter((it) => it.severity === 'error')).toEqual([])
  expect(mapper!.lookups).toEqual(lookups)
})

/** The whole of what could be found, with more fields than any expression names. */
const WHOLE = {
  city: { id: 7, name: 'Delft', country: 'NL' },
  visits: [
    { nr: 2, page: 'b' },
    { nr: 1, page: 'a' },
    { nr: 2, page: 'b' },
  ],
}

const only = (row: Row, fields: string[]): Row =>
  fields.includes('*') ? row : Object.fromEntries(Object.entries(row).filter(([it]) => fields.includes(it)))

test.each([
  '$keys(city)[0]',
  '$boolean(city) & $not(city) & (city and true)',
  '$type(city) & $type(visits)',
  'city = { "id": 7, "name": "Delft", "country": "NL" }',
  '$string($merge([city, { "x": 1 }]))',
  '$string($spread(city))',
  '$string($each(city, function($v, $k) { $k & $v }))',
  '$string($sift(city, function($v) { $v = 7 }))',
  '$string(visits.$)',
  '$string(visits.{ "a": page })',
  '$string($count(visits[page = "b"]))',
  '$exists(visits.*)',
  '$exists(city.*) & $count(city.*)',
  '$single(visits, function($v) { $v.nr = 1 }).page',
  'city.(name & country)',
  '$string($$.visits#$i.(nr + $i))',
  '$join(visits@$v.($v.page & $v.nr))',
  '$join(visits@$v.$v.page)',
  'city ~> $string',
  '$join(visits ~> $map(function($v) { $v.page }))',
  'visits[0] = visits[2]',
  'city in [city]',
  '$string($distinct(visits))',
  '$count($distinct(visits))',
  '$string($distinct(visits).page)',
  '$join(**.page)',
  '$join(*.name)',
  '$string($reduce(visits, function($a, $v) { $a + $v.nr }, 0))',
  '( $f := function($o) { $o.name }; $f(city) )',
  '( $f := function($n) { $lookup(city, $n) }; $f("country") )',
  '$lookup(city, $lowercase("NAME"))',
  '$string(visits{page: $sum(nr)})',
  '$join($sort(visits, function($a, $b) { $a.nr > $b.nr }).page)',
  '$join($filter(visits, function($v, $i) { $i = 1 }).page)',
  'visits[$$.city.id = 7][0].page',
  '$exists(city.name) ? "named" : "not"',
  'city ? "there" : "not"',
  '$count(city) & $count([city])',
  '$string($zip(visits.nr, visits.page))',
  '$string($append(city, visits))',
  '$string(city ~> | $ | { "x": name } |)',
  '$join($split("a", "") ~> $map(function($x) { $x & city.name }))',
  '$max(visits.nr) & city.%.name',
  'city.name ?: name',
  'city ?: name',
  '$string([city.name, visits[-1].page])',
])('%s gives the same with the fields that it is said to need as with all', async (expression) => {
  const { mapper, problems } = compiled(shortOf(expression))
  expect(problems.filter((it) => it.severity === 'error')).toEqual([])
  const { city, visits } = mapper!.lookups
  const needed = { city: only(WHOLE.city, city!), visits: WHOLE.visits.map((it) => only(it, visits!)) }
  const [some, all] = [await mapped(shortOf(expression), needed), await mapped(shortOf(expression), WHOLE)]
  expect([rowsOf(some, 'party'), some.rejects.map((it) => it.reason)]).toEqual([
    rowsOf(all, 'party'),
    all.rejects.map((it) => it.reason),
  ])
})

test('of the source the fields are read that lead to a look-up, and not its name', () => {
  expect(compiled(shortOf('city.name')).mapper!.fields).toEqual(['city_id', 'id'])
  expect(compiled(shortOf('$string($)')).mapper!.fields).toEqual(['*'])
})

test('where, each, when and deletes read what is looked up, too', () => {
  const to = { order_line: { each: 'visits', key: 'nr', when: '$row.city.name = "x"', sku: 'page' } }
  const short = { ...shortOf(''), to, where: 'city.country = "NL"', deletes: 'city.id = 3' }
  expect(compiled(short).mapper!.lookups).toEqual({ city: ['country', 'id', 'name'], visits: ['nr', 'page'] })
})

test('a misspelt field of a looked-up table is found before any row', () => {
  expect(problemsOf(shortOf('city.nmae'))).toEqual(['E204 "city" has no field "nmae" (3 fields).'])
  expect(problemsOf(shortOf('$join(visits.pag)'))).toEqual(['E204 "visits" has no field "pag" (2 fields).'])
  expect(problemsOf(shortOf('ctiy.name'))[0]).toContain('E204 Dataset "shop.customers" has no field "ctiy"')
  const undiscovered = { city: { on: 'city_id' } }
  expect(problemsOf(shortOf('city.nmae', { with: undiscovered }))).toEqual([])
})

test("'*' keeps the rest of the source row, and nothing that was looked up", async () => {
  const columns = [own('full_name', { kind: 'text' }), own('attributes', { kind: 'json' })]
  const to = { party: { full_name: 'name', attributes: '*' as const } }
  const short = shortOf('', { tables: [table('party', columns)], to, where: '$exists(city)' })
  const [row] = rowsOf(await mapped(short, { city: { name: 'Delft' }, visits: [{ nr: 1 }] }), 'party')
  expect(row!['attributes']).toEqual('{"city_id":7,"id":1}')
  expect(compiled(short).mapper!.lookups).toEqual({ city: [], visits: [] })
})

test('a rejected row is kept as the source had it', async () => {
  const bad = shortOf('name', { to: { party: { employees: 'city.name' } } })
  const { rejects } = await mapped(bad, { city: { name: 'Delft' } })
  expect(rejects.map((it) => it.row)).toEqual([{ id: 1, name: 'Ada', city_id: 7 }])
})

test('the hash of a mapping changes with its look-ups, and stays what it was without any', () => {
  const hashOf = (more: Partial<Short>) => compiled(shortOf('name', more)).mapper!.hash
  const without = hashOf({ with: undefined })
  expect(without).toBe(hashOf({ with: {} }))
  const all = [
    without,
    hashOf({ with: { city: CITY } }),
    hashOf({ with: { city: { ...CITY, on: 'id' } } }),
    hashOf({ with: { city: { ...CITY, many: true } } }),
    hashOf({ with: { town: CITY } }),
  ]
  expect(new Set(all).size).toBe(all.length)
})

/** Rows share what they find: an expression that changed it would change the rows behind. */
test.each([
  '$string($sort(visits, function($a, $b) { $a.nr > $b.nr }))',
  '$string(visits ~> | $ | { "page": "changed" } |)',
  '$string($append(visits, { "nr": 9 }))',
  '$string($reverse(visits))',
  '$string(visits[])',
  '$string([visits])',
  '$string(visits^(>nr))',
  '$string($map(visits, function($v) { $merge([$v, { "nr": 0 }]) }))',
  '$string(visits{page: nr})',
  '$string($distinct(visits))',
  '( $v := visits; $w := $v[]; $string($append($v, $w)) )',
])('%s leaves what was found as it is', async (expression) => {
  const visits = frozen([
    { nr: 2, page: 'b' },
    { nr: 1, page: 'a' },
  ])
  const { rejects } = await mapped(shortOf(expression), { visits })
  expect(rejects).toEqual([])
  expect(JSON.stringify(visits)).toBe('[{"nr":2,"page":"b"},{"nr":1,"page":"a"}]')
})

function frozen<T extends Json>(value: T): T {
  if (value !== null && typeof value === 'object') Object.values(value).forEach(frozen)
  return Object.freeze(value)
}
