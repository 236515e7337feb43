import { ConfigErrors, PolderError, type Problem } from '../core/errors.ts'
import type { ConnectionTest } from '../core/report.ts'
import { type DatasetSpec, datasetRef, type ProjectSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import * as pipelines from '../pipelines/index.ts'
import { checkExpression } from '../transforms/index.ts'
import type { DiscoverReport, Polder, ValidateReport } from './api.ts'
import { evalOnDataset } from './eval.ts'
import { fileCache } from './facts-cache.ts'
import { lineageReport } from './lineage.ts'
import { registry } from './registry.ts'
import { schedule } from './schedule.ts'
import { selectDatasets, selectPipelines } from './select.ts'
import { isWarehouseMade, openWarehouse } from './warehouse.ts'

/** Joins a checked project with its connectors and its warehouse; each is contacted on first use. */
export function openChecked(project: ProjectSpec, files: number, found: Problem[]): Polder {
  const cache = fileCache(project.root)
  const sources = new pipelines.Sources(project, Object.values(registry.connectors), cache)
  const warehouse = once(async () => {
    const session = await openWarehouse(project, false)
    return { session, store: await pipelines.StateStore.open(session) }
  })
  const prepareAll = (datasets: DatasetSpec[], reach: pipelines.Reach) =>
    Promise.all(datasets.map((it) => pipelines.prepare(project, it, sources, reach)))

  return {
    project,
    async validate() {
      const prepared = await prepareAll(selectDatasets(project, []), 'offline')
      await closeMappers(prepared)
      const own = project.functions.flatMap((it) => checkExpression(it.source))
      return validateReport(files, [...found, ...own], prepared)
    },
    testConnections: (names) =>
      Promise.all(connectionNames(project, names).map((name) => testConnection(project, sources, name))),
    discover: (connection, from) => discover(project, sources, cache, connection, from),
    async plan(selection) {
      const prepared = await prepareAll(selectDatasets(project, selection), 'fresh')
      const { session, store } = await warehouse.get()
      return pipelines.plan(project, prepared, sources, session, store).finally(() => closeMappers(prepared))
    },
    async lineage(selection, column) {
      const prepared = await prepareAll(selectDatasets(project, selection), 'offline')
      await closeMappers(prepared)
      return lineageReport(prepared, column)
    },
    async preview(name, options) {
      const [prepared] = await prepareAll([oneDataset(project, name, 'preview')], 'fresh')
      return pipelines.preview(prepared!, sources, options).finally(() => closeMappers([prepared!]))
    },
    async eval(expression, name, options) {
      const session = once(async () => openWarehouse(project, !(await isWarehouseMade(project))))
      const ask = { ...options, session: session.get }
      return evalOnDataset(project, oneDataset(project, name, 'eval'), sources, expression, ask).finally(
        async () => (await session.ifOpen())?.close(),
      )
    },
    async run(selection, options) {
      const prepared = await prepareAll(selectDatasets(project, selection), 'fresh')
      const { session, store } = await warehouse.get()
      const ask = { ...options, commit: project.commit, parallel: project.parallel }
      return pipelines
        .run(project, prepared, sources, session, store, ask)
        .finally(() => closeMappers(prepared))
    },
    async status(selection) {
      const { store } = await warehouse.get()
      return pipelines.status(project, selectDatasets(project, selection), sources, store)
    },
    runs: async ({ limit }) => pipelines.listRuns((await warehouse.get()).store, limit),
    runById: async (runId) => pipelines.showRun((await warehouse.get()).store, runId),
    async rejects({ selection, ...ask }) {
      const datasets = selectDatasets(project, selection).map(datasetRef)
      return pipelines.listRejects((await warehouse.get()).store, { datasets, ...ask })
    },
    test: (selection) =>
      pipelines.runTests(
        project,
        selectPipelines(project, selection),
        () => openWarehouse(project, true),
        (...at) => cache.read(...at),
      ),
    schedule: (options) => schedule(project, () => openChecked(project, files, found), options),
    async close() {
      await sources.close()
      await (await warehouse.ifOpen())?.session.close()
    },
  }
}

const closeMappers = (prepared: pipelines.Prepared[]) => Promise.all(prepared.map((it) => it.mapper?.close()))

function validateReport(files: number, found: Problem[], prepared: pipelines.Prepared[]): ValidateReport {
  const unchecked = prepared.filter(
    (it) => isUnknown(it) && it.problems.every((problem) => problem.severity !== 'error'),
  )
  const lines = new Set(found.filter((it) => it.severity === 'error').map(lineOf))
  // What the configuration faults already is not told a second time in the mapping's words.
  const more = prepared.flatMap((it) => it.problems).filter((it) => !it.at || !lines.has(lineOf(it)))
  return {
    files,
    problems: inOrder(withoutRepeats([...found, ...more])),
    unchecked: [...new Set(unchecked.map((it) => it.dataset.connection))],
  }
}

/** Its own table, or one that it looks up, was never discovered. */
const isUnknown = ({ facts, lookups }: pipelines.Prepared): boolean =>
  !facts || lookups.some((it) => !it.facts)

/** What is wrong in a function of the team is found by every expression that calls it. */
function withoutRepeats(problems: Problem[]): Problem[] {
  const placed = ({ code, at }: Problem) => `${code} ${at?.file.path} ${at?.line} ${at?.column}`
  const seen = new Set<string>()
  return problems.filter((it) => !it.at || (!seen.has(placed(it)) && seen.add(placed(it))))
}

const lineOf = ({ at }: Problem): string => (at ? `${at.file.path}:${at.line}` : '')

function inOrder(problems: Problem[]): Problem[] {
  const path = (it: Problem) => it.at?.file.path ?? ''
  return problems.sort((a, b) => path(a).localeCompare(path(b)) || (a.at?.line ?? 0) - (b.at?.line ?? 0))
}

/** @throws {ConfigErrors} E301 the name matches none, or several */
function oneDataset(project: ProjectSpec, name: string, command: 'preview' | 'eval'): DatasetSpec {
  const datasets = selectDatasets(project, [name])
  if (datasets.length === 1) return datasets[0]!
  const first = datasetRef(datasets[0]!)
  throw new ConfigErrors([
    {
      code: 'E301',
      severity: 'error',
      problem: `"${name}" is a pipeline of ${datasets.length} datasets; ${command} shows one.`,
      remedy: `Try: ${command === 'preview' ? `polder preview ${first}` : `--on ${first}`}`,
    },
  ])
}

function connectionNames(project: ProjectSpec, names: string[]): string[] {
  const all = project.connections.map((it) => it.name)
  const problems = names.filter((name) => !all.includes(name)).map((name) => unknownConnection(name, all))
  if (problems.length > 0) throw new ConfigErrors(problems)
  return names.length > 0 ? names : all
}

const unknownConnection = (name: string, all: string[]): Problem => ({
  code: 'E301',
  severity: 'error',
  problem: `There is no connection "${name}" in config/connections.yaml.`,
  remedy: `${didYouMean(name, all)}Connections: ${all.join(', ')}.`,
})

async function testConnection(
  project: ProjectSpec,
  sources: pipelines.Sources,
  connection: string,
): Promise<ConnectionTest> {
  const began = performance.now()
  const { connector, at } = project.connections.find((it) => it.name === connection)!
  const common = { connection, connector }
  const millis = () => Math.round(performance.now() - began)
  try {
    const answer = await sources.reader(connection).test()
    return { ...common, ok: true, answer, millis: millis() }
  } catch (error) {
    if (!(error instanceof PolderError)) throw error
    return { ...common, ok: false, millis: millis(), problem: { ...error.asProblem(), at: error.at ?? at } }
  }
}

async function discover(
  project: ProjectSpec,
  sources: pipelines.Sources,
  cache: pipelines.FactsCache,
  connection: string,
  from: string | undefined,
): Promise<DiscoverReport> {
  connectionNames(project, [connection])
  const reader = sources.reader(connection)
  if (from !== undefined) {
    const dataset = await reader.describe({ ref: from, from })
    await cache.write(connection, from, dataset)
    return { connection, dataset }
  }
  // What the pipelines read is remembered along the way, so that validate can check it offline.
  const used = selectDatasets(project, []).filter((it) => it.connection === connection)
  await Promise.all(used.map((it) => sources.facts(it, 'fresh').catch(() => undefined)))
  return { connection, datasets: await reader.datasets() }
}

/** A value made on first need, once. */
function once<T>(make: () => Promise<T>) {
  let made: Promise<T> | undefined
  return {
    get: () => {
      made ??= make()
      return made
    },
    ifOpen: () => made?.catch(() => undefined) ?? Promise.resolve(undefined),
  }
}
