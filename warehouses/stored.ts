import type { ColumnFacts, Lies, Stored } from '../core/expr.ts'
import type { Field, FieldType } from '../core/field.ts'

/** One line of an engine's table of types: the whole spelling, lower case; groups are its numbers. */
export type TypeLine = [pattern: RegExp, stored: (numbers: (number | undefined)[]) => Stored]

export const liesOf = (stored: Stored): Lies | undefined => ('lies' in stored ? stored.lies : undefined)

export const whole = (max: string) => (): Stored => ({ kind: 'integer', max })
export const MAX_32 = '2147483648'
export const MAX_64 = '9223372036854775808'

/**
 * What an engine's column is, by the first line that its type matches.
 * @param nul  may texts hold U+0000 there?
 */
export function factsOf(field: Field, lines: TypeLine[], nul: boolean): ColumnFacts {
  const spelled = field.sourceType.toLowerCase()
  for (const [pattern, stored] of lines) {
    const match = pattern.exec(spelled)
    if (!match) continue
    const numbers = match.slice(1).map((it) => (it === undefined ? undefined : Number(it)))
    const found = stored(numbers)
    // JSON is a longtext in MariaDB: what the connector delivers decides.
    return { ...base(field, nul), stored: DELIVERED[found.kind] === field.type ? found : undefined }
  }
  return base(field, nul)
}

const DELIVERED: Record<Stored['kind'], FieldType> = {
  text: 'text',
  integer: 'integer',
  decimal: 'decimal',
  double: 'float',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  timestamp: 'timestamp',
}

const base = ({ name, sourceType, nullable }: Field, nul: boolean): ColumnFacts => ({
  name,
  stored: undefined,
  sourceType,
  nullable,
  ascii: 'unknown',
  nul,
})
