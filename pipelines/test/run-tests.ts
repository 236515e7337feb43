import { PolderError, type Problem } from '../../core/errors.ts'
import type { DatasetFacts } from '../../core/field.ts'
import { placeText } from '../../core/place.ts'
import type { RunReport, TestReport } from '../../core/report.ts'
import {
  type DatasetSpec,
  datasetRef,
  type PipelineSpec,
  type ProjectSpec,
  type TestSpec,
  type TestStep,
  type WithSpec,
} from '../../core/spec.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import type { Row } from '../../core/value.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { lookupRequest } from '../lookup/describe.ts'
import { prepare } from '../plan/prepare.ts'
import { Sources } from '../plan/sources.ts'
import { run } from '../run/run.ts'
import { StateStore } from '../state/store.ts'
import { compareRows } from './compare.ts'
import { memoryConnector, type TestRows } from './memory-source.ts'

type TestResult = TestReport['tests'][number]

/**
 * Runs a pipeline's tests through the real road, into a throw-away warehouse for each: sources are replaced by the
 * rows of `given`, and every step is one run.
 */
export async function runTests(
  project: ProjectSpec,
  pipelines: PipelineSpec[],
  openWarehouse: () => Promise<WarehouseSession>,
  knownFacts: (connection: string, from: string) => Promise<DatasetFacts | undefined>,
): Promise<TestReport> {
  const report: TestReport = { passed: 0, failed: 0, tests: [] }
  for (const pipeline of pipelines) {
    for (const test of pipeline.tests) {
      const session = await openWarehouse()
      const result = await runTest(project, pipeline, test, session, knownFacts).finally(() =>
        session.close(),
      )
      report.tests.push(result)
      report[result.passed ? 'passed' : 'failed'] += 1
    }
  }
  return report
}

async function runTest(
  project: ProjectSpec,
  pipeline: PipelineSpec,
  test: TestSpec,
  session: WarehouseSession,
  knownFacts: (connection: string, from: string) => Promise<DatasetFacts | undefined>,
): Promise<TestResult> {
  const store = await StateStore.open(session)
  const result: TestResult = {
    pipeline: pipeline.name,
    name: test.name,
    passed: true,
    place: placeText(test.at),
    differences: [],
    problems: [],
  }
  // A dataset that no step gives rows has nothing to say, and its source may never have been seen.
  const used = new Set(test.steps.flatMap((it) => Object.keys(it.given)))
  let earlier: TestRows['rows'] = new Map()
  for (const [index, step] of test.steps.entries()) {
    const prefix = test.steps.length > 1 ? `step ${index + 1}: ` : ''
    const data = { ...(await stepData(pipeline, step, knownFacts)), earlier }
    earlier = data.rows
    const { report, problems } = await runStep(project, pipeline, used, data, session, store)
    result.problems.push(...problems)
    const differences = report ? await compareStep(project.tables, step, session, report) : []
    result.differences.push(...differences.map((it) => prefix + it))
  }
  result.passed = result.differences.length === 0 && !result.problems.some((it) => it.severity === 'error')
  return result
}

async function stepData(
  pipeline: PipelineSpec,
  step: TestStep,
  knownFacts: (connection: string, from: string) => Promise<DatasetFacts | undefined>,
): Promise<Omit<TestRows, 'earlier'>> {
  const data: Omit<TestRows, 'earlier'> = { rows: new Map(), facts: new Map() }
  for (const dataset of pipeline.datasets) {
    data.rows.set(datasetRef(dataset), step.given[dataset.name] ?? [])
    const facts = await knownFacts(dataset.connection, dataset.from)
    if (facts) data.facts.set(datasetRef(dataset), facts)
    for (const it of dataset.with ?? []) {
      const { ref, from } = lookupRequest(dataset, it)
      data.rows.set(ref, lookedUpRows(pipeline, step, dataset, it))
      const facts = await knownFacts(dataset.connection, from)
      if (facts) data.facts.set(ref, facts)
    }
  }
  return data
}

/** Rows of its own (`products.category`), else those of the dataset that reads the same table. */
function lookedUpRows(
  pipeline: PipelineSpec,
  { given }: TestStep,
  dataset: DatasetSpec,
  { name, from }: WithSpec,
): Row[] {
  const own = given[`${dataset.name}.${name}`]
  const same = pipeline.datasets.find((it) => it.from === from && given[it.name] !== undefined)
  return own ?? (same ? given[same.name]! : [])
}

async function runStep(
  project: ProjectSpec,
  pipeline: PipelineSpec,
  used: Set<string>,
  data: TestRows,
  session: WarehouseSession,
  store: StateStore,
): Promise<{ report?: RunReport; problems: Problem[] }> {
  // Rows that a test gives lie in no table.
  const datasets = pipeline.datasets
    .filter((it) => used.has(it.name))
    .map((it) => ({ ...it, load: 'copy' as const }))
  const connectors = [...new Set(project.connections.map((it) => it.connector))].map((it) =>
    memoryConnector(it, data),
  )
  const sources = new Sources(project, connectors, { read: async () => undefined, write: async () => {} })
  const prepared = await Promise.all(datasets.map((it) => prepare(project, it, sources, 'fresh')))
  const problems = prepared.flatMap((it) => it.problems)
  try {
    if (problems.some((it) => it.severity === 'error')) return { problems }
    const ask = {
      full: false,
      allowShrink: true,
      // The rows of each step are their own schema.
      acceptSchema: true,
      commit: project.commit,
      parallel: 1,
      signal: new AbortController().signal,
      onEvent: () => {},
    }
    const report = await run(project, prepared, sources, session, store, ask)
    return { report, problems: [...problems, ...report.datasets.flatMap((it) => it.problem ?? [])] }
  } catch (error) {
    if (!(error instanceof PolderError)) throw error
    return { problems: [...problems, error.asProblem()] }
  } finally {
    await Promise.all(prepared.map((it) => it.mapper?.close()))
  }
}

async function compareStep(
  tables: UnifiedTable[],
  step: TestStep,
  session: WarehouseSession,
  report: RunReport,
): Promise<string[]> {
  const differences: string[] = []
  for (const [name, expected] of Object.entries(step.expect)) {
    const table = tables.find((it) => it.name === name)!
    differences.push(...compareRows(table, expected, await storedRows(table, session)))
  }
  for (const what of ['rejected', 'filtered'] as const) {
    const wanted = step[what]
    if (wanted !== undefined && wanted !== report.counts[what]) {
      differences.push(`${what}: expected ${wanted}, got ${report.counts[what]}`)
    }
  }
  return differences
}

async function storedRows(table: UnifiedTable, session: WarehouseSession): Promise<Row[]> {
  const rows: Row[] = []
  const relation = { schema: session.schema, name: table.name }
  for await (const some of session.rows(relation, table.columns, ['id'])) {
    for (const values of some)
      rows.push(Object.fromEntries(table.columns.map(({ name }, i) => [name, values[i]!])))
  }
  return rows
}
