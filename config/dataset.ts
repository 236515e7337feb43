import type { DatasetSpec, TargetSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { PipelineDefaults } from './defaults.ts'
import { asChoice, asMap, asText, fieldsOf, type Reading, required, type Slot, wrongKind } from './expect.ts'
import { readExpression, reportCutInFlow } from './expression.ts'
import { checkName } from './names.ts'
import { DATASET_KEYS } from './reserved.ts'
import { readTarget } from './target.ts'
import { type Entry, entryOf, type MapNode } from './yaml/tree.ts'
import { checkZone } from './zone.ts'

export interface DatasetRules {
  pipeline: string
  connection: string
  tables: Map<string, UnifiedTable>
  /** A schema file cannot be read: tables may be missing that exist. */
  tablesIncomplete: boolean
  defaults: PipelineDefaults
}

/** A dataset of a pipeline; faults are reported, and what could be read is returned. */
export function readDataset(entry: Entry, rules: DatasetRules, reading: Reading): DatasetSpec | undefined {
  const { report } = reading
  checkName(entry.key, entry.keyAt, 'dataset', report)
  const map = asMap(entry, 'from, key, to …', report)
  if (map === undefined) return undefined
  if (reportCutInFlow(map, (key) => key === 'where', reading)) return undefined
  const fields = fieldsOf(map, { what: 'A dataset', known: DATASET_KEYS, level: 'dataset' }, reading)
  const whole = (example: string) => ({ at: entry.keyAt, what: `The dataset "${entry.key}"`, example })
  const fromEntry = required(fields, 'from', whole('from: public.customers'), report)
  const from = fromEntry && asText(fromEntry, report)
  const to = required(fields, 'to', whole('to: { party: … }'), report)
  const targets = to ? readTargets(to, rules, reading) : []
  return {
    pipeline: rules.pipeline,
    name: entry.key,
    connection: rules.connection,
    from: from?.written.text ?? '',
    fromAt: from?.at ?? entry.keyAt,
    load: readLoad(fields.get('load'), reading),
    ...readKey(fields.get('key'), reading),
    ...readRest(fields, reading),
    targets,
    at: entry.keyAt,
  }
}

function readRest(fields: Map<string, Entry>, reading: Reading): Partial<DatasetSpec> {
  const rest: Partial<DatasetSpec> = {}
  const cursor = fields.get('cursor')
  const cursorText = cursor && asText(cursor, reading.report)
  if (cursorText) Object.assign(rest, { cursor: cursorText.written.text, cursorAt: cursorText.at })
  const where = fields.get('where')
  const condition = where && readExpression(where, reading)
  if (condition) rest.where = condition
  const zone = fields.get('timezone')
  const name = zone && asText(zone, reading.report)
  const timezone = name && checkZone(name.written.text, name.at, reading.report)
  if (timezone) rest.timezone = timezone
  return rest
}

function readLoad(entry: Entry | undefined, { report }: Reading): DatasetSpec['load'] {
  if (entry === undefined) return 'auto'
  const load = asChoice(entry, ['auto', 'copy', 'direct'], report)
  if (load !== 'direct') return load ?? 'auto'
  report.error('E120', entry.value.at, {
    problem: '"load: direct" (in place or an error) is not supported yet.',
    remedy: 'Write load: auto, or remove the line.',
  })
  return 'auto'
}

function readKey(entry: Entry | undefined, reading: Reading): Partial<DatasetSpec> {
  if (entry === undefined) return {}
  const { report } = reading
  const { value } = entry
  if (value.kind === 'scalar') {
    const scalar = asText(entry, report)
    return scalar ? { key: [scalar.written.text], keyAt: scalar.at } : {}
  }
  if (value.kind === 'map' || value.items.length === 0) {
    wrongKind(entry, 'the name of a source field, or a list of names', report)
    return {}
  }
  const key: string[] = []
  for (const item of value.items) {
    const scalar = asText({ ...entry, value: item }, report)
    if (scalar && key.includes(scalar.written.text))
      report.error('E116', scalar.at, {
        problem: `"${scalar.written.text}" stands twice in the key.`,
        remedy: 'Remove one of them.',
      })
    else if (scalar) key.push(scalar.written.text)
  }
  return { key, keyAt: value.at }
}

function readTargets(to: Entry, rules: DatasetRules, reading: Reading): TargetSpec[] {
  const map = asMap(to, 'table: columns', reading.report)
  if (map === undefined) return []
  if (map.entries.length === 0)
    reading.report.error('E142', to.keyAt, {
      problem: 'This dataset fills no table.',
      remedy: 'Add a table under to, as party.',
    })
  const filled = filledColumns(map)
  return map.entries.flatMap((it) => readTable(it, rules, filled, reading))
}

/** Where a row makes exactly one party (order), its other rows point to it when they do not say otherwise. */
function filledColumns(to: MapNode): Map<string, string> {
  const filled = new Map<string, string>()
  for (const [table, column] of [
    ['party', 'party_id'],
    ['sales_order', 'order_id'],
  ] as const) {
    const value = entryOf(to, table)?.value
    const single = value?.kind === 'list' && value.items.length === 1 ? value.items[0] : value
    if (single?.kind === 'map' && !entryOf(single, 'each')) filled.set(column, table)
  }
  return filled
}

function readTable(
  entry: Entry,
  rules: DatasetRules,
  filled: Map<string, string>,
  reading: Reading,
): TargetSpec[] {
  const table = rules.tables.get(entry.key)
  if (table === undefined) {
    if (!rules.tablesIncomplete) reportUnknownTable(entry, rules, reading)
    return []
  }
  const columns = table.columns.filter((it) => it.references && filled.get(it.name) === it.references)
  const ofTable = {
    table,
    defaults: rules.defaults,
    filled: columns.filter((it) => it.references !== table.name).map((it) => it.name),
  }
  return slotsOf(entry, reading).map(({ slot, map }) => readTarget(slot, map, ofTable, reading))
}

function reportUnknownTable({ key, keyAt }: Entry, { tables }: DatasetRules, { report }: Reading): void {
  report.error('E151', keyAt, {
    problem: `There is no unified table "${key}".`,
    remedy: `${didYouMean(key, tables.keys())}Tables: ${[...tables.keys()].join(', ')}.`,
  })
}

interface TargetSlot {
  slot: Slot
  map: MapNode
}

/** One mapping, or a list of them, in which every row has a name. */
function slotsOf(entry: Entry, reading: Reading): TargetSlot[] {
  const { report } = reading
  const { value } = entry
  if (value.kind !== 'list') {
    const map = asMap(entry, 'column: expression', report)
    return map ? [{ slot: entry, map }] : []
  }
  if (value.items.length === 0) wrongKind(entry, 'a mapping, or a list with at least one', report)
  const slots: TargetSlot[] = []
  for (const item of value.items) {
    const map = asMap({ ...entry, value: item }, 'column: expression', report)
    if (map)
      slots.push({ slot: { key: entry.key, keyAt: map.entries[0]?.keyAt ?? item.at, value: item }, map })
  }
  if (value.items.length > 1) checkNames(slots, entry.key, reading)
  return slots
}

function checkNames(slots: TargetSlot[], table: string, { report }: Reading): void {
  const names = new Set<string>()
  for (const { slot, map } of slots) {
    const as = entryOf(map, 'as')
    const name = as?.value.kind === 'scalar' ? as.value.written.text : undefined
    if (as === undefined)
      report.error('E157', slot.keyAt, {
        problem: `One of several rows for ${table} has no name.`,
        remedy: 'Begin each of them with a name of its own, as in: as: email',
      })
    else if (name !== undefined && names.has(name))
      report.error('E157', as.value.at, {
        problem: `Two rows for ${table} are named "${name}".`,
        remedy: 'Give every row a name of its own.',
      })
    if (name !== undefined) names.add(name)
  }
}
