import { expect, test } from 'vitest'
import { loadTables } from '../config/index.ts'
import { type ColumnType, type UnifiedTable, withSystemColumns } from '../core/unified.ts'
import { builtinSchema, schemaJson, schemaReference, TABLE_NAMES } from './index.ts'

const { tables, problems } = loadTables(builtinSchema())
const common = new Set(withSystemColumns([]).map((it) => it.name))
const columns = tables.flatMap((table) =>
  table.columns
    .filter((it) => !common.has(it.name))
    .map((column) => ({ ...column, name: `${table.name}.${column.name}` })),
)

test('the files are read without a complaint', () => {
  expect(problems).toEqual([])
})

test('there is one file per table, named after it', () => {
  expect(builtinSchema().map((it) => it.path)).toEqual(tables.map((it) => `unify/schema/${it.name}.yaml`))
  expect(tables.map((it) => it.name)).toEqual([...TABLE_NAMES])
})

test('every table and every column is described in a sentence', () => {
  expect(columns.filter((it) => !/^\w.{7,}\.$/.test(it.description)).map((it) => it.name)).toEqual([])
  expect(tables.filter((it) => !/^[A-Z].{30,}\.$/.test(it.description)).map((it) => it.name)).toEqual([])
})

test('every reference is an id and points to a table that exists', () => {
  const references = columns.filter((it) => it.references)
  expect(references.filter((it) => it.type.kind !== 'id')).toEqual([])
  expect(references.filter((it) => !tables.some((table) => table.name === it.references))).toEqual([])
  expect(columns.filter((it) => it.type.kind === 'id' && !it.references).map((it) => it.name)).toEqual([
    'event.subject_id',
  ])
})

test('only what a row means nothing without is required', () => {
  expect(columns.filter((it) => it.required).map((it) => it.name)).toEqual([
    'party.kind',
    'identifier.type',
    'identifier.value',
    'relationship.from_id',
    'relationship.to_id',
    'relationship.type',
    'order_line.order_id',
    'event.type',
    'event.occurred_at',
    'consent_event.status',
    'consent_event.occurred_at',
  ])
})

test('facts that happened are appended, all else is current', () => {
  const appended = tables.filter((it) => it.history === 'append').map((it) => it.name)
  expect(appended).toEqual(['event', 'consent_event'])
})

test('what names or reaches a person is tagged as personal data', () => {
  const tagged = columns.filter((it) => it.pii).map((it) => it.name)
  expect(tagged).toEqual(
    expect.arrayContaining([
      'party.given_name',
      'party.family_name',
      'party.full_name',
      'party.birth_date',
      'party.gender',
      'identifier.value',
      'identifier.parts',
      'event.url',
      'consent_event.proof',
    ]),
  )
})

test('the JSON Schema says of a row what the table says', () => {
  const { $defs } = schemaJson(tables) as { $defs: Record<string, Record<string, Record<string, unknown>>> }
  const party = $defs['party']!
  expect(Object.keys($defs)).toEqual([...TABLE_NAMES])
  expect(party['required']).toEqual(['id', 'kind'])
  expect(party['properties']!['kind']).toMatchObject({ type: 'string', enum: ['person', 'organisation'] })
  expect(party['properties']!['status']).toMatchObject({
    type: ['string', 'null'],
    enum: ['prospect', 'lead', 'customer', 'former', null],
  })
  expect(party['properties']!['employees']).toMatchObject({ type: ['integer', 'string', 'null'] })
  expect($defs['order_line']!['properties']!['order_id']).toMatchObject({
    type: 'string',
    maxLength: 191,
    'x-references': 'sales_order',
  })
  const net = $defs['order_line']!['properties']!['net'] as { pattern: string }
  expect('-12.3400').toMatch(new RegExp(net.pattern))
  expect('12.34').not.toMatch(new RegExp(net.pattern))
})

test('the reference page shows every column once, with its type in each engine', () => {
  const engine = { title: 'Upper', type: (it: ColumnType) => it.kind.toUpperCase() }
  const page = schemaReference(tables, [engine])
  const lines = page.split('\n')
  for (const table of tables) {
    const from = lines.indexOf(`## ${table.name}`)
    const section = lines.slice(from, from + 8 + table.columns.length - common.size)
    for (const { name } of table.columns.filter((it) => !common.has(it.name)))
      expect(section.filter((it) => it.startsWith(`| \`${name}\` |`))).toHaveLength(1)
  }
  expect(lines.filter((it) => it.startsWith('| `loaded_at` |'))).toHaveLength(1)
  expect(page).toContain('| `net` | decimal(18,4) | DECIMAL |')
  expect(page).toContain('One of `granted`, `denied`, `withdrawn`, `pending`.')
  expect(page).toContain('Points to [party](#party).')
})

test('rendering twice gives the same text, and a bar in a description does not break its table', () => {
  expect(schemaReference(tables, [])).toBe(schemaReference(structuredClone(tables), []))
  const barred: UnifiedTable = {
    name: 'meter',
    description: 'Readings.',
    history: 'append',
    columns: [{ name: 'state', type: { kind: 'text' }, description: 'on | off' }],
  }
  expect(schemaReference([barred], [])).toContain('| on \\| off |')
})
