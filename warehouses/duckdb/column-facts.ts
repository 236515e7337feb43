import type { ColumnFacts } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import { factsOf, MAX_32, MAX_64, type TypeLine, whole } from '../stored.ts'

/** As `duckdb_columns()` spells them. */
const LINES: TypeLine[] = [
  [/^(?:varchar|uuid|enum\(.*\))$/s, () => ({ kind: 'text' })],
  [/^u?tinyint$/, whole('255')],
  [/^u?smallint$/, whole('65535')],
  [/^integer$/, whole(MAX_32)],
  [/^uinteger$/, whole('4294967295')],
  [/^bigint$/, whole(MAX_64)],
  [
    /^decimal\((\d+),(\d+)\)$/,
    ([precision, scale]) => ({ kind: 'decimal', precision, scale, special: false }),
  ],
  [/^double$/, () => ({ kind: 'double', single: false, special: true })],
  [/^float$/, () => ({ kind: 'double', single: true, special: true })],
  [/^boolean$/, () => ({ kind: 'boolean' })],
  [/^date$/, () => ({ kind: 'date' })],
  [/^timestamp$/, () => ({ kind: 'datetime' })],
  [/^timestamp with time zone$/, () => ({ kind: 'timestamp' })],
]

/** What is known of a column of this database for expressions in SQL. */
export const columnFacts = (field: Field): ColumnFacts => factsOf(field, LINES, true)
