import { canonicalDecimal } from '../../core/number.ts'
import type { ColumnMapping } from '../../core/spec.ts'
import { columnTypeText, type UnifiedColumn } from '../../core/unified.ts'
import type { Node } from '../ast.ts'
import { coerceColumn } from '../coerce.ts'
import { scalarText } from '../coerce-text.ts'
import { Misfit } from '../misfit.ts'
import type { Reporter } from '../report.ts'
import {
  BOOLEAN,
  FUNCTION,
  isPlural,
  isUnknown,
  kindsText,
  LIST,
  type Literal,
  NULL,
  NUMBER,
  OBJECT,
  TEXT,
  type Type,
} from './type.ts'
import type { Value } from './value.ts'

/** What a column's expression gives, and what becomes of it. */
export interface ColumnCheck {
  ast: Node
  value: Value
  column: UnifiedColumn
  mapping: Pick<ColumnMapping, 'map' | 'invalid'>
  zone: string | undefined
  report: Reporter
}

const SCALAR = TEXT | NUMBER | BOOLEAN
const TAKES: Record<UnifiedColumn['type']['kind'], number> = {
  id: SCALAR,
  text: SCALAR,
  integer: TEXT | NUMBER,
  decimal: TEXT | NUMBER,
  double: TEXT | NUMBER,
  boolean: SCALAR,
  date: TEXT,
  timestamp: TEXT,
  json: SCALAR | OBJECT | LIST,
}

/** Can the result of an expression ever become a value of its column? */
export function checkResult(check: ColumnCheck): void {
  const { value, mapping, column } = check
  const { type } = value
  if (type.kinds === 0 || isUnknown(type)) return
  if (mapping.map) checkMap(check, mapping.map)
  else if (!(type.kinds & (TAKES[column.type.kind] | NULL)) || isMoment(check)) reportNever(check)
  else if (type.literals) checkLiterals(check, type.literals)
  if (column.type.kind === 'json' && !mapping.map) checkLists(check.ast, value, check)
  else if (isPlural(type)) warnOfSeveral(check)
}

const MOMENTS = ['date', 'datetime', 'timestamp', 'time']
const NUMBERS = ['integer', 'decimal', 'double', 'boolean']

/** A text by its kind, a moment by its declaration: no number is written so. */
const isMoment = ({ value, column }: ColumnCheck): boolean =>
  MOMENTS.includes(value.type.declared ?? '') && NUMBERS.includes(column.type.kind)

function reportNever(check: ColumnCheck): void {
  const { ast, value, column, mapping, report } = check
  const { type } = value
  const isFunction = (type.kinds & FUNCTION) !== 0
  const add = type.sure && mapping.invalid === 'reject' ? report.error : report.warn
  const what = isMoment(check) ? `a ${type.declared}` : kindsText(type.kinds)
  add(
    'E227',
    ast,
    `Column "${column.name}" holds ${columnTypeText(column.type)}, and this gives ${what}.`,
    isFunction ? 'Was it meant to be called? Write its arguments: $name(…).' : remedyFor(type, column),
    mapping.invalid === 'reject'
      ? 'Every row that has a value here would be rejected.'
      : 'Every value would become NULL.',
  )
}

function remedyFor({ kinds }: Type, { type }: UnifiedColumn): string | undefined {
  if (kinds & LIST) return 'Take one item, as (…)[0], or put them together: $join(…, ", ").'
  if (kinds & OBJECT) return 'Take one of its fields.'
  if (kinds & NUMBER && (type.kind === 'timestamp' || type.kind === 'date'))
    return 'Say which count of time it is: $fromMillis(field) or $fromMillis(field * 1000).'
  return undefined
}

function checkLiterals(check: ColumnCheck, literals: readonly Literal[]): void {
  const { ast, column, zone, mapping, report } = check
  const misfits = literals.flatMap((it): [Literal, Misfit][] => {
    const fit = coerceColumn(it, column, { zone: zone ?? 'UTC', rounds: true })
    return fit instanceof Misfit ? [[it, fit]] : []
  })
  const [first] = misfits
  if (!first) return
  const add = misfits.length === literals.length && mapping.invalid === 'reject' ? report.error : report.warn
  add(
    'E227',
    ast,
    `${JSON.stringify(first[0])} does not fit column "${column.name}" (${columnTypeText(column.type)}): it ${first[1].reason}.`,
    column.values && `Allowed: ${column.values.join(', ')}`,
  )
}

function checkMap(check: ColumnCheck, map: NonNullable<ColumnMapping['map']>): void {
  const { ast, value, report } = check
  const never = Object.keys(map).filter((it) => !canBe(it, value.type))
  if (never.length === 0) return
  const { literals, declared, kinds } = value.type
  const is = literals ? `one of ${literals.map(String).join(', ')}` : (declared ?? kindsText(kinds))
  report.warn(
    'E229',
    ast,
    `The value is ${is}, so ${never.length === 1 ? 'this key' : 'these keys'} of map can never match: ${never.join(', ')}.`,
    'Keys are compared with the text of the value: 1, not 01 or 1.0; true, not ja.',
  )
}

function canBe(key: string, { kinds, literals, declared }: Type): boolean {
  if (literals) return literals.some((it) => scalarText(it) === key)
  if (kinds === BOOLEAN) return key === 'true' || key === 'false'
  if (declared === 'date') return /^\d{4}-\d\d-\d\d$/.test(key)
  if (kinds === NUMBER) return canonicalDecimal(key) === key && !(declared === 'integer' && key.includes('.'))
  return !!(kinds & SCALAR)
}

function warnOfSeveral({ ast, column, report }: ColumnCheck): void {
  report.warn(
    'E228',
    ast,
    `This goes through a list, so it can be several values, and column "${column.name}" holds one.`,
    'Take one of them, as (…)[0], put them together with $join(…), or make a row of each with each:.',
    'Rows with one item pass, and those with several are rejected.',
  )
}

/** In JSON a list of one would become its item, and rows would differ in shape. */
function checkLists(node: Node, value: Value, check: ColumnCheck): void {
  if (node.type === 'unary' && node.value === '{') {
    for (const [key, it] of node.lhs as [Node, Node][]) {
      const made = key.type === 'string' ? value.fields?.get(String(key.value)) : undefined
      if (made) checkLists(it, made, check)
    }
    return
  }
  if (value.type.many !== true || !(value.type.kinds & LIST)) return
  check.report.warn(
    'E230',
    node,
    'With one item this is the item itself, and with several a list: the JSON differs from row to row.',
    'Keep it a list: put [] behind its last name (lines.sku[]), or [ … ] around the whole.',
  )
}
