import { hash } from 'node:crypto'
import type { Column } from '../../core/batch.ts'
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
  const typed = layout.columns.flatMap(({ type }, i) => (type ? [{ name: fields[i]!, type }] : []))
  const texts = [...table.rows.keys()]
  const rows = [...table.rows.values()] as Row[]
  if (!texts.every(isSayable)) return undefined
  for (const { name, type } of typed)
    if (!rows.every((row) => stored(row[name] ?? null, type) !== undefined)) return undefined
  const keyOf = key === 'integer' ? (it: string) => it : (it: string) => hash('sha256', it, 'hex')
  return {
    layout,
    rows: rows.length,
    slice: (from, to): Column[] => [
      texts.slice(from, to).map(keyOf),
      ...typed.map(({ name, type }) => rows.slice(from, to).map((it) => stored(it[name] ?? null, type)!)),
    ],
  }
}

/** SQL tells longer numbers and such texts from no other, see `sayLookupKey`. */
const MAX_KEY = 400
const isSayable = (text: string): boolean => !text.includes('\0') && text.length <= MAX_KEY

const MAX_INTEGER = 2n ** 63n

/** As it is staged, see `ColumnType`; undefined where the column cannot hold it exactly. */
function stored(value: Value, type: ColumnType): Value | undefined {
  if (value === null) return null
  switch (type.kind) {
    case 'text':
      return typeof value === 'string' && !value.includes('\0') ? value : undefined
    case 'integer':
      return wholeNumber(value)
    case 'decimal':
      return fixed(value, type.scale)
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

function wholeNumber(value: Value): Value | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) return undefined
  const whole = BigInt(value)
  return whole >= -MAX_INTEGER && whole < MAX_INTEGER ? value : undefined
}

/** With all digits of its scale. */
function fixed(value: Value, scale: number): string | undefined {
  const text = canonicalDecimal(String(value))
  if (text === undefined || (typeof value !== 'number' && typeof value !== 'string')) return undefined
  const [whole, fraction = ''] = text.split('.')
  if (fraction.length > scale) return undefined
  return scale === 0 ? whole! : `${whole}.${fraction.padEnd(scale, '0')}`
}
