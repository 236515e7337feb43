import type { SourceText } from '../core/place.ts'
import type { ColumnMapping, TargetSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import { mappableColumns, type UnifiedTable } from '../core/unified.ts'
import type { PipelineDefaults } from './defaults.ts'
import { asText, type Reading, wrongKind } from './expect.ts'
import { type Entry, entryOf, isEmpty, type MapNode, type ScalarNode } from './yaml/tree.ts'

/** When a state was reached, in the tables that have it. */
export const TIME = 'occurred_at'

/** `append_on:` of a target: the columns, all of them mapped by it, whose change adds a row. */
export function readAppendOn(
  entry: Entry,
  target: TargetSpec,
  table: UnifiedTable,
  markIsTime: boolean,
  reading: Reading,
): TargetSpec['appendOn'] {
  const { report } = reading
  if (table.history !== 'append') {
    report.error('E161', entry.keyAt, {
      problem: `append_on adds rows to a history, and the rows of ${table.name} are replaced.`,
      remedy: 'Remove it, or map to event, consent_event or a table of your own with history: append.',
    })
    return undefined
  }
  const columns: string[] = []
  for (const scalar of scalarsOf(entry, reading)) {
    const name = scalar.written.text
    if (columns.includes(name))
      report.error('E116', scalar.at, {
        problem: `"${name}" stands twice in append_on.`,
        remedy: 'Remove one of them.',
      })
    else if (checkWatched(name, scalar, target, table, reading)) columns.push(name)
  }
  return columns.length === 0 ? undefined : { columns, at: entry.value.at, markIsTime }
}

function scalarsOf(entry: Entry, { report }: Reading): ScalarNode[] {
  const { value } = entry
  const items = value.kind === 'list' ? value.items : [value]
  if (value.kind === 'map' || items.length === 0 || isEmpty(value)) {
    wrongKind(entry, 'a column of the table, or a list of columns', report)
    return []
  }
  return items.flatMap((it) => asText({ ...entry, value: it }, report) ?? [])
}

function checkWatched(
  name: string,
  { at }: ScalarNode,
  { columns, attributes }: TargetSpec,
  table: UnifiedTable,
  { report }: Reading,
): boolean {
  const mapping = columns.find((it) => it.column === name)
  if (mapping ? !('constant' in mapping.value) : name === 'attributes' && attributes) return true
  const known = mappableColumns(table).some((it) => it.name === name)
  const names = columns.filter((it) => !('constant' in it.value)).map((it) => it.column)
  report.error('E162', at, {
    problem: mapping
      ? `"${name}" is a constant here: it never changes.`
      : known
        ? `"${name}" is not mapped here, so it never changes.`
        : `The table ${table.name} has no column "${name}".`,
    remedy:
      known && !mapping
        ? `Map ${name}, or name a column that is mapped.`
        : `${didYouMean(name, names)}Columns that can change here: ${names.join(', ') || 'none'}.`,
  })
  return false
}

/** A watched state that does not say when it was reached was reached when its row last changed. */
export function timeByMark(
  map: MapNode,
  { table, defaults, cursor }: { table: UnifiedTable; defaults: PipelineDefaults; cursor?: SourceText },
): ColumnMapping | undefined {
  const watched = entryOf(map, 'append_on')
  const column = table.columns.find((it) => it.name === TIME && it.type.kind === 'timestamp')
  if (!watched || !column || !cursor || entryOf(map, TIME) || defaults.has(TIME)) return undefined
  const expression: SourceText = { text: `\`${cursor.text}\``, place: () => cursor.place() }
  return { column: TIME, at: watched.keyAt, value: { expression }, invalid: 'reject' }
}
