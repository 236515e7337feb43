import type { SourceText } from '../core/place.ts'
import type { AttributesSpec, ColumnMapping, TargetSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import { mappableColumns, type UnifiedTable } from '../core/unified.ts'
import { readAppendOn, TIME, timeByMark } from './append-on.ts'
import { readColumnMapping } from './column.ts'
import type { PipelineDefaults } from './defaults.ts'
import { asText, type Reading, reportComma, type Slot, wrongKind } from './expect.ts'
import { readExpression, reportCutInFlow } from './expression.ts'
import { laterFinding } from './later.ts'
import { checkName } from './names.ts'
import { TARGET_KEYS } from './reserved.ts'
import { readSameAs } from './same-as.ts'
import { type Entry, entryOf, type MapNode, type Node, type ScalarNode } from './yaml/tree.ts'

export interface TargetRules {
  table: UnifiedTable
  defaults: PipelineDefaults
  /** Columns that the engine fills where the mapping leaves them out. */
  filled: readonly string[]
  /** The dataset's. */
  cursor?: SourceText
}

const NO_EXPRESSIONS = ['as', 'attributes', 'append_on']

/** One entry under `to`: what one source row makes of one table. */
export function readTarget(slot: Slot, map: MapNode, rules: TargetRules, reading: Reading): TargetSpec {
  const { table } = rules
  const target: TargetSpec = { table: table.name, columns: [], at: slot.keyAt }
  if (reportCutInFlow(map, (key) => !NO_EXPRESSIONS.includes(key), reading)) return target
  const as = entryOf(map, 'as')
  const name = as && asText(as, reading.report)
  if (name && checkName(name.written.text, name.at, 'row (as)', reading.report)) target.as = name.written.text
  readItems(target, map, reading)
  const attributes = entryOf(map, 'attributes')
  if (attributes) target.attributes = readAttributes(attributes, reading)
  const columns = readColumns(map, rules, reading)
  const byMark = timeByMark(map, rules)
  target.columns = byMark ? [...columns, byMark] : columns
  const watched = entryOf(map, 'append_on')
  if (watched) target.appendOn = readAppendOn(watched, target, table, byMark !== undefined, reading)
  const sameAs = entryOf(map, 'same_as')
  if (sameAs) target.sameAs = readSameAs(sameAs, table, reading)
  checkRequired(slot, map, byMark ? [byMark.column] : [], rules, reading)
  return target
}

function readItems(target: TargetSpec, map: MapNode, reading: Reading): void {
  for (const key of ['when', 'each', 'key'] as const) {
    const entry = entryOf(map, key)
    const expression = entry && readExpression(entry, reading)
    if (expression) target[key] = expression
  }
  const each = entryOf(map, 'each')
  const key = entryOf(map, 'key')
  const alone = each && key ? undefined : (each ?? key)
  if (alone === undefined) return
  reading.report.error('E158', alone.keyAt, {
    problem:
      alone === each
        ? '"each" without "key": the items have no id.'
        : '"key" without "each": there are no items.',
    remedy:
      alone === each
        ? 'Add key: with what identifies an item, as its line number.'
        : 'Add each: with the list, or remove key (the key of the rows stands in the dataset).',
  })
}

function readColumns(map: MapNode, rules: TargetRules, reading: Reading): ColumnMapping[] {
  const columns: ColumnMapping[] = []
  for (const entry of map.entries) {
    if ((TARGET_KEYS as readonly string[]).includes(entry.key)) continue
    const column = columnOf(entry, map, rules.table, reading)
    const mapping = column && readColumnMapping(entry, column, reading)
    if (mapping) columns.push(mapping)
  }
  for (const entry of rules.defaults.entriesFor(rules.table, map)) {
    const column = mappableColumns(rules.table).find((it) => it.name === entry.key)!
    const mapping = readColumnMapping(entry, column, reading)
    if (mapping) columns.push(mapping)
  }
  return columns
}

function columnOf({ key, keyAt, value }: Entry, map: MapNode, table: UnifiedTable, { report }: Reading) {
  const column = table.columns.find((it) => it.name === key)
  if (column && !column.system) return column
  const later = laterFinding(key, 'target')
  if (column)
    report.error('E153', keyAt, {
      problem: `"${key}" is filled by Polder; a mapping cannot set it.`,
      remedy: key === 'id' ? 'Remove it; the id follows from the key of the dataset.' : 'Remove it.',
    })
  else if (later) report.error('E120', keyAt, later)
  else if (!reportComma({ key, keyAt, value }, map, report)) reportUnknown(key, keyAt, table, report)
  return undefined
}

function reportUnknown(
  key: string,
  at: Entry['keyAt'],
  table: UnifiedTable,
  report: Reading['report'],
): void {
  const names = mappableColumns(table).map((it) => it.name)
  report.error('E152', at, {
    problem: `The table ${table.name} has no column "${key}".`,
    remedy: didYouMean(key, [...names, ...TARGET_KEYS]).trim() || `Its columns: ${names.join(', ')}.`,
    note: `What has no column can be kept: attributes: { ${key}: … }`,
  })
}

function checkRequired(
  slot: Slot,
  map: MapNode,
  byMark: string[],
  { table, defaults, filled }: TargetRules,
  { report }: Reading,
): void {
  const missing = mappableColumns(table).filter(
    (it) =>
      it.required &&
      !entryOf(map, it.name) &&
      !defaults.has(it.name) &&
      ![...filled, ...byMark].includes(it.name),
  )
  if (missing.length === 0) return
  const names = missing.map((it) => it.name)
  const one = missing.length === 1
  const watches = one && names[0] === TIME && entryOf(map, 'append_on')
  report.error('E154', slot.keyAt, {
    problem: `The table ${table.name} requires ${names.join(', ')}; ${one ? 'it is' : 'they are'} not mapped.`,
    remedy: watches
      ? BY_CURSOR
      : one && missing[0]!.values
        ? example(names[0]!, missing[0]!.values[0]!)
        : `Add ${names.join(', ')}.`,
  })
}

const BY_CURSOR = `Map ${TIME}, or give the dataset a cursor: its value is taken then.`

const example = (name: string, value: string): string => `Add it, as in: ${name}: { is: ${value} }`

function readAttributes(slot: Slot, reading: Reading): AttributesSpec | undefined {
  const { value } = slot
  if (value.kind === 'scalar' && value.value === '*') return { all: true, at: slot.keyAt }
  if (value.kind !== 'map')
    return void wrongKind(
      slot,
      "'*' or a mapping (name: expression)",
      reading.report,
      "Write attributes: '*' for all.",
    )
  if (reportCutInFlow(value, () => true, reading)) return undefined
  const entries = value.entries.map((it) => ({ name: it.key, value: attributeOf(it, reading) }))
  return {
    all: false,
    entries: entries.flatMap(({ name, value }) => (value ? [{ name, value }] : [])),
    at: slot.keyAt,
  }
}

/** Numbers and booleans are written in JSONata as in YAML. */
function attributeOf(entry: Entry, reading: Reading) {
  return isLiteral(entry.value) ? entry.value.written : readExpression(entry, reading)
}

const isLiteral = (node: Node): node is ScalarNode =>
  node.kind === 'scalar' &&
  (typeof node.value === 'boolean' ||
    (typeof node.value === 'number' && String(node.value) === node.written.text))
