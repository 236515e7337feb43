import type { Json } from '../../core/value.ts'
import { MAX_NAME, NAME_PATTERN } from '../names.ts'

export type Schema = { [name: string]: Json }

export const name: Schema = { type: 'string', pattern: NAME_PATTERN, maxLength: MAX_NAME }
export const text: Schema = { type: 'string', minLength: 1 }
export const expression: Schema = { type: 'string', minLength: 1, description: 'JSONata over the source row' }
export const timezone: Schema = { type: 'string', description: 'IANA name, as Europe/Amsterdam' }
export const scalar: Schema = { type: ['string', 'number', 'boolean', 'null'] }
export const reference: Schema = { type: 'string', pattern: '\\$\\{(env|file):[^}]+\\}' }

export const object = (properties: Schema, required: string[] = [], more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length ? { required } : {}),
  ...more,
})

export const byName = (of: Json, more: Schema = {}): Schema => ({
  type: 'object',
  propertyNames: name,
  additionalProperties: of,
  ...more,
})
