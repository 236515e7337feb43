import { expect, test } from 'vitest'
import type { Field, JsonShape } from '../../core/field.ts'
import { compileMapping } from '../compile.ts'
import { mappingInput, own, type Short, table } from '../testing/mapping.ts'

const FIELDS: NonNullable<Short['fields']> = {
  id: { type: 'integer', nullable: false },
  name: { type: 'text', nullable: false },
  email: 'text',
  amount: 'decimal',
  count: 'integer',
  active: 'boolean',
  born: 'date',
  doc: 'json',
}
const OUT = table('out', [
  own('text', { kind: 'text' }),
  own('number', { kind: 'integer' }),
  own('money', { kind: 'decimal', precision: 18, scale: 2 }),
  own('flag', { kind: 'boolean' }),
  own('day', { kind: 'date' }),
  own('at', { kind: 'timestamp' }),
  own('json', { kind: 'json' }),
  own('state', { kind: 'text' }, { values: ['on', 'off'] }),
])

type Columns = Short['to'][string]

/** Each finding as `code severity marked text`, of one target or of a `where`. */
function found(columns: Columns, more: Partial<Short> & { sample?: [Field[], number] } = {}): string[] {
  const { sample, ...rest } = more
  const input = mappingInput({ fields: FIELDS, tables: [OUT], to: { out: columns }, ...rest })
  if (sample) Object.assign(input.facts!.schema, { fields: sample[0], open: true, sampled: sample[1] })
  return compileMapping(input).problems.map(({ code, severity, at }) => {
    const line = at!.file.text.split('\n')[at!.line - 1]!
    return `${code} ${severity} ${line.slice(at!.column - 1, at!.column - 1 + at!.length)}`
  })
}

test.each<[Columns, string[]]>([
  [{ text: 'name.first' }, ['E223 error first']],
  [{ text: '$lowercase(name)' }, []],
  [{ money: 'name * 2' }, ['E225 error name']],
  [{ money: '-name' }, ['E225 error name']],
  [{ money: '$sum(name)' }, ['E225 error name']],
  [{ money: '$sum($map([1, 2], function($x){ name }))' }, ['E225 error $map']],
  [{ money: '$sum(doc.lines.price)' }, []],
  [{ money: '$decimal(name * 2 + $sum([name, email]))' }, []],
  [{ text: '$uppercase(amount)' }, ['E225 warning amount']],
  [{ text: '$uppercase(1 + 2)' }, ['E225 error +']],
  [{ text: 'name ~> $round' }, ['E225 error $round']],
  [{ text: 'name ~> $uppercase' }, []],
  [{ flag: 'name > 5' }, ['E225 error name']],
  [{ flag: 'name > "m"' }, []],
  [{ flag: 'amount > "5"' }, ['E225 warning amount']],
  [{ flag: 'active > true' }, ['E225 warning active', 'E225 error true']],
  [{ json: '{ (count): 1 }' }, ['E225 warning (']],
  [{ flag: 'name = 5' }, ['E234 warning =']],
  [{ flag: 'count = "5"' }, ['E234 warning =']],
  [{ flag: 'active = "ja"' }, ['E234 warning =']],
  [{ flag: 'name in [1, 2]' }, ['E234 warning in']],
  [{ flag: 'count = "9007199254740993"' }, []],
  [{ flag: 'doc.a = 5 or doc.b = "x" or name in ["x", email]' }, []],
  [{ text: '{ "a": name }' }, ['E227 error {']],
  [{ text: '[name, email]' }, ['E227 error [']],
  [{ text: '$split(name, " ")' }, ['E227 error $split']],
  [{ text: '$split(name, " ")[0]' }, []],
  [{ text: '$uppercase' }, ['E227 error $uppercase']],
  [{ money: 'active' }, ['E227 warning active']],
  [{ money: 'name = "x"' }, ['E227 error =']],
  [{ number: 'born' }, ['E227 error born']],
  [{ at: 'count' }, ['E227 warning count']],
  [{ at: '$fromMillis(count)' }, []],
  [{ at: '"2024-13-01"' }, ['E227 error "2024-13-01"']],
  [{ state: 'active ? "on" : "of"' }, ['E227 warning ']],
  [{ state: 'active ? "on" : "off"' }, []],
  [{ number: 'name' }, []],
  [{ text: 'amount & ""', number: 'active ? 1 : 0', flag: 'count = 1', day: 'born', json: 'doc' }, []],
  [{ state: { from: 'active', map: { ja: 'on', false: 'off' } } }, ['E229 warning active']],
  [{ state: { from: 'count', map: { '01': 'on', '2': 'off' } } }, ['E229 warning count']],
  [{ state: { from: 'active ? "a" : "b"', map: { a: 'on', c: 'off' } } }, ['E229 warning ']],
  [{ state: { from: 'name', map: { whatever: 'on' } } }, []],
  [{ json: '$map($split(name, ","), $trim)' }, ['E230 warning $map']],
  [{ json: '{ "parts": $map($split(name, ","), $trim) }' }, ['E230 warning $map']],
  [{ json: '[$map($split(name, ","), $trim)]' }, []],
  [{ text: '$map($split(name, ","), $trim)' }, ['E228 warning $map']],
  [{ text: '( $x := name; $y := email; $x )' }, ['E231 warning $y']],
  [{ text: '( $f := function($n){ $n }; $x := name; $f($x) )' }, []],
  [{ text: '( $x := name; $join($map([1, 2], function($n){ $x })) )' }, []],
  [{ flag: '$contains(name, /^(\\w+\\s?)*$/)' }, ['E232 warning /']],
  [{ text: '$lowercase()' }, ['E225 error $lowercase']],
  [{ text: 'doc.a.$lowercase()' }, []],
  [{ text: '$lowercase(name, email)' }, ['E205 error $lowercase']],
  [{ text: '$join()' }, ['E205 error $join']],
  [{ flag: 'doc.a = null' }, ['E212 warning =']],
  [{ flag: '( $m := email; $m != null )' }, ['E212 warning !=']],
  [{ text: 'email ? null : name' }, []],
])('%j: %j', (columns, expected) => {
  const marks = found(columns).map((it, at) => (expected[at]?.endsWith(' ') ? it.replace(/\S*$/, '') : it))
  expect(marks.map((it) => it.replace(/(E232 warning) .*/, '$1 /'))).toEqual(expected)
})

