import type { FieldType } from './field.ts'
import { canonicalDecimal } from './number.ts'
import type { Value } from './value.ts'

/** Field types that can be a change mark: their values have one order, the same in every engine. */
export const MARK_TYPES: readonly FieldType[] = ['integer', 'decimal', 'date', 'datetime', 'timestamp']

/**
 * A change mark as text whose order by code unit is the order of the values: the version of a row.
 * Instants and dates are so already; numbers get a sign, the length of their whole part, and for negative ones the
 * nines' complement.
 * @returns null for NULL, or a value of no such type
 */
export function versionText(value: Value | undefined, type: FieldType): string | null {
  if (value === null || value === undefined) return null
  if (type === 'integer' || type === 'decimal') {
    const text = canonicalDecimal(String(value))
    return text === undefined ? null : orderedNumber(text)
  }
  return typeof value === 'string' ? value : null
}

function orderedNumber(canonical: string): string {
  const negative = canonical.startsWith('-')
  const plain = negative ? canonical.slice(1) : canonical
  const whole = plain.split('.')[0]!
  const ordered = `${String(whole.length).padStart(3, '0')}${plain}`
  if (!negative) return `p${ordered}`
  // ':' sorts after every digit and '.': among equal heads the longer fraction is the smaller number.
  return `n${ordered.replace(/\d/g, (digit) => String(9 - Number(digit)))}:`
}
