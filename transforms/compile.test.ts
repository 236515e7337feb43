import { expect, test } from 'vitest'
import { Fate } from '../core/mapping.ts'
import { rowId } from '../core/row-id.ts'
import type { Json } from '../core/value.ts'
import { batchOf, columnsOf, compiled, mapRows, rowsOf, type Short } from './testing/mapping.ts'

const reasons = (mapped: Awaited<ReturnType<typeof mapRows>>) =>
  mapped.rejects.map(({ sourceRow, code, table, column }) =>
    [sourceRow, code, table, column].filter((it) => it !== undefined).join(' '),
  )

test('fields, constants and expressions fill the columns of a row', async () => {
  const mapped = await mapRows(
    {
      to: {
        party: {
          kind: { is: 'person' },
          given_name: 'first',
          full_name: 'first & " " & last',
          employees: '1 + 1',
        },
      },
    },
    [{ id: 1, first: 'Ada', last: 'Lovelace' }],
  )
  expect(rowsOf(mapped, 'party')).toEqual([
    { id: 'shop:customers:1', kind: 'person', given_name: 'Ada', full_name: 'Ada Lovelace', employees: 2 },
  ])
  expect([...mapped.fates]).toEqual([Fate.load])
  expect(mapped.keys).toEqual(['1'])
})

test('NULL is missing at every depth', async () => {
  const short: Short = {
    to: {
      party: {
        given_name: '$lowercase(email)',
        full_name: 'a & b',
        employees: '$count(list)',
        code: '$exists(o.x) ? "yes" : "no"',
      },
    },
  }
  const mapped = await mapRows(short, [
    { id: 1, email: null, a: null, b: 'b', list: [1, null, 2], o: { x: null } },
    { id: 2, email: 'A@B', a: 'a', b: null, list: null, o: null },
  ])
  expect(mapped.rejects).toEqual([])
  expect(rowsOf(mapped, 'party')).toEqual([
    { id: 'shop:customers:1', full_name: 'b', employees: 2, code: 'no' },
    { id: 'shop:customers:2', given_name: 'a@b', full_name: 'a', employees: 0, code: 'no' },
  ])
})

test('a comparison with NULL is missing: NULL in a column, not passed in where', async () => {
  const short: Short = { where: 'n > 1', to: { party: { given_name: '$string(n > 5)' } } }
  const mapped = await mapRows(short, [
    { id: 1, n: null },
    { id: 2, n: 3 },
    { id: 3, n: 1 },
  ])
  expect([...mapped.fates]).toEqual([Fate.filtered, Fate.load, Fate.filtered])
  expect(rowsOf(mapped, 'party')).toEqual([{ id: 'shop:customers:2', given_name: 'false' }])
})

test('several rows for one table have names in their ids, and are made only with their required values', async () => {
  const short: Short = {
    to: {
      party: { kind: { is: 'person' } },
      identifier: [
        { as: 'email', type: { is: 'email' }, value: 'email' },
        { as: 'phone', type: { is: 'phone' }, value: 'phone' },
      ],
    },
  }
  const mapped = await mapRows(short, [
    { id: 1, email: 'a@b.nl', phone: null },
    { id: 2, email: null, phone: '06' },
  ])
  expect(rowsOf(mapped, 'identifier')).toEqual([
    { id: 'shop:customers:1#email', party_id: 'shop:customers:1', type: 'email', value: 'a@b.nl' },
    { id: 'shop:customers:2#phone', party_id: 'shop:customers:2', type: 'phone', value: '06' },
  ])
  expect(mapped.rejects).toEqual([])
})

test('when decides about a row, and a true when without the required value rejects', async () => {
  const short: Short = {
    to: { party: {}, identifier: { when: 'has', type: { is: 'email' }, value: '$lowercase(email)' } },
  }
  const mapped = await mapRows(short, [
    { id: 1, has: true, email: 'A' },
    { id: 2, has: null, email: 7 },
    { id: 3, has: 'yes', email: null },
  ])
  expect(rowsOf(mapped, 'identifier').map((it) => it.id)).toEqual(['shop:customers:1'])
  expect(reasons(mapped)).toEqual(['2 E518 identifier value'])
  expect(rowsOf(mapped, 'party')).toHaveLength(2)
})

