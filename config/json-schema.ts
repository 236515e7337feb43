import type { UnifiedTable } from '../core/unified.ts'
import type { Json } from '../core/value.ts'
import { TYPE_PATTERN } from './column-type.ts'
import type { Registry } from './registry.ts'
import { connectionsSchema, projectSchema } from './schemas/options.ts'
import { byName, name, object, type Schema, scalar, text } from './schemas/pieces.ts'
import { pipelineSchema } from './schemas/pipeline.ts'

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
