import { canonicalDecimal } from '../core/number.ts'
import { didYouMean } from '../core/text.ts'
import { type ColumnType, columnTypeText, type UnifiedColumn } from '../core/unified.ts'
import type { ScalarNode } from './yaml/tree.ts'

const MAX_INTEGER = 2n ** 63n - 1n
const MAX_ID = 191

/** Why a constant cannot stand in a column. */
export interface Misfit {
  problem: string
  remedy: string
}

/**
 * Checks a constant against its column as narrowly as a person would write it; rows are coerced elsewhere.
 * @param constant a text as it stands in the file; a number or boolean where YAML reads one
 */
export function misfit(constant: ScalarNode, column: UnifiedColumn): Misfit | undefined {
  const { text } = constant.written
  if (column.values && !column.values.includes(text))
    return {
      problem: `"${text}" is not one of the values of ${column.name}.`,
      remedy: `${didYouMean(text, column.values)}Allowed: ${column.values.join(', ')}.`,
    }
  const wanted = unfit(text, column.type)
  return wanted === undefined
    ? undefined
    : {
        problem: `"${text}" does not fit ${column.name}, which is ${columnTypeText(column.type)}.`,
        remedy: `Write ${wanted}.`,
      }
}

/** @returns what the type wants, where `text` is not that */
function unfit(text: string, type: ColumnType): string | undefined {
  switch (type.kind) {
    case 'id':
      return text.length >= 1 && text.length <= MAX_ID ? undefined : `1 to ${MAX_ID} characters`
    case 'text':
      return type.length === undefined || [...text].length <= type.length
        ? undefined
        : `at most ${type.length} characters`
    case 'integer':
      return isInteger(text) ? undefined : 'a whole number of at most 64 bits'
    case 'decimal':
      return unfitDecimal(text, type.precision, type.scale)
    case 'double':
      return Number.isFinite(Number(text)) && text.trim() !== '' ? undefined : 'a number'
    case 'boolean':
      return text === 'true' || text === 'false' ? undefined : 'true or false'
    case 'date':
      return isDate(text) ? undefined : 'a date, as 2024-01-31'
    case 'timestamp':
      return isTimestamp(text) ? undefined : 'an instant, as 2024-01-31T09:30:00Z'
    case 'json':
      return undefined
  }
}

function isInteger(text: string): boolean {
  if (!/^[+-]?\d{1,25}$/.test(text)) return false
  const number = BigInt(text.replace('+', ''))
  return number <= MAX_INTEGER && number >= -MAX_INTEGER - 1n
}

function unfitDecimal(text: string, precision: number, scale: number): string | undefined {
  const [whole, fraction = ''] = canonicalDecimal(text)?.replace('-', '').split('.') ?? []
  const fits =
    whole !== undefined && (whole === '0' || whole.length <= precision - scale) && fraction.length <= scale
  return fits
    ? undefined
    : `a number with at most ${precision - scale} digits before the point and ${scale} behind it`
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (!match) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)
}

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (month === 2) return leap ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?$/

function isTimestamp(text: string): boolean {
  const [date, time, ...more] = text.split(/[T ]/)
  return more.length === 0 && isDate(date!) && (time === undefined || TIME.test(time))
}
