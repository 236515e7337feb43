import { expect, test } from 'vitest'
import type { TargetSpec } from '../core/spec.ts'
import { checkFiles, pipelineTo } from './testing/project.ts'

function targetsOf(to: string, extra = '', settings = ''): TargetSpec[] {
  const pipeline = pipelineTo(to).replace('    to:', `${settings}    to:`)
  const { project, problems } = checkFiles({ 'pipelines/shop.yaml': pipeline + extra })
  expect(problems).toEqual([])
  return project!.pipelines[0]!.datasets[0]!.targets
}

const valuesOf = (target: TargetSpec) => Object.fromEntries(target.columns.map((it) => [it.column, it.value]))

test('constants of text columns keep the characters of the file', () => {
  const [party, order] = targetsOf(`
party: { kind: { is: person }, given_name: 007, language: { is: no }, employees: 12, active: true }
sales_order: { number: 1.50, net: 1234567890123.4567, ordered_at: { is: 2024-01-31T09:30:00Z } }`)
  expect(valuesOf(party!)).toMatchObject({
    given_name: { constant: '007' },
    language: { constant: 'no' },
    employees: { constant: 12 },
    active: { constant: true },
  })
  expect(valuesOf(order!)).toMatchObject({
    number: { constant: '1.50' },
    // More digits than a number carries.
    net: { constant: '1234567890123.4567' },
    ordered_at: { constant: '2024-01-31T09:30:00Z' },
  })
})

test('comments behind whole expressions are comments', () => {
  const [party] = targetsOf(
    `
party:
  kind: { is: person }
  given_name: first_name          # as on the passport
  family_name: $f("a # b")        # quotes do not protect in YAML, but this one is no comment there
  language: 'a & " #"'            # quoted`.replace('$f("a # b")', '\'$f("a # b")\''),
  )
  expect(valuesOf(party!)).toMatchObject({
    given_name: { expression: { text: 'first_name' } },
    family_name: { expression: { text: '$f("a # b")' } },
    language: { expression: { text: 'a & " #"' } },
  })
})

test('an expression in a block scalar may hold anything', () => {
  const [party] = targetsOf(`
party:
  kind: { is: person }
  given_name: |
    a ? { "x": b, "y": [c] }.x : d  # part of the text
  family_name: >-
    first &
    last`)
  expect(valuesOf(party!)).toMatchObject({
    given_name: { expression: { text: 'a ? { "x": b, "y": [c] }.x : d  # part of the text\n' } },
    family_name: { expression: { text: 'first & last' } },
  })
})

test('attributes are all the rest, or expressions by name', () => {
  const [all, some] = targetsOf(`
party: { kind: { is: person }, attributes: '*' }
identifier: { type: { is: email }, value: email, attributes: { "lead score": hs_score, version: 2, vip: true } }`)
  expect(all!.attributes).toMatchObject({ all: true })
  const attributes = some!.attributes!
  expect(attributes.all ? [] : attributes.entries.map((it) => [it.name, it.value.text])).toEqual([
    ['lead score', 'hs_score'],
    ['version', '2'],
    ['vip', 'true'],
  ])
})

test('value tables have replacements of the type of the column', () => {
  const [party, identifier] = targetsOf(`
party:
  kind: { is: person }
  status: { from: s, map: { 1: lead, true: customer, "": ~ }, default: former }
  employees: { from: size, map: { small: 5, large: 5000 } }
  given_name: { from: n, map: { a: 01 } }
identifier: { type: t, value: v, parts: { from: p, map: { home: { city: Delft, no: [1] } } } }`)
  const mapOf = (target: TargetSpec, column: string) => target.columns.find((it) => it.column === column)!.map
  expect(mapOf(party!, 'status')).toEqual({ 1: 'lead', true: 'customer', '': null })
  expect(mapOf(party!, 'employees')).toEqual({ small: 5, large: 5000 })
  expect(mapOf(party!, 'given_name')).toEqual({ a: '01' })
  expect(mapOf(identifier!, 'parts')).toEqual({ home: { city: 'Delft', no: [1] } })
})

test('a default without a value table stands for a missing value', () => {
  const [party] = targetsOf('party: { kind: { is: person }, status: { from: s, default: lead } }')
  expect(party!.columns[1]).toMatchObject({ column: 'status', default: 'lead' })
  expect(party!.columns[1]!.map).toBeUndefined()
})

test('a list of one row needs no name, a single row may have one', () => {
  expect(targetsOf('identifier: [ { type: t, value: v } ]')[0]!.as).toBeUndefined()
  expect(targetsOf('identifier: { as: mail, type: t, value: v }')[0]!.as).toBe('mail')
})

test('where a row makes one party, a required reference to it may be left out', () => {
  expect(targetsOf('party: { kind: { is: person } }\nsales_order: { number: n }')).toHaveLength(2)
  const two =
    'party: [ { as: a, kind: { is: person } }, { as: b, kind: { is: person } } ]\nsales_order: { number: n }'
  const { problems } = checkFiles({ 'pipelines/shop.yaml': pipelineTo(two) })
  expect(problems.map((it) => it.code)).toEqual(['E154'])
})

