import type { ColumnFacts } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import { factsOf, MAX_32, MAX_64, type TypeLine, whole } from '../stored.ts'

/** As `column_type` spells them. A display width says nothing; zerofill and float(m,d) print in ways of their own. */
const LINES: TypeLine[] = [
  [/^(?:tiny|medium|long)?text$/, () => ({ kind: 'text' })],
  [/^varchar\((\d+)\)$/, ([length]) => ({ kind: 'text', ...(length && { length }) })],
  [/^char\((\d+)\)$/, ([length]) => ({ kind: 'text', fixed: true, ...(length && { length }) })],
  [/^(?:enum|set)\(.*\)$/, () => ({ kind: 'text' })],
  [/^(?:tinyint|smallint|mediumint)(?:\(\d+\))?(?: unsigned)?$/, whole('16777216')],
  [/^int(?:\(\d+\))?$/, whole(MAX_32)],
  [/^int(?:\(\d+\))? unsigned$/, whole('4294967295')],
  [/^bigint(?:\(\d+\))?$/, whole(MAX_64)],
  [/^bigint(?:\(\d+\))? unsigned$/, whole('18446744073709551615')],
  [
    /^decimal\((\d+),(\d+)\)(?: unsigned)?$/,
    ([precision, scale]) => ({ kind: 'decimal', precision, scale, special: false }),
  ],
  [/^double(?: unsigned)?$/, () => ({ kind: 'double', single: false, special: false })],
  [/^float(?: unsigned)?$/, () => ({ kind: 'double', single: true, special: false })],
  [/^date$/, () => ({ kind: 'date' })],
  [/^datetime\(6\)$/, () => ({ kind: 'datetime', micros: true })],
  [/^datetime(?:\([0-5]\))?$/, () => ({ kind: 'datetime' })],
  [/^timestamp(?:\(\d\))?$/, () => ({ kind: 'timestamp' })],
]

/** What is known of a column of this server for expressions in SQL. */
export const columnFacts = (field: Field): ColumnFacts => factsOf(field, LINES, true)

/** The same, of a text in utf8mb4, which needs no conversion. */
export const inUtf8 = (column: ColumnFacts): ColumnFacts =>
  column.stored?.kind === 'text' ? { ...column, stored: { ...column.stored, utf8: true } } : column
