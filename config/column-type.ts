import type { ColumnType } from '../core/unified.ts'

const PLAIN = ['id', 'integer', 'double', 'boolean', 'date', 'timestamp', 'json', 'text'] as const

const MAX_PRECISION = 38
/** The longest text that MySQL keeps in a row of its own. */
const MAX_TEXT = 16_000

export const TYPE_NAMES = [...PLAIN, 'text(length)', 'decimal(precision,scale)']
export const TYPE_PATTERN = `^(${PLAIN.join('|')}|text\\([0-9]+\\)|decimal\\([0-9]+, ?[0-9]+\\))$`

/** `decimal(18,4)` → the type; a text where it says why not. */
export function parseColumnType(text: string): ColumnType | string {
  if ((PLAIN as readonly string[]).includes(text)) return { kind: text as (typeof PLAIN)[number] }
  const length = /^text\(\s*(\d+)\s*\)$/.exec(text)
  if (length) return textType(Number(length[1]))
  const decimal = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(text)
  if (decimal) return decimalType(Number(decimal[1]), Number(decimal[2]))
  if (text === 'decimal') return 'A decimal states its digits, as decimal(18,4).'
  return `There is no column type "${text}".`
}

function textType(length: number): ColumnType | string {
  if (length >= 1 && length <= MAX_TEXT) return { kind: 'text', length }
  return `The length of a text is between 1 and ${MAX_TEXT.toLocaleString('en-US')}; leave it out for more.`
}

function decimalType(precision: number, scale: number): ColumnType | string {
  if (precision < 1 || precision > MAX_PRECISION)
    return `The precision of a decimal is between 1 and ${MAX_PRECISION}; here it is ${precision}.`
  if (scale > precision) return `The scale (${scale}) is larger than the precision (${precision}).`
  return { kind: 'decimal', precision, scale }
}
