import type { DatasetFacts, FieldType } from '../../core/field.ts'

/** As what two key fields are compared; `unknown`: as the text that each value has. */
export type KeyType = FieldType

const NUMBERS: FieldType[] = ['integer', 'decimal', 'float']
/** Types that a text can be read as. */
const READABLE: FieldType[] = [...NUMBERS, 'boolean', 'date', 'datetime', 'timestamp', 'time', 'text']

/**
 * The declared type of a field; `unknown` where there is none: what a sample showed of a file binds no later row.
 */
export function declaredType(facts: DatasetFacts | undefined, name: string): FieldType {
  if (!facts || facts.schema.open) return 'unknown'
  return facts.schema.fields.find((it) => it.name === name)?.type ?? 'unknown'
}

/**
 * The type as which two key fields are compared, so that equal keys have equal canonical texts: 42 and 42.0, and the
 * text "42" where the other is a number.
 * @returns undefined where no value of the one can equal one of the other
 */
export function sharedType(a: FieldType, b: FieldType): KeyType | undefined {
  if (a === 'json' || b === 'json') return undefined
  if (a === b || b === 'unknown') return a
  if (a === 'unknown') return b
  if (NUMBERS.includes(a) && NUMBERS.includes(b)) return 'decimal'
  if (a === 'text' && READABLE.includes(b)) return b
  return b === 'text' && READABLE.includes(a) ? a : undefined
}
