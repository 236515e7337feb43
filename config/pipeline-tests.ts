import type { TestSpec, TestStep } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import type { UnifiedTable } from '../core/unified.ts'
import type { Row } from '../core/value.ts'
import { asCount, asList, asMap, asText, fieldsOf, type Reading, required, type Slot } from './expect.ts'
import { jsonOf } from './json-of.ts'
import type { Entry, MapNode, Node } from './yaml/tree.ts'

const STEP_KEYS = ['given', 'expect', 'rejected', 'filtered'] as const
const TEST_KEYS = ['name', 'steps', ...STEP_KEYS] as const

export interface TestRules {
  /** Names that `given` may have. */
  datasets: string[]
  tables: Map<string, UnifiedTable>
  tablesIncomplete: boolean
}

/** `tests:` of a pipeline. */
export function readTests(slot: Slot, rules: TestRules, reading: Reading): TestSpec[] {
  const list = asList(slot, 'of tests', reading.report)
  const names = new Set<string>()
  return (list?.items ?? [])
    .map((value) => readTest({ ...slot, value }, names, rules, reading))
    .filter((it) => it !== undefined)
}

function readTest(slot: Slot, names: Set<string>, rules: TestRules, reading: Reading): TestSpec | undefined {
  const { report } = reading
  const map = asMap(slot, 'name, given, expect', report)
  if (map === undefined) return undefined
  const fields = fieldsOf(map, { what: 'A test', known: TEST_KEYS }, reading)
  const whole = { at: map.at, what: 'The test', example: 'name: an address is kept' }
  const entry = required(fields, 'name', whole, report)
  const name = entry && asText(entry, report)
  if (name && names.has(name.written.text))
    report.error('E116', name.at, {
      problem: `Two tests of this pipeline are named "${name.written.text}".`,
      remedy: 'Give every test a name of its own.',
    })
  if (name) names.add(name.written.text)
  return {
    name: name?.written.text ?? '',
    steps: readSteps(map, fields, rules, reading),
    at: name?.at ?? map.at,
  }
}

function readSteps(map: MapNode, fields: Map<string, Entry>, rules: TestRules, reading: Reading): TestStep[] {
  const { report } = reading
  const steps = fields.get('steps')
  if (steps === undefined) {
    checkPurpose([map], map, reading)
    return [readStep(map, fields, rules, reading)]
  }
  for (const key of STEP_KEYS) {
    const entry = fields.get(key)
    if (entry)
      report.error('E111', entry.keyAt, {
        problem: `A test with steps has no "${key}" of its own.`,
        remedy: `Move ${key} into the steps.`,
      })
  }
  const nodes = asList(steps, 'of steps', report)?.items ?? []
  const maps = nodes
    .map((value) => asMap({ ...steps, value }, 'given, expect', report))
    .filter((it) => it !== undefined)
  checkPurpose(maps, map, reading)
  return maps.map((it) =>
    readStep(it, fieldsOf(it, { what: 'A step', known: STEP_KEYS }, reading), rules, reading),
  )
}

/** A test that states nothing could never fail. */
function checkPurpose(steps: MapNode[], test: MapNode, { report }: Reading): void {
  const states = (map: MapNode) =>
    map.entries.some(({ key }) => ['expect', 'rejected', 'filtered'].includes(key))
  if (steps.some(states)) return
  report.error('E191', test.at, {
    problem: 'This test expects nothing, so it could never fail.',
    remedy: 'Add expect: with the rows of a table, or rejected: 0.',
  })
}

function readStep(map: MapNode, fields: Map<string, Entry>, rules: TestRules, reading: Reading): TestStep {
  const step: TestStep = { given: {}, expect: {}, at: map.at }
  const given = fields.get('given')
  if (given) step.given = readGiven(given, rules, reading)
  const expect = fields.get('expect')
  if (expect) step.expect = readExpect(expect, rules, reading)
  for (const key of ['rejected', 'filtered'] as const) {
    const entry = fields.get(key)
    const count = entry && asCount(entry, reading.report)
    if (count !== undefined) step[key] = count
  }
  return step
}

function readGiven(slot: Slot, { datasets }: TestRules, reading: Reading): Record<string, Row[]> {
  const map = asMap(slot, 'dataset: rows', reading.report)
  const rows = (map?.entries ?? []).map((it) => {
    if (!datasets.includes(it.key))
      reading.report.error('E192', it.keyAt, {
        problem: `This pipeline has no dataset "${it.key}".`,
        remedy: didYouMean(it.key, datasets).trim() || `Its datasets: ${datasets.join(', ')}.`,
      })
    return [it.key, rowsOf(it, reading).map((row) => jsonOf(row, reading.report) as Row)] as const
  })
  return Object.fromEntries(rows)
}

function readExpect(slot: Slot, rules: TestRules, reading: Reading): Record<string, Row[]> {
  const map = asMap(slot, 'table: rows', reading.report)
  const rows = (map?.entries ?? []).map((it) => {
    const found = rowsOf(it, reading)
    checkTable(it, found, rules, reading)
    return [it.key, found.map((row) => jsonOf(row, reading.report) as Row)] as const
  })
  return Object.fromEntries(rows)
}

function rowsOf(slot: Slot, { report }: Reading): MapNode[] {
  const items = asList(slot, 'of rows', report)?.items ?? []
  return items
    .map((value: Node) => asMap({ ...slot, value }, 'a row: field: value', report))
    .filter((it) => it !== undefined)
}

function checkTable(
  entry: Entry,
  rows: MapNode[],
  { tables, tablesIncomplete }: TestRules,
  { report }: Reading,
): void {
  const table = tables.get(entry.key)
  if (table === undefined) {
    if (tablesIncomplete) return
    report.error('E193', entry.keyAt, {
      problem: `There is no unified table "${entry.key}".`,
      remedy: `${didYouMean(entry.key, tables.keys())}Tables: ${[...tables.keys()].join(', ')}.`,
    })
    return
  }
  const names = table.columns.map((it) => it.name)
  for (const { key, keyAt } of rows.flatMap((it) => it.entries))
    if (!names.includes(key))
      report.error('E193', keyAt, {
        problem: `The table ${table.name} has no column "${key}".`,
        remedy: didYouMean(key, names).trim() || `Its columns: ${names.join(', ')}.`,
      })
}
