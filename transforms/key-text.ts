import type { FieldType } from '../core/field.ts'
import { decimalText } from '../core/number.ts'
import { coerceBoolean, coerceInteger, numberText } from './coerce-number.ts'
import { scalarText } from './coerce-text.ts'
import { coerceDate, coerceLocal, coerceTimestamp } from './coerce-time.ts'
import { Changed, Misfit } from './misfit.ts'

/**
 * A key value as text, canonical for the type of the key field: integer `42`, never `42.0`.
 * @param value neither null nor undefined
 */
export function keyText(value: unknown, type: FieldType | undefined): string | Misfit {
  if (typeof value === 'number' && Number.isSafeInteger(value) && isNumeric(type))
    return String(value === 0 ? 0 : value)
  const text = convert(value, type)
  if (text instanceof Changed) return new Misfit('E513', 'has a time that the key cannot say exactly')
  return text instanceof Misfit ? text : String(text)
}

const isNumeric = (type: FieldType | undefined): boolean =>
  type === 'integer' || type === 'decimal' || type === 'float' || type === undefined

function convert(value: unknown, type: FieldType | undefined) {
  switch (type) {
    case 'integer':
      return coerceInteger(value)
    case 'decimal':
      return numberText(value)
    case 'float':
      return floatText(value)
    case 'boolean':
      return coerceBoolean(value)
    case 'date':
      return coerceDate(value, undefined)
    case 'datetime':
      return coerceLocal(value)
    case 'timestamp':
      return coerceTimestamp(value, undefined)
    default:
      return scalarText(value)
  }
}

function floatText(value: unknown): string | Misfit {
  const text = numberText(value)
  return text instanceof Misfit
    ? text
    : (decimalText(Number(text)) ?? new Misfit('E509', 'is not a finite number'))
}
