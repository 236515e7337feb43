import { expect, test } from 'vitest'
import { looseText } from '../core/place.ts'
import { checkExpression } from './check.ts'
import { compileMapping } from './compile.ts'
import { compiled, mappingInput, problemsOf, type Short } from './testing/mapping.ts'

/** Each problem as its code, and the text that the caret marks. */
function marked(text: string): string[] {
  return checkExpression(looseText(text)).map(({ code, at }) => {
    const line = text.split('\n')[at!.line - 1]!
    return `${code} ${line.slice(at!.column - 1, at!.column - 1 + at!.length)}`
  })
}

test.each([
  ['a.b', []],
  ['$lowercase(email)', []],
  ['a + ', ['E201 +']],
  ['', ['E201 ']],
  ['(a', ['E201 a']],
  ['"abc', ['E201 c']],
  ['a b', ['E201 b']],
  ['a.1', ['E201 1']],
  ['a[', ['E201 [']],
  ['$match(a, /[/)', ['E201 )']],
  ['$lowercas(email)', ['E202 $lowercas']],
  ['a ~> $uppercas', ['E202 $uppercas']],
  ['$custmer.name', ['E202 $custmer']],
  ['sum(x)', ['E203 sum']],
  ['a & foo(x)', ['E203 foo']],
  ['a = 12345678901234567890', ['E208 12345678901234567890']],
  ['a * -0.12345678901234567', ['E208 0.12345678901234567']],
  ['9007199254740991 + 1.25e3', []],
  ['$contains(a, /x/) ?: "no"', []],
  ['$replace(a, /[0-9]/, "") ?? b', []],
  ['$contains(a, /(x)\\1/)', ['E209 $contains']],
  ['$contains(a, /x(?=y)/) ?: 1', ['E209 $contains']],
  ['( $x := $match(a, /x/); $x ?: b )', []],
  ['a ?: b ?? c', []],
  ['$eval(a)', ['E211 $eval']],
  ['$decimal(a, b)', ['E205 $decimal']],
  ['$ref("a")', ['E205 $ref']],
  ['$self("a", "b")', ['E205 $self']],
  ['( $f := function($x){ $x + 1 }; $f(a) )', []],
  ['$map(lines, function($l, $i){ $l.qty * $i })', []],
  ['lines@$l.items#$i.($l.a & $i)', []],
  ['lines.items.%.name', []],
  ['lines^(>qty)[0].sku', []],
  ['lines{sku: $sum(qty)}', []],
  ['| lines | {"a": 1} |', []],
  ['`my field`', []],
  ["$lookup(a, 'k')", []],
  ['$now() & $millis()', []],
])('%s: %j', (text, expected) => {
  expect(marked(text as string).map((it) => (it.startsWith('E209') ? it.slice(0, 4) : it))).toEqual(
    (expected as string[]).map((it) => (it.startsWith('E209') ? 'E209' : it)),
  )
})

test('a caret stands on the line of a longer expression', () => {
  const [problem] = checkExpression(looseText('(\n  $a := 1;\n  $lowercas(b)\n)'))
  expect([problem!.at!.line, problem!.at!.column, problem!.at!.length]).toEqual([3, 3, 9])
})

test('names get a proposal', () => {
  const remedies = ['$lowercas(a)', 'sum(x)', '$substing(a, 1)'].map(
    (it) => checkExpression(looseText(it))[0]!.remedy,
  )
  expect(remedies).toEqual([
    'Did you mean "$lowercase"?',
    'Did you mean "$sum"?',
    'Did you mean "$substring"?',
  ])
})

const fields: Short['fields'] = {
  id: 'integer',
  email: 'text',
  first_name: 'text',
  lines: 'json',
  created: 'datetime',
  born: 'date',
  status: { type: 'text', nullable: true },
  region: { type: 'text', nullable: false },
}
const withExpression = (text: string, rest: Partial<Short> = {}): Short => ({
  fields,
  to: { party: { given_name: text } },
  ...rest,
})

test('an unknown field says what would happen', () => {
  const [problem] = compiled(withExpression('$lowercase(emial)')).problems
  expect(problem).toMatchObject({
    code: 'E204',
    severity: 'error',
    problem: 'Dataset "shop.customers" has no field "emial" (8 fields).',
    remedy: 'Did you mean "email"? See: polder connect discover',
    note: 'JSONata would return nothing here, so every party.given_name would be NULL.',
  })
  expect([problem!.at!.column, problem!.at!.length]).toEqual([12, 5])
})

test.each([
  'emial',
  'emial & "x"',
  '$$.emial',
  '$row.emial',
  '$.emial',
  '(emial)',
  '$map(lines, function($l){ emial })',
  '{ "a": emial }.a',
  '[emial]',
  'email ? emial : "x"',
  '-emial',
  '$lowercase(emial)[0]',
  'emial[x > 1].y',
  '$.(email & emial)',
  '( $row := $$; $row.emial )',
])('%s takes an unknown field', (text) => {
  expect(problemsOf(withExpression(text)).map((it) => it.slice(0, 4))).toEqual(['E204'])
})

test.each([
  'lines.anything',
  'lines[anything > 1].x',
  'lines{anything: other}',
  'lines^(anything).y',
  'lines.(a * b)',
  '$.lines.a',
  '( $lines := lines; $lines.x )',
  '$map(lines, function($l){ $l.x })',
  'lines.$lookup($, "x")',
  '**.deep',
  '*.x',
  'lines ~> | item | {"x": y} |',
  '(lines)[x = 1]',
])('%s takes none that could be checked', (text) => {
  expect(problemsOf({ fields, to: { party: { attributes: { it: text } } } })).toEqual([])
})