test('each makes a row per item, with the row itself as $row', async () => {
  const short: Short = {
    to: {
      sales_order: { number: 'id' },
      order_line: { each: 'lines', key: 'no', line_no: 'no', sku: '$row.prefix & sku', quantity: 'qty' },
    },
  }
  const mapped = await mapRows(short, [
    {
      id: 'a:1',
      prefix: 'x',
      lines: [
        { no: 1, sku: 's', qty: 2 },
        { no: 2, sku: 't', qty: null },
      ],
    },
    { id: 'b', prefix: null, lines: { no: 'one', sku: 'u' } },
    { id: 'c', prefix: null, lines: null },
    { id: 'd', prefix: null, lines: [] },
  ])
  expect(mapped.rejects.map((it) => it.code)).toEqual(['E509'])
  expect(rowsOf(mapped, 'order_line')).toEqual([
    {
      id: 'shop:customers:a%3A1#1',
      order_id: 'shop:customers:a%3A1',
      line_no: 1,
      sku: 'xs',
      quantity: '2.0000',
    },
    { id: 'shop:customers:a%3A1#2', order_id: 'shop:customers:a%3A1', line_no: 2, sku: 'xt' },
  ])
  expect([...mapped.parts.find((it) => it.table === 'order_line')!.sourceRow]).toEqual([0, 0])
})

test('items can be scalars, and an item without a key or with a used one rejects the row', async () => {
  const short: Short = {
    to: { party: {}, identifier: { each: 'tags', key: '$', type: { is: 'tag' }, value: '$' } },
  }
  const mapped = await mapRows(short, [
    { id: 1, tags: ['a', 'b'] },
    { id: 2, tags: ['a', 'a'] },
    { id: 3, tags: 'c' },
  ])
  expect(rowsOf(mapped, 'identifier').map((it) => it.id)).toEqual([
    'shop:customers:1#a',
    'shop:customers:1#b',
    'shop:customers:3#c',
  ])
  expect(reasons(mapped)).toEqual(['1 E520 identifier'])
  const noKey: Short = { to: { order_line: { each: 'lines', key: 'no', sku: 'sku' } } }
  expect(reasons(await mapRows(noKey, [{ id: 1, lines: [{ sku: 'a' }] }]))).toEqual(['0 E519 order_line'])
})

test('a rejected row takes back all that it had made', async () => {
  const short: Short = { to: { party: { given_name: 'name' }, sales_order: { number: 'id', net: 'net' } } }
  const mapped = await mapRows(short, [
    { id: 1, name: 'a', net: 1 },
    { id: 2, name: 'b', net: 'x' },
    { id: 3, name: 'c', net: 2 },
  ])
  expect(rowsOf(mapped, 'party').map((it) => it.given_name)).toEqual(['a', 'c'])
  expect(mapped.rejects).toEqual([
    {
      sourceRow: 1,
      code: 'E509',
      table: 'sales_order',
      column: 'net',
      reason: 'is no number',
      row: { id: 2, name: 'b', net: 'x' },
    },
  ])
  expect(rowsOf(mapped, 'sales_order').map((it) => it.party_id)).toEqual([
    'shop:customers:1',
    'shop:customers:3',
  ])
})

test('a value table translates by the text of the value', async () => {
  const status = { from: 'state', map: { A: 'customer', 1: 'lead', true: 'prospect' }, default: 'former' }
  const mapped = await mapRows({ to: { party: { status } } }, [
    { id: 1, state: 'A' },
    { id: 2, state: 1 },
    { id: 3, state: true },
    { id: 4, state: 'Z' },
    { id: 5, state: null },
  ])
  expect(rowsOf(mapped, 'party').map((it) => it.status)).toEqual([
    'customer',
    'lead',
    'prospect',
    'former',
    'former',
  ])
  const strict = await mapRows({ to: { party: { status: { from: 'state', map: { A: 'customer' } } } } }, [
    { id: 1, state: 'constructor' },
    { id: 2, state: null },
  ])
  expect(reasons(strict)).toEqual(['0 E517 party status'])
})