test.each<[string, string[]]>([
  ['email != "x"', ['E224 warning !=']],
  ['$not(active)', ['E224 warning $not']],
  ['$not(active) or $not($exists(active))', []],
  ['$exists(email) and email != "x"', []],
  ['email != ""', []],
  ['name != "x"', []],
  ['$not(email = "x")', []],
  ['doc.items[kind != "x"]', []],
])('where: %s', (where, expected) => {
  expect(found({ text: 'name' }, { where })).toEqual(expected)
})

const shape = (of: Partial<JsonShape>): JsonShape => ({ count: 500, kinds: ['text'], ...of })
const line = shape({
  count: 900,
  kinds: ['object'],
  objects: 900,
  fields: { sku: shape({ count: 900 }), price: shape({ count: 900 }) },
})
const SAMPLE: [Field[], number] = [
  [
    { name: 'id', type: 'integer', sourceType: 'json', nullable: true, shape: shape({ kinds: ['integer'] }) },
    {
      name: 'customer',
      type: 'json',
      sourceType: 'json',
      nullable: true,
      shape: shape({ kinds: ['object'], objects: 500, fields: { email: shape({ count: 499 }) } }),
    },
    {
      name: 'lines',
      type: 'json',
      sourceType: 'json',
      nullable: true,
      shape: shape({ count: 450, kinds: ['list'], items: line }),
    },
    {
      name: 'emails',
      type: 'json',
      sourceType: 'json',
      nullable: true,
      shape: shape({
        kinds: ['list'],
        items: shape({ kinds: ['object'], objects: 500, fields: { address: shape({}) } }),
      }),
    },
  ],
  500,
]
const sampled = (columns: Columns) => found(columns, { sample: SAMPLE })

test.each<[Columns, string[]]>([
  [{ text: 'customer.email' }, []],
  [{ text: 'custmer.email' }, ['E204 warning custmer']],
  [{ text: 'customer.emial' }, ['E204 warning emial']],
  [{ text: 'customer.email.domain' }, ['E223 warning domain']],
  [{ text: 'something.else' }, ['E204 warning something']],
  [{ text: 'lines[0].sku' }, []],
  [{ text: 'lines[sku = "x"].price' }, []],
  [{ text: 'lines.sku' }, ['E228 warning lines.sku']],
  [{ text: '$uppercase(lines.sku)' }, ['E228 warning lines.sku']],
  [{ text: '$join(lines.sku, ",")' }, []],
  [{ money: '$sum(lines.price)' }, ['E225 warning lines.price']],
  [{ money: '$sum(lines.$number(price))' }, []],
  [{ text: 'emails.address', json: 'emails.address' }, []],
  [{ json: 'lines' }, []],
  [{ json: 'lines.sku' }, ['E230 warning lines.sku']],
  [{ json: 'lines.sku[]' }, []],
  [{ json: 'lines{sku: price}' }, ['E233 warning sku']],
  [{ json: '$exists(lines) ? lines{sku: price}' }, []],
  [{ each: 'lines', key: 'sku', text: 'sku & $row.customer.email' }, []],
  [{ each: 'lines', key: 'sku', text: 'skuu' }, ['E204 warning skuu']],
])('of a sample: %j: %j', (columns, expected) => {
  expect(sampled(columns)).toEqual(expected)
})

test('a proposal says how many of the sampled rows have the field', () => {
  const input = mappingInput({ fields: FIELDS, tables: [OUT], to: { out: { text: 'customer.emial' } } })
  Object.assign(input.facts!.schema, { fields: SAMPLE[0], open: true, sampled: 500 })
  const [problem] = compileMapping(input).problems
  expect(problem).toMatchObject({
    problem: '"customer" has no field "emial" in 500 sampled values.',
    remedy: 'Did you mean "email"? (present in 99.8 % of 500 sampled values)',
    note: 'JSONata would return nothing here, so every out.text would be NULL.',
  })
})
