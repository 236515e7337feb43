/** The unified schema, its JSON Schema and its reference page. */
export { builtinSchema, TABLE_NAMES } from './builtin.ts'
export { schemaJson } from './schema-json.ts'
export { schemaReference } from './schema-reference.ts'
