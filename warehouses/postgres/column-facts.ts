import type { ColumnFacts } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import { factsOf, MAX_32, MAX_64, type TypeLine, whole } from '../stored.ts'

/** As `format_type` spells them. Domains and enums have names of their own: what they hold is not known here. */
const LINES: TypeLine[] = [
  [/^(?:text|character varying|name)$/, () => ({ kind: 'text' })],
  [/^uuid$/, () => ({ kind: 'text', length: 36, hex: true })],
  [/^character varying\((\d+)\)$/, ([length]) => ({ kind: 'text', ...(length && { length }) })],
  [/^character\((\d+)\)$/, ([padded]) => ({ kind: 'text', padded, ...(padded && { length: padded }) })],
  [/^smallint$/, whole('32768')],
  [/^integer$/, whole(MAX_32)],
  [/^bigint$/, whole(MAX_64)],
  [
    /^numeric\((\d+),(\d+)\)$/,
    ([precision, scale]) => ({ kind: 'decimal', precision, scale, special: true }),
  ],
  [/^numeric$/, () => ({ kind: 'decimal', special: true })],
  [/^double precision$/, () => ({ kind: 'double', single: false, special: true })],
  [/^real$/, () => ({ kind: 'double', single: true, special: true })],
  [/^boolean$/, () => ({ kind: 'boolean' })],
  [/^date$/, () => ({ kind: 'date' })],
  [/^timestamp(?:\(\d\))? without time zone$/, () => ({ kind: 'datetime' })],
  [/^timestamp(?:\(\d\))? with time zone$/, () => ({ kind: 'timestamp' })],
]

/** What is known of a column of this server for expressions in SQL. */
export const columnFacts = (field: Field): ColumnFacts => ({
  ...factsOf(field, LINES, false),
  ...(field.type === 'json' && field.sourceType === 'jsonb' && { json: true }),
})