test('invalid: missing stores NULL and counts it; a rejected row counts no change', async () => {
  const short: Short = {
    to: { party: { birth_date: { from: 'dob', invalid: 'missing' }, employees: 'n' } },
  }
  const mapped = await mapRows(short, [
    { id: 1, dob: '0000-00-00', n: 1 },
    { id: 2, dob: 'x', n: 1 },
    { id: 3, dob: 'x', n: 'many' },
    { id: 4, dob: '2000-02-29', n: 1 },
  ])
  expect(mapped.changes).toEqual([{ table: 'party', column: 'birth_date', code: 'E512', count: 2 }])
  expect(rowsOf(mapped, 'party').map((it) => it.birth_date)).toEqual([undefined, undefined, '2000-02-29'])
})

test('a failing expression rejects its row without showing its values', async () => {
  const mapped = await mapRows({ where: '$number(n) > 0', to: { party: { employees: 'n * 2' } } }, [
    { id: 1, n: 'secret' },
    { id: 2, n: '2' },
    { id: 3, n: 2 },
  ])
  expect(reasons(mapped)).toEqual(['0 E503', '1 E503 party employees'])
  expect(mapped.rejects[0]!.reason).toContain('D3030')
  expect(JSON.stringify(mapped.rejects.map((it) => it.reason))).not.toContain('secret')
  expect([...mapped.fates]).toEqual([Fate.rejected, Fate.rejected, Fate.load])
})

test('rows without a usable key are rejected with an empty key', async () => {
  const short: Short = { key: ['a', 'b'], fields: { a: 'integer', b: 'text' }, to: { party: {} } }
  const mapped = await mapRows(short, [
    { a: 1, b: 'x|y' },
    { a: null, b: 'x' },
    { a: 1.5, b: 'x' },
    { a: '9007199254740993', b: '' },
  ])
  expect(mapped.keys).toEqual(['1|x%7Cy', '', '', '9007199254740993|'])
  expect(reasons(mapped)).toEqual(['1 E501', '2 E502'])
})

test('tombstones, marks and broken rows are all accounted for', async () => {
  const short: Short = {
    fields: { id: 'integer', seq: 'integer' },
    cursor: 'seq',
    where: 'seq > 0',
    to: { party: { employees: 'seq' } },
  }
  const broken = [{ code: 'E420', reason: '3 fields instead of 2', row: 'a,b,c', place: 'x.csv:4' }]
  const mapped = await mapRows(
    short,
    [
      { id: 1, seq: 5 },
      { id: 2, seq: null },
      { id: 3, seq: 0 },
      { id: 4, seq: 1 },
    ],
    {
      ops: [0, 1, 0, 2],
      mark: [5, null, 0, 1],
      broken,
    },
  )
  expect(mapped.rows).toBe(5)
  expect([...mapped.fates]).toEqual([Fate.load, Fate.deleted, Fate.filtered, Fate.rejected, Fate.rejected])
  expect(mapped.keys).toEqual(['1', '2', '3', '4', ''])
  expect(mapped.versions).toEqual(['p0015', null, 'p0010', 'p0011', null])
  expect(mapped.rejects.map((it) => [it.sourceRow, it.code, it.reason])).toEqual([
    [3, 'E526', 'the source sent only some fields of the row'],
    [4, 'E420', '3 fields instead of 2 (x.csv:4)'],
  ])
})

test('attributes keep what is stated, or all that no column uses', async () => {
  const stated: Short = {
    to: { party: { given_name: 'a', attributes: { up: '$uppercase(b)', c: 'c', gone: 'd' } } },
  }
  const row = { id: 1, a: 'x', b: 'y', c: { z: 1, n: null }, d: null, e: '9007199254740993' }
  expect(rowsOf(await mapRows(stated, [row]), 'party')[0]!.attributes).toBe('{"c":{"z":1},"up":"Y"}')
  const all: Short = { to: { party: { given_name: 'a', full_name: '$uppercase(b)', attributes: '*' } } }
  expect(rowsOf(await mapRows(all, [row]), 'party')[0]!.attributes).toBe(
    '{"c":{"z":1},"e":"9007199254740993","id":1}',
  )
  expect(compiled(all).mapper!.fields).toEqual(['*'])
  expect(compiled(stated).mapper!.fields).toEqual(['a', 'b', 'c', 'd'])
  const items: Short = {
    to: { order_line: { each: 'lines', key: 'no', sku: 'sku', attributes: '*' } },
  }
  const lines = await mapRows(items, [{ id: 1, lines: [{ no: 1, sku: 'a', extra: [1, null] }] }])
  expect(rowsOf(lines, 'order_line')[0]!.attributes).toBe('{"extra":[1],"no":1}')
})

