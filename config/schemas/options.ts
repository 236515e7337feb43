import type { OptionSet, OptionSpec } from '../../core/options.ts'
import { DEFAULT_COMMIT, DEFAULT_INTERNAL, DEFAULT_SCHEMA, MAX_PARALLEL } from '../project-file.ts'
import type { Registry } from '../registry.ts'
import { byName, name, object, reference, type Schema, timezone } from './pieces.ts'

export function projectSchema({ warehouses }: Registry): Schema {
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
  const parallel = {
    type: 'integer',
    minimum: 1,
    maximum: MAX_PARALLEL,
    description: 'How many datasets, and ranges of one dataset, are read at the same time',
  }
  return object({ warehouse, timezone, commit, parallel })
}

export function connectionsSchema({ connectors }: Registry): Schema {
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
