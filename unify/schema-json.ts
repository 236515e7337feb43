import type { ColumnType, UnifiedColumn, UnifiedTable } from '../core/unified.ts'
import type { Json } from '../core/value.ts'

type Schema = { [keyword: string]: Json }

/**
 * One JSON Schema (2020-12) document with a definition per unified table: what one of its rows looks like when every
 * value is canonical (`ColumnType`). `#/$defs/party` is a row of party. `x-references` and `x-personal-data` carry
 * what JSON Schema has no word for.
 */
export function schemaJson(tables: UnifiedTable[]): Record<string, Json> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Rows of the unified tables',
    $defs: Object.fromEntries(tables.map((table) => [table.name, rowSchema(table)])),
  }
}

function rowSchema(table: UnifiedTable): Schema {
  return {
    description: table.description,
    type: 'object',
    properties: Object.fromEntries(table.columns.map((column) => [column.name, columnSchema(column)])),
    required: table.columns.filter((it) => it.required).map((it) => it.name),
    additionalProperties: false,
  }
}

function columnSchema(column: UnifiedColumn): Schema {
  const { type, ...rest } = valueSchema(column.type)
  const schema: Schema = { description: column.description, type: orNull(type!, column), ...rest }
  if (column.values) schema.enum = column.required ? column.values : [...column.values, null]
  if (column.references) schema['x-references'] = column.references
  if (column.pii) schema['x-personal-data'] = column.pii
  return schema
}

const orNull = (type: Json, column: UnifiedColumn): Json => (column.required ? type : [type, 'null'].flat())

function valueSchema(type: ColumnType): Schema {
  switch (type.kind) {
    case 'id':
      return { type: 'string', maxLength: 191 }
    case 'text':
      return type.length ? { type: 'string', maxLength: type.length } : { type: 'string' }
    case 'integer':
      return { type: ['integer', 'string'], pattern: '^-?[0-9]+$' }
    case 'decimal':
      return { type: 'string', pattern: decimalPattern(type) }
    case 'double':
      return { type: 'number' }
    case 'boolean':
      return { type: 'boolean' }
    case 'date':
      return { type: 'string', format: 'date' }
    case 'timestamp':
      return { type: 'string', format: 'date-time' }
    case 'json':
      return { type: 'string', contentMediaType: 'application/json' }
  }
}

function decimalPattern({ precision, scale }: { precision: number; scale: number }): string {
  const whole = `-?[0-9]{1,${Math.max(1, precision - scale)}}`
  return scale ? `^${whole}\\.[0-9]{${scale}}$` : `^${whole}$`
}