test('inside each, bare names are the item, and $row is checked', () => {
  const each = (sku: string): Short => ({ fields, to: { order_line: { each: 'lines', key: 'no', sku } } })
  expect(problemsOf(each('anything & $row.email & $$.other'))).toEqual([])
  expect(problemsOf(each('$row.emial'))).toEqual([
    'E204 Dataset "shop.customers" has no field "emial" (8 fields).',
  ])
  expect(
    problemsOf({ fields, to: { order_line: { each: 'linse', key: 'no' } } }).map((it) => it.slice(0, 4)),
  ).toEqual(['E204'])
})

test('an unknown or open source has no unknown fields', () => {
  expect(problemsOf(withExpression('emial', { unknownSource: true }))).toEqual([])
  const input = mappingInput(withExpression('emial'))
  input.facts!.schema.open = true
  expect(compileMapping(input).problems).toEqual([])
})

test('traps of missing values are warnings, with what to write instead', () => {
  const warnings = compiled(
    withExpression('email', { where: 'status != "x" and region != "y" and email = null' }),
  ).problems
  expect(warnings.map((it) => [it.code, it.severity, it.remedy])).toEqual([
    ['E224', 'warning', 'To keep them: … or $not($exists(status)).'],
    ['E212', 'warning', 'Write $not($exists(email)).'],
  ])
  expect(compiled(withExpression('email', { where: 'status != "x"' })).mapper).toBeDefined()
})

test('references are checked', () => {
  const targets: Short['targets'] = {
    'shop.orders': { keyTypes: ['integer', 'integer'], as: [] },
    'crm.contacts': { keyTypes: ['text'], as: ['email'] },
  }
  const problems = (text: string) => problemsOf(withExpression(text, { targets }))
  expect(problems('$ref("orders", [id, 2])')).toEqual([])
  expect(problems('$ref("crm.contacts", email, "email")')).toEqual([])
  expect(problems('$ref("ordres", id)')).toEqual(['E206 There is no dataset "shop.ordres".'])
  expect(compiled(withExpression('$ref("ordres", id)', { targets })).problems[0]!.remedy).toBe(
    'Did you mean "orders"?',
  )
  expect(problems('$ref("orders", [id])')).toEqual([
    'E222 The key of "shop.orders" has 2 fields, and 1 are given.',
  ])
  expect(problems('$ref("crm.contacts", email, "emial")')).toEqual([
    'E207 Dataset "crm.contacts" makes no row named "emial".',
  ])
  expect(problems('$ref(email, id)').map((it) => it.slice(0, 4))).toEqual(['E218'])
  expect(problems('lines.id ~> $map($ref)').map((it) => it.slice(0, 4))).toEqual(['E221'])
  expect(problems('$self("email")')).toEqual(['E207 Dataset "shop.customers" makes no row named "email".'])
  expect(problems('$self()')).toEqual([])
})

test('the unified schema is checked', () => {
  const problems = (to: Short['to'], rest: Partial<Short> = {}) => problemsOf({ fields, to, ...rest })
  expect(problems({ partij: {} })).toEqual(['E215 There is no unified table "partij".'])
  expect(problems({ party: { givenname: 'email' } })).toEqual([
    'E215 Table "party" has no column "givenname" to map.',
  ])
  expect(problems({ party: { source: 'email' } })).toEqual([
    'E215 Table "party" has no column "source" to map.',
  ])
  expect(problems({ party: { kind: { is: 'robot' } } })).toEqual([
    'E216 "robot" does not fit column "kind" (text): it is none of person, organisation.',
  ])
  expect(
    problems({ party: { birth_date: { from: 'born', default: 'never' } } }).map((it) => it.slice(0, 4)),
  ).toEqual(['E216'])
  expect(
    problems({ party: { status: { from: 'status', map: { a: 'lead', b: 'bad' } } } }).map((it) =>
      it.slice(0, 4),
    ),
  ).toEqual(['E216'])
  expect(problems({ identifier: { party_id: 'id', type: { is: 'x' } } }).map((it) => it.slice(0, 4))).toEqual(
    ['E220'],
  )
  expect(problems({ order_line: { each: 'lines', sku: 'sku' } })).toEqual([
    'E217 "each" needs the key of an item.',
  ])
})

test('rows of one table with equal ids are an error', () => {
  const identifier = (...targets: Record<string, string>[]): string[] =>
    problemsOf({
      fields,
      to: { party: {}, identifier: targets.map((it) => ({ ...it, type: { is: 'x' }, value: 'email' })) },
    }).map((it) => it.slice(0, 4))
  expect(identifier({ as: 'a' }, { as: 'b' }, {})).toEqual([])
  expect(identifier({ as: 'a' }, { as: 'a' })).toEqual(['E213'])
  expect(identifier({}, {})).toEqual(['E213'])
  expect(identifier({ as: 'a' }, { each: 'lines', key: 'no' })).toEqual(['E213'])
  expect(identifier({ as: 'a' }, { as: 'b', each: 'lines', key: 'no' })).toEqual([])
})

test('fault 23: a local time needs a zone before anything runs', () => {
  const short: Short = { fields, to: { sales_order: { ordered_at: 'created' } } }
  expect(problemsOf(short)).toEqual([
    'E214 Field "created" (datetime) carries no time zone, and none is stated.',
  ])
  expect(problemsOf({ ...short, timezone: 'Europe/Amsterdam' })).toEqual([])
  expect(problemsOf({ ...short, timezone: 'Europe/Amsterdm' })).toEqual([
    'E219 There is no time zone "Europe/Amsterdm".',
  ])
  const onColumn: Short = { fields, to: { sales_order: { ordered_at: { from: 'created', zone: 'UTC' } } } }
  expect(problemsOf(onColumn)).toEqual([])
})