test('a second party takes the default reference away', async () => {
  const short: Short = {
    to: { party: [{ as: 'a' }, { as: 'b' }], sales_order: { number: 'id' } },
  }
  expect(rowsOf(await mapRows(short, [{ id: 1 }]), 'sales_order')).toEqual([
    { id: 'shop:customers:1', number: '1' },
  ])
})

test('a party that is not made is not referred to', async () => {
  const short: Short = { to: { sales_order: { number: 'id' }, party: { when: 'id = 1' } } }
  expect(rowsOf(await mapRows(short, [{ id: 1 }, { id: 2 }]), 'sales_order')).toEqual([
    { id: 'shop:customers:1', number: '1', party_id: 'shop:customers:1' },
    { id: 'shop:customers:2', number: '2' },
  ])
})

test('ids are those of core/row-id, shortened where long', async () => {
  const long = 'k'.repeat(300)
  const mapped = await mapRows(
    { to: { party: {}, identifier: { as: 'e:1', type: { is: 'x' }, value: 'id' } } },
    [{ id: long }],
  )
  expect(rowsOf(mapped, 'identifier')[0]!.id).toBe(rowId('shop', 'customers', long, 'e:1'))
  expect(rowsOf(mapped, 'party')[0]!.id).toHaveLength(191)
  expect(mapped.keys[0]).toHaveLength(191)
})

test('hostile field names and values are data', async () => {
  const row = JSON.parse(
    '{"id":1,"__proto__":{"a":1},"constructor":"c","o":{"__proto__":{"x":"p"}},"then":"t"}',
  )
  const short: Short = {
    to: {
      party: {
        given_name: 'constructor',
        full_name: '`__proto__`.a & o.`__proto__`.x & $keys(o)',
        attributes: '*',
      },
    },
  }
  const mapped = await mapRows(short, [row])
  expect(rowsOf(mapped, 'party')).toEqual([
    { id: 'shop:customers:1', given_name: 'c', full_name: '1p__proto__', attributes: '{"id":1,"then":"t"}' },
  ])
  expect(({} as Record<string, unknown>).a).toBeUndefined()
})

test('fault 33: nesting of 10,000 levels rejects the row and can be stored as a reject', async () => {
  const deep = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000))
  const bare = await mapRows(
    { to: { identifier: { party_id: 'id', type: { is: 'x' }, value: 'id', parts: 'deep' } } },
    [{ id: 1, deep }],
  )
  const computed = await mapRows({ to: { party: { employees: '$count(deep)' } } }, [
    { id: 1, deep },
    { id: 2, deep: [1] },
  ])
  expect(reasons(bare)).toEqual(['0 E524 identifier parts'])
  expect(reasons(computed)).toEqual(['0 E524 party employees'])
  expect(JSON.stringify(bare.rejects).length).toBeLessThan(2000)
  expect(rowsOf(computed, 'party')).toEqual([{ id: 'shop:customers:2', employees: 1 }])
})

test('names that the interpreter reserves cannot pass for functions', async () => {
  const forged = { _jsonata_lambda: true, thunk: true, body: { type: 'string', value: 'x' } }
  const mapped = await mapRows({ to: { party: { given_name: '$type(o.f)' } } }, [{ id: 1, o: { f: forged } }])
  expect(reasons(mapped)).toEqual(['0 E525 party given_name'])
})

test('an expression that groups an empty list leaves the row as it was', async () => {
  const short: Short = {
    to: {
      party: { given_name: '$string(lines{ "n": $count($) })', employees: '$count(lines)' },
      identifier: { type: { is: 'n' }, value: '$string($count(lines))' },
    },
  }
  const rows = [{ id: 1, lines: [] }]
  const mapped = await mapRows(short, rows)
  expect(rowsOf(mapped, 'party')[0]!.employees).toBe(0)
  expect(rowsOf(mapped, 'identifier')[0]!.value).toBe('0')
  expect(rows).toEqual([{ id: 1, lines: [] }])
})

