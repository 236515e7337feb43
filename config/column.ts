import { carriedNumber } from '../core/number.ts'
import type { ColumnMapping } from '../core/spec.ts'
import type { UnifiedColumn } from '../core/unified.ts'
import type { Json } from '../core/value.ts'
import { misfit } from './constant.ts'
import { asChoice, asMap, asScalar, asText, fieldsOf, type Reading, type Slot, wrongKind } from './expect.ts'
import { readExpression, reportCutInFlow, reportNoExpression } from './expression.ts'
import { jsonOf } from './json-of.ts'
import type { ConfigCode } from './report.ts'
import { COLUMN_FORM_KEYS } from './reserved.ts'
import { type Entry, isEmpty, type MapNode, type ScalarNode } from './yaml/tree.ts'
import { checkZone } from './zone.ts'

type Given = Pick<ColumnMapping, 'value'> & Partial<ColumnMapping>

/** One column of a target, in any of its forms; undefined: reported. */
export function readColumnMapping(
  entry: Entry,
  column: UnifiedColumn,
  reading: Reading,
): ColumnMapping | undefined {
  const given = readForm(entry, column, reading)
  return given && { column: column.name, at: entry.keyAt, invalid: 'reject', ...given }
}

function readForm(entry: Entry, column: UnifiedColumn, reading: Reading): Given | undefined {
  const { value } = entry
  if (value.kind === 'map') return readObject(entry, value, column, reading)
  if (value.kind === 'list') return void reportNoExpression(entry, reading)
  if (value.value === null) {
    reading.report.error('E114', entry.keyAt, {
      problem: `"${entry.key}" has no value.`,
      remedy: 'Write an expression or a constant; a column that is to stay empty is left out.',
    })
    return undefined
  }
  if (typeof value.value !== 'string') return readConstant(value, column, 'E155', reading)
  warnTruth(value, column, reading)
  const expression = readExpression(entry, reading)
  return expression && { value: { expression } }
}

function warnTruth(scalar: ScalarNode, column: UnifiedColumn, { report }: Reading): void {
  const { text } = scalar.written
  if (column.type.kind !== 'boolean' || scalar.style !== 'plain' || !/^(yes|no|on|off)$/i.test(text)) return
  const truth = /^(yes|on)$/i.test(text)
  report.warning('E174', scalar.at, {
    problem: `"${text}" is the field of that name here, not a truth value.`,
    remedy: `For a constant write ${truth}; for the field write '\`${text}\`'.`,
  })
}

/** Constants of text columns keep the characters of the file: `007` stays `007`. */
function readConstant(
  scalar: ScalarNode,
  column: UnifiedColumn,
  code: ConfigCode,
  reading: Reading,
): { value: { constant: string | number | boolean } } | undefined {
  const wrong = misfit(scalar, column)
  if (wrong === undefined) return { value: { constant: constantOf(scalar, column) } }
  reading.report.error(code, scalar.at, wrong)
  return undefined
}

function constantOf(scalar: ScalarNode, column: UnifiedColumn): string | number | boolean {
  const { value, written } = scalar
  const keepsText = column.type.kind === 'text' || column.type.kind === 'id'
  if (value === null || typeof value === 'string' || keepsText) return written.text
  return typeof value === 'number' ? (carriedNumber(written.text) ?? value) : value
}

function readObject(entry: Entry, map: MapNode, column: UnifiedColumn, reading: Reading): Given | undefined {
  if (reportCutInFlow(map, (key) => key === 'from', reading)) return undefined
  const known = COLUMN_FORM_KEYS as readonly string[]
  if (!map.entries.some((it) => known.includes(it.key))) return void reportNoForm(entry, map, reading)
  const fields = fieldsOf(map, { what: 'A column', known: COLUMN_FORM_KEYS }, reading)
  if (!agrees(entry, fields, reading)) return undefined
  const is = fields.get('is')
  if (is) {
    const scalar = asScalar(is, 'a constant text', reading.report)
    return scalar && readConstant(scalar, { ...column }, 'E155', reading)
  }
  const expression = readExpression(fields.get('from')!, reading)
  const rest = readRest(fields, column, reading)
  return expression && { value: { expression }, ...rest }
}

function reportNoForm(entry: Entry, map: MapNode, reading: Reading): void {
  if (map.flow) reportNoExpression(entry, reading)
  else
    reading.report.error('E172', map.at, {
      problem: `"${entry.key}" is a mapping without is or from.`,
      remedy:
        'Write { is: text } for a constant, from: expression for the rest; a JSONata object is written as text.',
    })
}

/** Exactly one of `is` and `from`; the rest belongs to `from`. */
function agrees(entry: Entry, fields: Map<string, Entry>, { report }: Reading): boolean {
  const clash = (at: Entry, problem: string, remedy: string) => {
    report.error('E159', at.keyAt, { problem, remedy })
    return false
  }
  const is = fields.get('is')
  const from = fields.get('from')
  if (!is && !from)
    return clash(entry, `"${entry.key}" has neither is nor from.`, 'Add from: with the expression.')
  const other = [...fields.values()].find((it) => it !== is)
  if (is && other)
    return clash(other, `A constant (is) takes no "${other.key}".`, `Remove is, or remove ${other.key}.`)
  return true
}

function readRest(
  fields: Map<string, Entry>,
  column: UnifiedColumn,
  reading: Reading,
): Partial<ColumnMapping> {
  const rest: Partial<ColumnMapping> = {}
  const map = fields.get('map')
  if (map) rest.map = readMap(map, column, reading)
  const preset = fields.get('default')
  if (preset) rest.default = readReplacement(preset, column, reading)
  const invalid = fields.get('invalid')
  if (invalid) rest.invalid = asChoice(invalid, ['reject', 'missing'], reading.report) ?? 'reject'
  const zone = fields.get('zone')
  if (zone) rest.zone = readZone(zone, column, reading)
  return rest
}

function readMap(slot: Slot, column: UnifiedColumn, reading: Reading): Record<string, Json> | undefined {
  const map = asMap(slot, 'of values to their replacements', reading.report)
  if (map === undefined) return undefined
  if (map.entries.length === 0)
    wrongKind({ ...slot, value: map }, 'a mapping with at least one value', reading.report)
  return Object.fromEntries(map.entries.map((it) => [it.key, readReplacement(it, column, reading) ?? null]))
}

/** A value of a value table; nothing stands for missing. */
function readReplacement(slot: Slot, column: UnifiedColumn, reading: Reading): Json | undefined {
  const { value } = slot
  if (isEmpty(value)) return null
  if (column.type.kind === 'json') return jsonOf(value, reading.report)
  const scalar = asScalar(slot, 'a constant', reading.report)
  return scalar && readConstant(scalar, column, 'E156', reading)?.value.constant
}

function readZone(slot: Slot, column: UnifiedColumn, { report }: Reading): string | undefined {
  const scalar = asText(slot, report)
  if (scalar === undefined) return undefined
  if (column.type.kind === 'timestamp' || column.type.kind === 'date')
    return checkZone(scalar.written.text, scalar.at, report)
  report.error('E160', slot.keyAt, {
    problem: `${column.name} is ${column.type.kind}: a zone has no meaning for it.`,
    remedy: 'Remove zone.',
  })
  return undefined
}
