import { didYouMean } from '../core/text.ts'
import { type ColumnType, type UnifiedColumn, withSystemColumns } from '../core/unified.ts'
import { parseColumnType, TYPE_NAMES } from './column-type.ts'
import {
  asList,
  asMap,
  asScalar,
  asText,
  fieldsOf,
  type Reading,
  required,
  type Slot,
  wrongKind,
} from './expect.ts'
import { laterKeys } from './later.ts'
import { checkName } from './names.ts'
import { TARGET_KEYS } from './reserved.ts'
import type { Entry, MapNode } from './yaml/tree.ts'

const COLUMN_KEYS = ['type', 'description', 'required', 'pii', 'values', 'references'] as const

const RESERVED = new Set([
  ...withSystemColumns([]).map((it) => it.name),
  ...TARGET_KEYS,
  ...laterKeys('target'),
])

/** @param taken columns that the table has already */
export function readColumns(
  map: MapNode,
  table: string,
  taken: Set<string>,
  isBuiltin: boolean,
  reading: Reading,
): UnifiedColumn[] {
  if (map.entries.length === 0)
    reading.report.error('E114', map.at, {
      problem: `The table ${table} gets no columns.`,
      remedy: 'Add columns.',
    })
  return map.entries
    .filter((it) => checkColumnName(it, table, taken, reading))
    .map((it) => readColumn(it, table, isBuiltin, reading))
    .filter((it) => it !== undefined)
}

function checkColumnName(
  { key, keyAt }: Entry,
  table: string,
  taken: Set<string>,
  { report }: Reading,
): boolean {
  if (!checkName(key, keyAt, 'column', report)) return false
  if (RESERVED.has(key))
    report.error('E183', keyAt, {
      problem: `"${key}" cannot be a column of your own: Polder uses the name.`,
      remedy: 'Choose another name.',
    })
  else if (taken.has(key))
    report.error('E182', keyAt, {
      problem: `The table ${table} has a column "${key}" already.`,
      remedy: 'Choose another name, or map to the one that exists.',
    })
  return !RESERVED.has(key) && !taken.has(key)
}

function readColumn(
  entry: Entry,
  table: string,
  isBuiltin: boolean,
  reading: Reading,
): UnifiedColumn | undefined {
  const { report } = reading
  const map = asMap(entry, 'type, description …', report)
  if (map === undefined) return undefined
  const fields = fieldsOf(map, { what: 'A column', known: COLUMN_KEYS }, reading)
  const whole = { at: entry.keyAt, what: `The column ${table}.${entry.key}` }
  const typeEntry = required(fields, 'type', { ...whole, example: 'type: text' }, report)
  const type = typeEntry && readType(typeEntry, reading)
  const text = required(fields, 'description', { ...whole, example: 'description: What it means' }, report)
  const description = text && asText(text, report)?.written.text
  if (type === undefined) return undefined
  return {
    name: entry.key,
    type,
    description: description ?? '',
    ...readRest(fields, type, reading),
    ...(isBuiltin ? {} : { at: entry.keyAt }),
  }
}

function readType(slot: Slot, { report }: Reading): ColumnType | undefined {
  const scalar = asText(slot, report)
  if (scalar === undefined) return undefined
  const type = parseColumnType(scalar.written.text.trim())
  if (typeof type !== 'string') return type
  report.error('E181', scalar.at, {
    problem: type,
    remedy: `${didYouMean(scalar.written.text, TYPE_NAMES)}Types: ${TYPE_NAMES.join(', ')}.`,
  })
  return undefined
}

function readRest(fields: Map<string, Entry>, type: ColumnType, reading: Reading): Partial<UnifiedColumn> {
  const { report } = reading
  const rest: Partial<UnifiedColumn> = {}
  const requiredEntry = fields.get('required')
  if (requiredEntry && readTruth(requiredEntry, reading)) rest.required = true
  const pii = fields.get('pii')
  const kind = pii && asText(pii, report)
  if (kind) rest.pii = kind.written.text
  const values = fields.get('values')
  if (values && goesWith(values, type, 'text', reading)) rest.values = readValues(values, reading)
  const references = fields.get('references')
  if (references && goesWith(references, type, 'id', reading)) {
    const table = asText(references, report)
    if (table) rest.references = table.written.text
  }
  return rest
}

function readTruth(slot: Slot, { report }: Reading): boolean {
  const { value } = slot
  if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value
  wrongKind(slot, 'true or false', report)
  return false
}

function goesWith(slot: Slot, type: ColumnType, kind: ColumnType['kind'], { report }: Reading): boolean {
  if (type.kind === kind) return true
  report.error('E185', slot.keyAt, {
    problem: `"${slot.key}" belongs to columns of type ${kind}; this one is ${type.kind}.`,
    remedy: `Remove "${slot.key}", or make the column ${kind}.`,
  })
  return false
}

function readValues(slot: Slot, { report }: Reading): string[] | undefined {
  const list = asList(slot, 'of the allowed texts', report)
  if (list === undefined) return undefined
  if (list.items.length === 0)
    report.error('E114', list.at, { problem: 'No value would be allowed.', remedy: 'Add the allowed texts.' })
  const values = new Set<string>()
  for (const value of list.items) {
    const scalar = asScalar({ ...slot, value }, 'a list of texts', report)
    if (scalar === undefined) continue
    if (values.has(scalar.written.text))
      report.error('E116', scalar.at, {
        problem: `"${scalar.written.text}" stands twice in the list.`,
        remedy: 'Remove one of them.',
      })
    values.add(scalar.written.text)
  }
  return [...values]
}
