import { expect, test } from 'vitest'
import { loadTables } from './schema.ts'
import { testSchema } from './testing/project.ts'

const own = (text: string) => loadTables(testSchema, [{ path: 'schema/own.yaml', text }])

test("a table has its own columns between the system's", () => {
  const { tables, problems } = loadTables(testSchema)
  expect(problems).toEqual([])
  expect(tables.map((it) => it.name)).toEqual(['party', 'identifier', 'sales_order', 'order_line', 'visit'])
  const party = tables[0]!
  expect(party).toMatchObject({ history: 'current', description: 'A person or an organisation' })
  expect(party.at).toBeUndefined()
  expect(party.columns[0]).toMatchObject({ name: 'id', system: true })
  expect(party.columns[1]).toEqual({
    name: 'kind',
    type: { kind: 'text' },
    required: true,
    values: ['person', 'organisation'],
    description: 'Which of the two',
  })
  expect(party.columns.at(-1)).toMatchObject({ name: 'run_id', system: true })
})

test('every column type is read', () => {
  const types = [
    'id',
    'text',
    'text(30)',
    'integer',
    '"decimal(38, 0)"',
    'double',
    'boolean',
    'date',
    'timestamp',
    'json',
  ]
  const columns = types.map((it, index) => `  c${index}: { type: ${it}, description: x }`).join('\n')
  const { tables, problems } = own(`table: card\ndescription: x\nhistory: append\ncolumns:\n${columns}\n`)
  expect(problems).toEqual([])
  const card = tables.at(-1)!
  expect(card).toMatchObject({ name: 'card', history: 'append', at: { line: 1, column: 8 } })
  expect(card.columns.filter((it) => /^c\d$/.test(it.name)).map((it) => it.type)).toEqual([
    { kind: 'id' },
    { kind: 'text' },
    { kind: 'text', length: 30 },
    { kind: 'integer' },
    { kind: 'decimal', precision: 38, scale: 0 },
    { kind: 'double' },
    { kind: 'boolean' },
    { kind: 'date' },
    { kind: 'timestamp' },
    { kind: 'json' },
  ])
})

test('an extension puts its columns behind those of the table', () => {
  const { tables, problems } = own(
    'table: party\ncolumns:\n  vip: { type: boolean, pii: x, description: Is one }\n',
  )
  expect(problems).toEqual([])
  expect(tables).toHaveLength(5)
  const names = tables[0]!.columns.map((it) => it.name)
  expect(names.indexOf('vip')).toBe(names.indexOf('attributes') - 1)
  expect(tables[0]!.columns.find((it) => it.name === 'vip')).toMatchObject({
    pii: 'x',
    at: { line: 3, column: 3 },
  })
})

test('a table of the team may be referred to from another file, whatever the order', () => {
  const files = [
    {
      path: 'schema/a.yaml',
      text: 'table: a\ndescription: x\ncolumns: { b_id: { type: id, references: b, description: x } }\n',
    },
    {
      path: 'schema/b.yaml',
      text: 'table: b\ndescription: x\ncolumns: { no: { type: text, description: x } }\n',
    },
  ]
  expect(loadTables(testSchema, files).problems).toEqual([])
  expect(loadTables(testSchema, [files[0]!, files[0]!]).problems.map((it) => it.code)).toEqual([
    'E116',
    'E184',
  ])
})
