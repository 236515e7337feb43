import type { SourceText } from '../core/place.ts'
import type { TargetSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { PipelineDefaults } from './defaults.ts'
import { asMap, type Reading, type Slot, wrongKind } from './expect.ts'
import { readTarget } from './target.ts'
import { type Entry, entryOf, type MapNode } from './yaml/tree.ts'

export interface TargetsRules {
  tables: Map<string, UnifiedTable>
  /** A schema file cannot be read: tables may be missing that exist. */
  tablesIncomplete: boolean
  defaults: PipelineDefaults
  /** The dataset's. */
  cursor?: SourceText
}

/** `to:` of a dataset. */
export function readTargets(to: Entry, rules: TargetsRules, reading: Reading): TargetSpec[] {
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
  rules: TargetsRules,
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
    cursor: rules.cursor,
    filled: columns.filter((it) => it.references !== table.name).map((it) => it.name),
  }
  return slotsOf(entry, reading).map(({ slot, map }) => readTarget(slot, map, ofTable, reading))
}

function reportUnknownTable({ key, keyAt }: Entry, { tables }: TargetsRules, { report }: Reading): void {
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
