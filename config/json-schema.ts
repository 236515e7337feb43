import type { OptionSet, OptionSpec } from '../core/options.ts'
import { mappableColumns, type UnifiedColumn, type UnifiedTable } from '../core/unified.ts'
import type { Json } from '../core/value.ts'
import { TYPE_PATTERN } from './column-type.ts'
import { MAX_NAME, NAME_PATTERN } from './names.ts'
import { DEFAULT_COMMIT, DEFAULT_INTERNAL, DEFAULT_SCHEMA } from './project-file.ts'
import type { Registry } from './registry.ts'

type Schema = { [name: string]: Json }

const name: Schema = { type: 'string', pattern: NAME_PATTERN, maxLength: MAX_NAME }
const text: Schema = { type: 'string', minLength: 1 }
const expression: Schema = { type: 'string', minLength: 1, description: 'JSONata over the source row' }
const timezone: Schema = { type: 'string', description: 'IANA name, as Europe/Amsterdam' }
const scalar: Schema = { type: ['string', 'number', 'boolean', 'null'] }
const reference: Schema = { type: 'string', pattern: '\\$\\{(env|file):[^}]+\\}' }

const object = (properties: Schema, required: string[] = [], more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length ? { required } : {}),
  ...more,
})

const byName = (of: Json, more: Schema = {}): Schema => ({
  type: 'object',
  propertyNames: name,
  additionalProperties: of,
  ...more,
})

/**
 * JSON Schemas (draft 7) by which editors complete and check the files of a project, by file name. They are
 * looser than `validate`, which also knows how the files hang together.
 */
export function jsonSchemas(registry: Registry, tables: UnifiedTable[]): Record<string, Json> {
  return {
    'polder.schema.json': document('polder.yaml', projectSchema(registry)),
    'connections.schema.json': document('config/connections.yaml', connectionsSchema(registry)),
    'pipeline.schema.json': document('pipelines/*.yaml', pipelineSchema(tables)),
    'table.schema.json': document('schema/*.yaml', tableSchema()),
  }
}

const document = (title: string, schema: Schema): Json => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title,
  ...schema,
})

function projectSchema({ warehouses }: Registry): Schema {
  const schemas = {
    schema: { ...name, default: DEFAULT_SCHEMA, description: 'Schema of the tables that people query' },
    internal: { ...name, default: DEFAULT_INTERNAL, description: 'Schema of parts and state' },
  }
  const warehouse = chosenBy('type', Object.entries(warehouses), schemas)
  const number = (preset: number, description: string): Schema => ({
    type: 'integer',
    minimum: 1,
    default: preset,
    description,
  })
  const commit = object({
    rows: number(DEFAULT_COMMIT.rows, 'A commit ends after so many rows'),
    seconds: number(DEFAULT_COMMIT.seconds, 'or after so many seconds'),
  })
  return object({ warehouse, timezone, commit })
}

function connectionsSchema({ connectors }: Registry): Schema {
  return byName(chosenBy('connector', Object.entries(connectors), { timezone }))
}

/** One form for each value of `key`, so that an editor completes the options that belong to it. */
function chosenBy(key: string, kinds: [string, { options: OptionSet }][], common: Schema): Schema {
  const forms = kinds.map(([kind, { options }]) => {
    const own = Object.entries(options).map(([option, spec]) => [option, optionSchema(spec)] as const)
    const required = Object.entries(options).filter(([, it]) => it.required && it.default === undefined)
    return object({ [key]: { const: kind }, ...common, ...Object.fromEntries(own) }, [
      key,
      ...required.map(([option]) => option),
    ])
  })
  return {
    type: 'object',
    properties: { [key]: { enum: kinds.map(([kind]) => kind) } },
    required: [key],
    oneOf: forms,
  }
}

const OPTION_TYPES: Record<OptionSpec['kind'], Schema> = {
  text: { type: ['string', 'number', 'boolean'] },
  url: { type: 'string' },
  secret: reference,
  integer: { anyOf: [{ type: 'integer' }, reference] },
  boolean: { anyOf: [{ type: 'boolean' }, reference] },
  path: { type: 'string' },
  choice: { type: 'string' },
  timezone,
  texts: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
}

function optionSchema(spec: OptionSpec): Schema {
  return {
    ...OPTION_TYPES[spec.kind],
    ...(spec.choices ? { anyOf: [{ enum: [...spec.choices] }, reference] } : {}),
    description: spec.description,
    ...(spec.default !== undefined ? { default: spec.default } : {}),
    ...(spec.example !== undefined ? { examples: [spec.example] } : {}),
  }
}

function pipelineSchema(tables: UnifiedTable[]): Schema {
  const targets = Object.fromEntries(tables.map((it) => [it.name, targetSchema(it)]))
  const dataset = object(
    {
      from: { ...text, description: 'The table, object or file, as the source names it' },
      key: {
        anyOf: [text, { type: 'array', minItems: 1, items: text }],
        description: 'Fields that identify a row',
      },
      cursor: { ...text, description: 'The field by which changes are found' },
      load: { enum: ['auto', 'copy'], default: 'auto' },
      where: { ...expression, description: 'Only rows for which this is true' },
      timezone,
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
      ...Object.fromEntries(columns.map((it) => [it.name, columnSchema(it)])),
    },
    [],
    { dependencies: { each: ['key'], key: ['each'] } },
  )
  return { description: table.description, anyOf: [target, { type: 'array', minItems: 1, items: target }] }
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
    given: byName(rows()),
    expect: object(Object.fromEntries(expected)),
    rejected: { type: 'integer', minimum: 0 },
    filtered: { type: 'integer', minimum: 0 },
  }
  return object({ name: text, ...step, steps: { type: 'array', minItems: 1, items: object(step) } }, ['name'])
}

function tableSchema(): Schema {
  const column = object(
    {
      type: { type: 'string', pattern: TYPE_PATTERN },
      description: text,
      required: { type: 'boolean' },
      pii: { ...text, description: 'Kind of personal data, as name or contact' },
      values: { type: 'array', minItems: 1, uniqueItems: true, items: scalar },
      references: { ...name, description: 'The table that this id points to' },
    },
    ['type', 'description'],
  )
  return object(
    {
      table: name,
      description: text,
      history: { enum: ['current', 'append'], default: 'current' },
      columns: byName(column, { minProperties: 1 }),
    },
    ['table', 'columns'],
  )
}
