import type { Problem } from '../core/errors.ts'
import type { Place, SourceFile } from '../core/place.ts'
import { didYouMean } from '../core/text.ts'
import { type UnifiedColumn, type UnifiedTable, withSystemColumns } from '../core/unified.ts'
import { asChoice, asMap, asText, fieldsOf, type Reading, required, rootMap } from './expect.ts'
import { checkName } from './names.ts'
import { openFile } from './open-file.ts'
import { createReport, type Report } from './report.ts'
import { readColumns } from './schema-column.ts'
import type { Entry, MapNode } from './yaml/tree.ts'

const TABLE_KEYS = ['table', 'description', 'history', 'columns'] as const

/** A table with its own columns only; the system's are put around them at the end. */
interface Draft {
  table: UnifiedTable
  own: UnifiedColumn[]
  at: Place
}

/**
 * Reads schema files: the built-in tables, and then the team's, which add tables or extend one by columns.
 * Tables come in the order of the files, each with the system's columns.
 */
export function loadTables(
  builtin: SourceFile[],
  own: SourceFile[] = [],
): { tables: UnifiedTable[]; problems: Problem[]; broken: boolean } {
  const report = createReport()
  const drafts = new Map<string, Draft>()
  let broken = false
  for (const [files, isBuiltin] of [[builtin, true] as const, [own, false] as const]) {
    const ofTeam = new Set<string>()
    for (const file of files) {
      openFile(file, 'tables', report, (reading) => {
        broken ||= reading.parsed.broken
        readTable(reading, drafts, isBuiltin, ofTeam)
      })
    }
  }
  checkReferences(drafts, report, broken)
  const tables = [...drafts.values()].map(({ table, own }) => ({ ...table, columns: withSystemColumns(own) }))
  return { tables, problems: report.problems, broken }
}

function readTable(
  reading: Reading,
  drafts: Map<string, Draft>,
  isBuiltin: boolean,
  ofTeam: Set<string>,
): void {
  const map = rootMap(reading, 'table, description, columns')
  if (map === undefined) return
  const fields = fieldsOf(map, { what: 'A schema file', known: TABLE_KEYS }, reading)
  const named = readName(map, fields, reading)
  if (named === undefined) return
  if (ofTeam.has(named.name)) {
    reading.report.error('E116', named.at, {
      problem: `The table "${named.name}" is declared in another file already.`,
      remedy: 'Merge the two files.',
    })
    return
  }
  ofTeam.add(named.name)
  const existing = isBuiltin ? undefined : drafts.get(named.name)
  if (existing) extend(existing, fields, named, reading)
  else drafts.set(named.name, create(fields, named, isBuiltin, reading))
}

interface Named {
  name: string
  at: Place
}

function readName(map: MapNode, fields: Map<string, Entry>, { report }: Reading): Named | undefined {
  const whole = { at: map.at, what: 'The schema file', example: 'table: loyalty_card' }
  const entry = required(fields, 'table', whole, report)
  const scalar = entry && asText(entry, report)
  if (scalar === undefined) return undefined
  const name = scalar.written.text
  return checkName(name, scalar.at, 'table', report) ? { name, at: scalar.at } : undefined
}

function create(
  fields: Map<string, Entry>,
  { name, at }: Named,
  isBuiltin: boolean,
  reading: Reading,
): Draft {
  const { report } = reading
  const whole = (example: string) => ({ at, what: `The table ${name}`, example })
  const description = required(fields, 'description', whole('description: What a row is'), report)
  const history = fields.get('history')
  const columns = required(fields, 'columns', whole('columns: …'), report)
  const map = columns && asMap(columns, 'columns by name', report)
  const own = map ? readColumns(map, name, new Set(), isBuiltin, reading) : []
  const table: UnifiedTable = {
    name,
    description: (description && asText(description, report)?.written.text) ?? '',
    history: (history && asChoice(history, ['current', 'append'], report)) ?? 'current',
    columns: [],
    ...(isBuiltin ? {} : { at }),
  }
  return { table, own, at }
}

function extend(draft: Draft, fields: Map<string, Entry>, { name, at }: Named, reading: Reading): void {
  for (const key of ['description', 'history']) {
    const entry = fields.get(key)
    if (entry)
      reading.report.error('E186', entry.keyAt, {
        problem: `The table "${name}" exists already; this file can only add columns to it.`,
        remedy: `Remove "${key}", or give a table of your own another name.`,
      })
  }
  const whole = { at, what: `The extension of ${name}`, example: 'columns: …' }
  const columns = required(fields, 'columns', whole, reading.report)
  const map = columns && asMap(columns, 'columns by name', reading.report)
  if (map === undefined) return
  draft.own.push(...readColumns(map, name, new Set(draft.own.map((it) => it.name)), false, reading))
}

/** Built-in references are checked too; their place is the file's, since columns of built-in tables carry none. */
function checkReferences(drafts: Map<string, Draft>, report: Report, broken: boolean): void {
  if (broken) return
  for (const { own, at } of drafts.values())
    for (const { references, name, at: columnAt } of own)
      if (references !== undefined && !drafts.has(references))
        report.error('E184', columnAt ?? at, {
          problem: `The column ${name} refers to the table "${references}", which does not exist.`,
          remedy: didYouMean(references, drafts.keys()).trim() || `Tables: ${[...drafts.keys()].join(', ')}.`,
        })
}
