import type { ColumnType, UnifiedColumn } from '../core/unified.ts'
import { coerceBoolean, coerceDecimal, coerceDouble, coerceInteger } from './coerce-number.ts'
import { coerceId, coerceJson, coerceText } from './coerce-text.ts'
import { coerceDate, coerceTimestamp } from './coerce-time.ts'
import { type Changed, Misfit } from './misfit.ts'

export type Scalar = string | number | boolean
export type Coerced = Scalar | Misfit | Changed<Scalar>

export interface CoerceOptions {
  /** Of values which carry none. */
  zone?: string
  /** The value is a double (computed, or from a float column): a decimal column rounds it. */
  rounds?: boolean
}

/**
 * Fits a value (never null or undefined) into a column type: the one table of `docs/coercion.md`.
 * @returns the canonical value of `core/unified.ts`, a `Changed` around it, or the `Misfit` that says why not
 */
export function coerce(
  value: unknown,
  type: ColumnType,
  { zone, rounds = false }: CoerceOptions = {},
): Coerced {
  switch (type.kind) {
    case 'id':
      return coerceId(value)
    case 'text':
      return coerceText(value, type.length)
    case 'integer':
      return coerceInteger(value)
    case 'decimal':
      return coerceDecimal(value, type.precision, type.scale, rounds)
    case 'double':
      return coerceDouble(value)
    case 'boolean':
      return coerceBoolean(value)
    case 'date':
      return coerceDate(value, zone)
    case 'timestamp':
      return coerceTimestamp(value, zone)
    case 'json':
      return coerceJson(value)
  }
}

/** Fits a value into a column: its type, then its list of allowed values. */
export function coerceColumn(value: unknown, column: UnifiedColumn, options: CoerceOptions): Coerced {
  const coerced = coerce(value, column.type, options)
  if (column.values === undefined || coerced instanceof Misfit) return coerced
  return typeof coerced === 'string' && column.values.includes(coerced)
    ? coerced
    : new Misfit('E516', `is none of ${column.values.join(', ')}`)
}
