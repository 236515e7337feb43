import { hash } from 'node:crypto'
import type { Column } from '../../core/batch.ts'
import type { ColumnFacts } from '../../core/expr.ts'
import { canonicalDecimal } from '../../core/number.ts'
import type { ColumnType } from '../../core/unified.ts'
import type { Row, Value } from '../../core/value.ts'
import type { LookupRows } from '../../core/warehouse.ts'
import type { HeldLookup } from '../plan/copy-lookups.ts'
import type { LookupTable } from './table.ts'

/**
 * Looked-up rows for a warehouse to join with.
 * @returns undefined where a value has no equal in a column of the warehouse: then the dataset is streamed
 */
export function heldRows(held: HeldLookup[], tables: LookupTable[]): LookupRows[] | undefined {
  const found = held.map((it) => heldTable(it, tables.find(({ name }) => name === it.name)!))
  return found.includes(undefined) ? undefined : (found as LookupRows[])
}

function heldTable({ key, fields, layout }: HeldLookup, table: LookupTable): LookupRows | undefined {
  const typed = layout.columns.flatMap(({ type, facts }, i) =>
    type ? [{ name: fields[i]!, type, max: maxOf(facts) }] : [],
  )
  const found = [...table.rows].flatMap(([text, rows]) =>
    (Array.isArray(rows) ? rows : [rows]).map((row) => [text, row as Row] as const),
  )
  const texts = found.map(([text]) => text)
  const rows = found.map(([, row]) => row)
  if (!texts.every(isSayable)) return undefined
  for (const { name, type, max } of typed)
    if (!rows.every((row) => stored(row[name] ?? null, type, max) !== undefined)) return undefined
  const keyOf = key === 'integer' ? (it: string) => it : (it: string) => hash('sha256', it, 'hex')
  return {
    layout,
    rows: rows.length,
    slice: (from, to): Column[] => [
      texts.slice(from, to).map(keyOf),
      ...typed.map(({ name, type, max }) =>
        rows.slice(from, to).map((it) => stored(it[name] ?? null, type, max)!),
      ),
    ],
  }
}

/** SQL tells longer numbers and such texts from no other, see `sayLookupKey`. */
const MAX_KEY = 400
const isSayable = (text: string): boolean => !text.includes('\0') && text.length <= MAX_KEY

/** What SQL takes for the largest absolute value of an integer. */
const maxOf = ({ stored }: ColumnFacts): bigint => (stored?.kind === 'integer' ? BigInt(stored.max) : 0n)

/** As it is staged, see `ColumnType`; undefined where the column cannot hold it exactly. */
function stored(value: Value, type: ColumnType, max: bigint): Value | undefined {
  if (value === null) return null
  switch (type.kind) {
    case 'text':
      return typeof value === 'string' && !value.includes('\0') ? value : undefined
    case 'integer':
      return wholeNumber(value, max)
    case 'decimal':
      return fixed(value, type)
    case 'double':
      return typeof value === 'number' ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'date':
      return typeof value === 'string' && /^[1-9]\d{3}-\d\d-\d\d$/.test(value) ? value : undefined
    case 'timestamp':
      return typeof value === 'string' && /^[1-9]\d{3}-\d\d-\d\dT[\d:.]{15}Z$/.test(value) ? value : undefined
    default:
      return undefined
  }
}

function wholeNumber(value: Value, max: bigint): Value | undefined {
  const isWhole = typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,20}$/.test(String(value))
  if (!isWhole) return undefined
  const whole = BigInt(value as number | string)
  return whole >= -max && whole < max ? value : undefined
}

/** With all digits of its scale. */
function fixed(value: Value, { precision, scale }: { precision: number; scale: number }): string | undefined {
  const text = canonicalDecimal(String(value))
  if (text === undefined || (typeof value !== 'number' && typeof value !== 'string')) return undefined
  const [whole, fraction = ''] = text.split('.')
  const digits = whole!.replace(/^-?0?/, '').length
  if (fraction.length > scale || digits > precision - scale) return undefined
  return scale === 0 ? whole! : `${whole}.${fraction.padEnd(scale, '0')}`
}