test('defaults go to every target that has the column and leaves it out, and count as mapped', () => {
  const defaults = 'defaults: { currency: { is: EUR }, kind: { is: organisation }, net: amount }\n'
  const [party, order, line] = targetsOf(
    'party: { given_name: a }\nsales_order: { net: own }\norder_line: { sku: s }',
    defaults,
  )
  expect(valuesOf(party!)).toEqual({
    given_name: { expression: expect.objectContaining({ text: 'a' }) },
    kind: { constant: 'organisation' },
  })
  expect(valuesOf(order!)).toMatchObject({
    net: { expression: { text: 'own' } },
    currency: { constant: 'EUR' },
  })
  expect(valuesOf(line!)).toMatchObject({ net: { expression: { text: 'amount' } } })
})

test('a faulty default is reported once, at the default', () => {
  const text = `defaults: { net: "1" , currency: { is: EURO } }\n${pipelineTo('sales_order: [ { as: a, party_id: p }, { as: b, party_id: p } ]')}`
  const { problems } = checkFiles({ 'pipelines/shop.yaml': text })
  expect(problems.map((it) => [it.code, it.at!.line, it.at!.column])).toEqual([['E155', 1, 40]])
})

test('anchors and aliases stand for what they name', () => {
  const [party, order] = targetsOf(`
party: { kind: { is: person }, given_name: &name $trim(n), registered_at: &at { from: t, zone: UTC } }
sales_order: { number: *name, ordered_at: *at }`)
  expect(valuesOf(order!)).toMatchObject({
    number: { expression: { text: '$trim(n)' } },
    ordered_at: { expression: { text: 't' } },
  })
  expect(order!.columns.find((it) => it.column === 'ordered_at')).toMatchObject({ zone: 'UTC' })
  expect(party!.columns).toHaveLength(3)
})

test('tests may have steps, and numbers in rows keep their digits', () => {
  const { project, problems } = checkFiles({
    'pipelines/shop.yaml': `${pipelineTo('party: { kind: { is: person } }')}tests:
  - name: a change over time
    steps:
      - given: { customers: [ { id: 12345678901234567890, at: 2024-01-31, x: ~, __proto__: 1 } ] }
        expect: { party: [ { id: "shop:customers:1", deleted_at: ~ } ] }
      - filtered: 1
`,
  })
  expect(problems).toEqual([])
  const [first, second] = project!.pipelines[0]!.tests[0]!.steps
  expect(Object.entries(first!.given.customers![0]!)).toEqual([
    ['id', '12345678901234567890'],
    ['at', '2024-01-31'],
    ['x', null],
    ['__proto__', 1],
  ])
  expect(second).toMatchObject({ given: {}, expect: {}, filtered: 1 })
})

test('schedules have five fields with lists, ranges, steps and names', () => {
  for (const schedule of ['* * * * *', '0 6 * * 1-5', '*/15 8-18/2 1,15 jan-mar SUN', '59 23 31 12 7'])
    expect(
      checkFiles({
        'pipelines/shop.yaml': `schedule: "${schedule}"\n${pipelineTo('party: { kind: { is: person } }')}`,
      }).project!.pipelines[0]!.schedule,
    ).toBe(schedule)
})

test('a pipeline name stands in one file only', () => {
  const text = pipelineTo('party: { kind: { is: person } }')
  const { problems, files } = checkFiles({ 'pipelines/a.yaml': text, 'pipelines/shop.yaml': text })
  expect(files).toBe(4)
  expect(problems).toMatchObject([
    { code: 'E116', at: { file: { path: expect.stringContaining('pipelines/') } } },
  ])
})

test('without polder.yaml the warehouse is a DuckDB file in the project', () => {
  expect(checkFiles({ 'polder.yaml': null }).project!.warehouse).toMatchObject({
    type: 'duckdb',
    schema: 'customer',
    internal: 'polder',
    options: { path: './warehouse.duckdb' },
  })
  expect(checkFiles({ 'polder.yaml': 'commit: { rows: 5 }\n' }).project).toMatchObject({
    warehouse: { type: 'duckdb' },
    commit: { rows: 5, seconds: 2 },
  })
})

