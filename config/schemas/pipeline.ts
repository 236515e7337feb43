import { CONTRACT_WORDS } from '../../core/spec.ts'
import { mappableColumns, type UnifiedColumn, type UnifiedTable } from '../../core/unified.ts'
import { byName, expression, name, object, type Schema, scalar, text, timezone } from './pieces.ts'

const keyScan: Schema = {
  type: 'string',
  description: 'When all keys are compared to find deleted rows: @daily, or a schedule',
}

/** A dataset, or a look-up of one: `products.category`. */
const GIVEN_PATTERN = '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)?$'

const fieldNames: Schema = { anyOf: [text, { type: 'array', minItems: 1, items: text }] }

const lookup: Schema = object(
  {
    from: { ...text, description: 'The table, object or file that is looked up' },
    on: { ...fieldNames, description: 'Fields of this dataset that hold its key' },
    key: { ...fieldNames, description: 'Its columns that they meet; default: its primary key' },
    many: { type: 'boolean', default: false, description: 'All rows that match, as a list' },
  },
  ['from', 'on'],
)

const contract: Schema = {
  enum: [...CONTRACT_WORDS],
  default: 'evolve',
  description: "What happens where the source's columns are not those of the last reading",
}

export function pipelineSchema(tables: UnifiedTable[]): Schema {
  const targets = Object.fromEntries(tables.map((it) => [it.name, targetSchema(it)]))
  const dataset = object(
    {
      from: { ...text, description: 'The table, object or file, as the source names it' },
      key: { ...fieldNames, description: 'Fields that identify a row' },
      cursor: { ...text, description: 'The field by which changes are found' },
      load: { enum: ['auto', 'copy', 'direct'], default: 'auto' },
      doubles: {
        enum: ['exact', 'close'],
        default: 'exact',
        description: 'close: the last bits of a power may differ, so that SQL may compute it',
      },
      where: { ...expression, description: 'Only rows for which this is true' },
      with: byName(lookup, { description: 'Tables of the same connection to take values from, by name' }),
      timezone,
      start: { type: ['string', 'number'], description: 'Rows with an older change mark are never read' },
      lookback: {
        type: ['string', 'number'],
        description: 'How far before the cursor reading begins: 10m, 2h, 3d',
      },
      full: { type: 'string', description: 'When to read in full all the same: @weekly, or a schedule' },
      deletes: {
        ...expression,
        description: 'True for a row that marks its own deletion; or scan (all keys are compared), or source',
      },
      key_scan: keyScan,
      remap: { enum: ['full', 'forward'], default: 'full' },
      contract,
      to: object(targets, [], { minProperties: 1 }),
    },
    ['from', 'to'],
  )
  const columns = new Map(
    tables.flatMap((table) => mappableColumns(table).map((it) => [it.name, it.description])),
  )
  const defaults = [...columns].map(([column]) => [column, { $ref: '#/definitions/column' }] as const)
  return object(
    {
      pipeline: name,
      connection: name,
      schedule: { type: 'string', description: 'minute hour day month weekday' },
      key_scan: keyScan,
      contract,
      defaults: object(Object.fromEntries(defaults)),
      datasets: byName(dataset, { minProperties: 1 }),
      tests: { type: 'array', items: testSchema(tables) },
    },
    ['pipeline', 'connection', 'datasets'],
    { definitions: { column: columnForms() } },
  )
}

/** An expression, a constant, or an object that says more. */
function columnForms(): Schema {
  const from = object(
    {
      from: expression,
      map: { type: 'object', description: 'Value table: value → its replacement' },
      default: { description: 'For values that map does not have' },
      invalid: { enum: ['reject', 'missing'], default: 'reject' },
      zone: timezone,
    },
    ['from'],
  )
  const is = object({ is: { ...scalar, description: 'A constant text' } }, ['is'])
  return { anyOf: [expression, { type: ['number', 'boolean'] }, is, from] }
}

function targetSchema(table: UnifiedTable): Schema {
  const columns = mappableColumns(table).filter((it) => it.name !== 'attributes')
  const target = object(
    {
      as: { ...name, description: 'Name of this row, where one source row makes several' },
      when: { ...expression, description: 'Make the row only where this is true' },
      each: { ...expression, description: 'One row per item of this list' },
      key: { ...expression, description: 'With each: what identifies an item' },
      attributes: { anyOf: [{ const: '*' }, { type: 'object' }], description: 'What has no column' },
      ...(table.history === 'append' && { append_on: appendOn(columns) }),
      ...(table.name === 'party' && { same_as: sameAs }),
      ...Object.fromEntries(columns.map((it) => [it.name, columnSchema(it)])),
    },
    [],
    { dependencies: { each: ['key'], key: ['each'] } },
  )
  return { description: table.description, anyOf: [target, { type: 'array', minItems: 1, items: target }] }
}

function appendOn(columns: UnifiedColumn[]): Schema {
  const column: Schema = { enum: [...columns.map((it) => it.name), 'attributes'] }
  return {
    anyOf: [column, { type: 'array', minItems: 1, uniqueItems: true, items: column }],
    description: 'Add a row only when one of these columns differs from the last row of the source row',
  }
}

const sameAs: Schema = {
  ...expression,
  description: 'Another party that this one certainly is, as $ref("customers", merged_into)',
}

const columnSchema = (column: UnifiedColumn): Schema => ({
  description: column.values ? `${column.description} (${column.values.join(', ')})` : column.description,
  allOf: [{ $ref: '#/definitions/column' }],
})

function testSchema(tables: UnifiedTable[]): Schema {
  const rows = (properties?: Schema): Schema => ({
    type: 'array',
    items: properties ? object(properties) : { type: 'object' },
  })
  const expected = tables.map((table) => {
    const columns = Object.fromEntries(table.columns.map((it) => [it.name, { description: it.description }]))
    return [table.name, rows(columns)] as const
  })
  const step: Schema = {
    given: byName(rows(), { propertyNames: { type: 'string', pattern: GIVEN_PATTERN } }),
    expect: object(Object.fromEntries(expected)),
    rejected: { type: 'integer', minimum: 0 },
    filtered: { type: 'integer', minimum: 0 },
  }
  return object({ name: text, ...step, steps: { type: 'array', minItems: 1, items: object(step) } }, ['name'])
}
