import { decimalText } from '../core/number.ts'
import {
  type Checkpoint,
  type Column,
  excerptOf,
  type Json,
  type Position,
  RowError,
  type RowSchema,
  type RowsOf,
  type Value,
} from '../sdk/index.ts'
import type { Selection } from './sql-statement.ts'
import type { Raw, SqlColumn } from './sql-types.ts'

type Keyset = Extract<Position, { kind: 'keyset' }>

export interface Reading {
  what: Selection
  /** The change mark delivered with every row, also in a full read. */
  mark?: SqlColumn
  /** True where two rows never have the same key. */
  unique: boolean
  /** The facts that every checkpoint of this reading carries. */
  clock: Pick<Checkpoint, 'highWater' | 'readStartedAt'>
  /** Where the reading stands before its first row. */
  start?: Keyset
  /** The last row without a NULL in its key that was delivered. */
  lastWhole?: Raw[]
}

/** A canonical value as a position's text. */
export const markText = (value: Value): string =>
  typeof value === 'number' ? decimalText(value)! : String(value)

/** How the raw rows of one reading become batches. */
export function sqlRows(reading: Reading): RowsOf<Raw[]> {
  const { what, mark } = reading
  const { columns } = what
  const schema: RowSchema = { fields: columns.map(asField) }
  const markAt = mark ? columns.indexOf(mark) : -1
  const keyAt = what.key.map((it) => columns.indexOf(it))
  const hasNullKey = (row: Raw[]) => keyAt.some((i) => row[i] === null)
  const position = (row: Raw[]): Keyset => ({
    kind: 'keyset',
    mark: what.mark ? markText(valueAt(row, markAt, columns)) : null,
    key: keyAt.map((i) => columns[i]!.keyText(row[i]!)),
    inclusive: false,
  })
  return {
    size: rawSize,
    excerpt: (row) => ({ row: excerptRow(row, columns) }),
    decode(rows) {
      const decoded = columns.map((column, i) => decodeColumn(rows, column, i))
      return { schema, columns: decoded, ...(mark ? { mark: decoded[markAt]! } : {}) }
    },
    samePlace(earlier, later) {
      if (keyAt.length === 0 || hasNullKey(earlier)) return true
      if (reading.unique || hasNullKey(later)) return false
      return equalKeys(earlier, later, what, markAt, keyAt)
    },
    checkpoint(last) {
      if (keyAt.length === 0) return undefined
      const whole = hasNullKey(last) ? reading.lastWhole : last
      const at = whole ? position(whole) : reading.start
      return at && { v: 1, position: at, ...reading.clock }
    },
  }
}

const asField = ({ name, type, sourceType, nullable, description }: SqlColumn) =>
  description === undefined
    ? { name, type, sourceType, nullable }
    : { name, type, sourceType, nullable, description }

/** A column's facts without what only the engine needs. */
export { asField }

const VALUE_BYTES = 8

function rawSize(row: Raw[]): number {
  let size = row.length * VALUE_BYTES
  for (const value of row) if (typeof value === 'string' || Buffer.isBuffer(value)) size += value.length
  return size
}

function decodeColumn(rows: Raw[][], column: SqlColumn, at: number): Column {
  const values: Value[] = new Array(rows.length)
  const { decode } = column
  let row = 0
  try {
    for (; row < rows.length; row++) {
      const raw = rows[row]![at]
      values[row] = raw === null || raw === undefined ? null : decode(raw)
    }
  } catch (cause) {
    throw new RowError('E444', row, { problem: `The value of "${column.name}" cannot be read.`, cause })
  }
  return values
}

const valueAt = (row: Raw[], at: number, columns: SqlColumn[]): Value => {
  const raw = row[at]
  return raw === null || raw === undefined ? null : columns[at]!.decode(raw)
}

function equalKeys(a: Raw[], b: Raw[], what: Selection, markAt: number, keyAt: number[]): boolean {
  const { columns, mark } = what
  if (mark && valueAt(a, markAt, columns) !== valueAt(b, markAt, columns)) return false
  let tieAt = columns.length
  return keyAt.every((at) => {
    const { ties } = columns[at]!
    if (ties === 'unknown') return true
    if (ties === 'value') return valueAt(a, at, columns) === valueAt(b, at, columns)
    const i = tieAt++
    return String(a[i]) === String(b[i])
  })
}

function excerptRow(row: Raw[], columns: SqlColumn[]): Json {
  const entries = columns.map(({ name }, i) => {
    const raw = row[i] ?? null
    const shown = Buffer.isBuffer(raw) ? `${raw.length} bytes` : typeof raw === 'bigint' ? String(raw) : raw
    return [name, excerptOf(shown)] as const
  })
  return Object.fromEntries(entries)
}
