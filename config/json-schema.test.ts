import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { jsonSchemas } from './json-schema.ts'
import { loadTables } from './schema.ts'
import { checkFiles, pipelineTo, testRegistry, testSchema } from './testing/project.ts'

const schemas = jsonSchemas(testRegistry, loadTables(testSchema).tables)

function accepts(name: string, text: string): boolean {
  const schema = z.fromJSONSchema(schemas[name] as Parameters<typeof z.fromJSONSchema>[0])
  return schema.safeParse(parse(text)).success
}

test('there is a schema for every kind of file', () => {
  expect(Object.keys(schemas)).toEqual([
    'polder.schema.json',
    'connections.schema.json',
    'pipeline.schema.json',
    'table.schema.json',
  ])
  expect(JSON.parse(JSON.stringify(schemas))).toEqual(schemas)
})

test('an editor finds options, tables and columns with their descriptions', () => {
  const text = JSON.stringify(schemas)
  for (const words of [
    'its secret',
    'A person or an organisation',
    'Day of birth',
    'prospect, lead, customer, former',
  ])
    expect(text).toContain(words)
})

const withLookup = (lookup: string) =>
  `${pipelineTo('party: { kind: { is: person } }').replace('    to:', `    with:\n      visits: ${lookup}\n    to:`)}
tests: [{ name: x, given: { customers.visits: [] }, rejected: 0 }]
`

const withWords = (...lines: string[]) =>
  pipelineTo('party: { kind: { is: person } }').replace(
    '    to:',
    `${lines.map((it) => `    ${it}\n`).join('')}    to:`,
  )

const FILES: [schema: string, path: string, good: string, bad: string][] = [
  [
    'polder.schema.json',
    'polder.yaml',
    'warehouse: { type: duckdb, path: x }\ncommit: { rows: 5 }',
    'warehouse: { type: duckdb, pth: x }',
  ],
  [
    'connections.schema.json',
    'config/connections.yaml',
    'shop_db: { connector: files, path: "*.csv", timezone: UTC }',
    'shop_db: { connector: files }',
  ],
  [
    'pipeline.schema.json',
    'pipelines/shop.yaml',
    pipelineTo(
      'party:\n  kind: { is: person }\n  status: { from: s, map: { A: lead }, default: former }\n  active: true\nidentifier:\n  - { as: mail, type: t, value: v }',
    ),
    pipelineTo('party: { kind: { is: person }, givenname: a }'),
  ],
  [
    'pipeline.schema.json',
    'pipelines/shop.yaml',
    pipelineTo('party: { kind: { is: person }, attributes: "*" }'),
    pipelineTo('party: { kind: { is: person, from: x } }'),
  ],
  [
    'pipeline.schema.json',
    'pipelines/shop.yaml',
    withWords('load: direct', 'doubles: close'),
    withWords('load: direct', 'doubles: near'),
  ],
  [
    'pipeline.schema.json',
    'pipelines/shop.yaml',
    withLookup('{ from: visits, on: id, key: [customer_id], many: true }'),
    withLookup('{ from: visits, key: customer_id }'),
  ],
  [
    'table.schema.json',
    'schema/a.yaml',
    'table: party\ncolumns: { vip: { type: "decimal(5,2)", description: x } }',
    'table: card\ndescription: x\ncolumns: { no: { type: decimal, description: x } }',
  ],
]

test.each(FILES)(
  '%s takes what the loader takes and refuses what it refuses (%s)',
  (schema, path, good, bad) => {
    expect(checkFiles({ [path]: good }).problems).toEqual([])
    expect(accepts(schema, good)).toBe(true)
    expect(checkFiles({ [path]: bad }).project).toBeUndefined()
    expect(accepts(schema, bad)).toBe(false)
  },
)