test('every fault of every file is reported at once', () => {
  const { project, problems } = checkFiles({
    'polder.yaml': 'timezone: Mars\nwarehouse: { type: duckdb, path: x, schema: polder }\n',
    'config/connections.yaml': 'a: { connector: nope }\nb: { connector: files }\n',
    'pipelines/one.yaml': 'pipeline: One\nconnection: c\ndatasets:\n  d: { from: x, to: { partij: {} } }\n',
    'pipelines/shop.yaml': 'a: "\n',
    'schema/x.yaml': 'table: party\ncolumns: { id: { type: text, description: x } }\n',
  })
  expect(project).toBeUndefined()
  expect(problems.map((it) => `${it.code} ${it.at!.file.path}:${it.at!.line}`)).toEqual([
    'E122 config/connections.yaml:1',
    'E124 config/connections.yaml:2',
    'E115 pipelines/one.yaml:1',
    'E141 pipelines/one.yaml:2',
    'E151 pipelines/one.yaml:4',
    'E101 pipelines/shop.yaml:2',
    'E118 polder.yaml:1',
    'E126 polder.yaml:2',
    'E183 schema/x.yaml:2',
  ])
})

test('what a broken file would have declared is not missed elsewhere', () => {
  const { problems } = checkFiles({
    'config/connections.yaml': 'a: [\n',
    'schema/card.yaml': 'table: "card\n',
    'pipelines/shop.yaml': pipelineTo('card: { no: n }'),
  })
  expect([...new Set(problems.map((it) => it.code))]).toEqual(['E101'])
})

test('append_on is one column or a list; the time that is left out is the cursor', () => {
  const [one, all] = targetsOf(
    `
visit:
  - { as: one, kind: { is: a }, page: url, append_on: page, occurred_at: seen_at }
  - { as: all, kind: k, page: url, append_on: [page, kind] }`.replace(/^\n/, ''),
    '',
    '    cursor: changed\n',
  )
  expect(one!.appendOn).toMatchObject({ columns: ['page'], markIsTime: false })
  expect(all!.appendOn).toMatchObject({ columns: ['page', 'kind'], markIsTime: true })
  expect(valuesOf(one!)['occurred_at']).toMatchObject({ expression: { text: 'seen_at' } })
  expect(valuesOf(all!)['occurred_at']).toMatchObject({ expression: { text: '`changed`' } })
})

test('same_as of a party is an expression with a reference', () => {
  const [party] = targetsOf('party: { kind: { is: person }, same_as: "$ref(\'customers\', merged)" }')
  expect(party!.sameAs!.text).toBe("$ref('customers', merged)")
})

const scanOf = (pipeline: string, dataset: string) => {
  const text = pipelineTo('party: { kind: { is: person } }').replace(
    '    to:',
    `    cursor: t\n${dataset}    to:`,
  )
  const { project, problems } = checkFiles({ 'pipelines/shop.yaml': pipeline + text })
  expect(problems).toEqual([])
  const { keyScan, deletes, deletesBySource } = project!.pipelines[0]!.datasets[0]!
  return {
    cron: keyScan && (keyScan.cron ?? 'every'),
    deletes: deletes?.text,
    source: deletesBySource !== undefined,
  }
}

test.each([
  ['', '', { cron: undefined, source: false }],
  ['', '    deletes: scan\n', { cron: 'every', source: false }],
  ['', '    deletes: scan\n    key_scan: "@daily"\n', { cron: '0 0 * * *', source: false }],
  // Times for key scans ask for key scans, whatever else tells deletes.
  ['', '    key_scan: "@weekly"\n', { cron: '0 0 * * 0', source: false }],
  ['', '    deletes: gone\n    key_scan: "@weekly"\n', { cron: '0 0 * * 0', deletes: 'gone', source: false }],
  ['', '    deletes: source\n    key_scan: "@weekly"\n', { cron: '0 0 * * 0', source: true }],
  ['key_scan: "@daily"\n', '', { cron: '0 0 * * *', source: false }],
  ['key_scan: "@daily"\n', '    key_scan: "30 4 * * *"\n', { cron: '30 4 * * *', source: false }],
  ['key_scan: "@daily"\n', '    deletes: scan\n', { cron: '0 0 * * *', source: false }],
  // A field of that name stands between backquotes.
  ['', "    deletes: '`scan`'\n", { cron: undefined, deletes: '`scan`', source: false }],
])('%j with %j scans keys as %j', (pipeline, dataset, expected) => {
  expect(scanOf(pipeline, dataset)).toEqual({ deletes: undefined, ...expected })
})

test('with names tables, the fields that lead to their rows, and whether these are several', () => {
  const text = pipelineTo('party: { kind: { is: person } }').replace(
    '    to:',
    `    with:
      city: { from: public.cities, on: city_id }
      visits:
        from: public.visits
        on: [id, "area"]
        key: [customer_id, area]
        many: true
    to:`,
  )
  const { project, problems } = checkFiles({ 'pipelines/shop.yaml': text })
  expect(problems).toEqual([])
  const [city, visits] = project!.pipelines[0]!.datasets[0]!.with!
  expect(city).toMatchObject({ name: 'city', from: 'public.cities', on: [{ name: 'city_id' }], many: false })
  expect(city!.key).toBeUndefined()
  const [on, key] = [visits!.on, visits!.key!].map((it) => it.map(({ name }) => name))
  expect([on, key, visits!.many]).toEqual([['id', 'area'], ['customer_id', 'area'], true])
})