test('a decimal of the source is never rounded, a double is', async () => {
  const of = async (type: 'decimal' | 'float' | 'json', net: string, value: Json) => {
    const mapped = await mapRows({ fields: { id: 'integer', n: type }, to: { sales_order: { net } } }, [
      { id: 1, n: value },
    ])
    return rowsOf(mapped, 'sales_order')[0]?.net ?? mapped.rejects[0]!.code
  }
  expect(await of('decimal', 'n', 1.23456)).toBe('E508')
  expect(await of('float', 'n', 1.23456)).toBe('1.2346')
  expect(await of('decimal', 'n * 1', 1.23456)).toBe('1.2346')
  expect(await of('json', 'n.a', { a: 1.23456 })).toBe('E508')
  expect(await of('decimal', '$decimal(n)', 1.23456)).toBe('1.2346')
})

test('an error of one column in a row that is not made rejects nothing', async () => {
  const short: Short = {
    to: { party: {}, identifier: { type: '$lowercase(n)', value: 'v', parts: 'n + t' } },
  }
  const mapped = await mapRows(short, [
    { id: 1, n: 1, v: null, t: 'x' },
    { id: 2, n: null, v: 1, t: 'x' },
  ])
  expect(mapped.rejects.map((it) => it.column)).toEqual(['type'])
  expect(rowsOf(mapped, 'party').map((it) => it.id)).toEqual(['shop:customers:2'])
})

test('a join with @ takes its second list from the row, and that field is read', async () => {
  const short: Short = {
    to: {
      party: {
        attributes: { it: 'orders@$o.customers@$c[$c.id = $o.customer].{"no": $o.no, "name": $c.name}' },
      },
    },
  }
  expect(compiled(short).mapper!.fields).toEqual(['customers', 'orders'])
  const mapped = await mapRows(short, [
    {
      id: 1,
      orders: [{ no: 7, customer: 'x' }],
      customers: [
        { id: 'x', name: 'Ada' },
        { id: 'y', name: 'Bo' },
      ],
    },
  ])
  expect(JSON.parse(String(rowsOf(mapped, 'party')[0]!.attributes))).toEqual({ it: { no: 7, name: 'Ada' } })
})

test('endless recursion ends with the row, and the next row is mapped', async () => {
  const short: Short = {
    to: { party: { employees: '( $f := function($n){ $n > 0 ? 1 + $f($n) : 0 }; $f(n) )' } },
  }
  const mapped = await mapRows(short, [
    { id: 1, n: 1 },
    { id: 2, n: 0 },
  ])
  expect(reasons(mapped)).toEqual(['0 E503 party employees'])
  expect(rowsOf(mapped, 'party')).toEqual([{ id: 'shop:customers:2', employees: 0 }])
})

test('batches given at the same time do not mix', async () => {
  const short: Short = { to: { party: { given_name: 'name & ""', full_name: '$self()' } } }
  const { mapper } = compiled(short)
  const of = (names: string[]) =>
    batchOf(
      short,
      names.map((name) => ({ id: name, name })),
    )
  const batches = [of(['a', 'b', 'c']), of(['d', 'e']), of(['f'])]
  const mapped = await Promise.all(batches.map((it) => mapper!.map(it, columnsOf(it))))
  expect(
    mapped.flatMap((it) => rowsOf(it, 'party').map((row) => `${row.given_name} ${row.full_name}`)),
  ).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map((it) => `${it} shop:customers:${it}`))
  await mapper!.close()
})

test('the hash follows what decides a row, not the order in which it is written', () => {
  const hash = (short: Short) => compiled(short).mapper!.hash
  const base: Short = { to: { party: { given_name: 'a', full_name: 'b' }, sales_order: { number: 'n' } } }
  const turned: Short = { to: { sales_order: { number: 'n' }, party: { full_name: 'b', given_name: 'a' } } }
  expect(hash(turned)).toBe(hash(base))
  const different: Short[] = [
    { ...base, where: 'a' },
    { ...base, key: ['k'] },
    { ...base, cursor: 'c' },
    { ...base, timezone: 'UTC' },
    { to: { ...base.to, party: { given_name: 'a', full_name: 'c' } } },
    { to: { ...base.to, party: { given_name: 'a', full_name: { from: 'b', invalid: 'missing' } } } },
    { to: { ...base.to, party: { given_name: 'a', full_name: { from: 'b', default: 'x' } } } },
    { to: { ...base.to, sales_order: { number: 'n', as: 'x' } } },
  ]
  expect(new Set([base, ...different].map(hash)).size).toBe(different.length + 1)
})
