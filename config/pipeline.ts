import type { PipelineSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import type { UnifiedTable } from '../core/unified.ts'
import { readContract, readKeyScan } from './cadence.ts'
import { cronFault } from './cron.ts'
import { type DatasetRules, readDataset } from './dataset.ts'
import { pipelineDefaults } from './defaults.ts'
import { asMap, asText, fieldsOf, type Reading, required, rootMap } from './expect.ts'
import { checkName } from './names.ts'
import { readTests } from './pipeline-tests.ts'
import { PIPELINE_KEYS } from './reserved.ts'
import type { Entry, ScalarNode } from './yaml/tree.ts'

export interface PipelineRules {
  tables: Map<string, UnifiedTable>
  tablesIncomplete: boolean
  /** Names of all connections; absent where their file cannot be read. */
  connections?: string[]
  /** Pipelines read so far, to find names used twice. */
  taken: Map<string, string>
}

/** One file of `pipelines/`. */
export function readPipeline(reading: Reading, rules: PipelineRules): PipelineSpec | undefined {
  const { report } = reading
  const map = rootMap(reading, 'pipeline, connection, datasets')
  if (map === undefined) return undefined
  const fields = fieldsOf(map, { what: 'A pipeline', known: PIPELINE_KEYS, level: 'pipeline' }, reading)
  const whole = (example: string) => ({ at: map.at, what: 'The pipeline', example })
  const nameEntry = required(fields, 'pipeline', whole('pipeline: shop'), report)
  const name = nameEntry && asText(nameEntry, report)
  if (name) checkPipelineName(name, rules, reading)
  const connectionEntry = required(fields, 'connection', whole('connection: shop_db'), report)
  const connection = connectionEntry && asText(connectionEntry, report)
  if (connection) checkConnection(connection, rules, reading)
  const identity = { pipeline: name?.written.text ?? '', connection: connection?.written.text ?? '' }
  const keyScanEntry = fields.get('key_scan')
  const keyScan = keyScanEntry && readKeyScan(keyScanEntry, reading)
  const contract = readContract(fields, reading)
  const datasetRules = { ...rules, ...identity, keyScan, contract }
  const datasets = readDatasets(fields, whole('datasets: …'), datasetRules, reading)
  if (keyScanEntry && !datasets.specs.some((it) => it.cursor !== undefined))
    reportUnusedScan(keyScanEntry, reading)
  const tests = fields.get('tests')
  return {
    name: identity.pipeline,
    connection: identity.connection,
    ...readSchedule(fields.get('schedule'), reading),
    datasets: datasets.specs,
    tests: tests ? readTests(tests, { ...rules, datasets: givenNames(datasets) }, reading) : [],
    at: name?.at ?? map.at,
  }
}

/** What a test can give rows to: datasets, and their look-ups as `products.category`. */
const givenNames = ({ specs, names }: ReturnType<typeof readDatasets>): string[] => [
  ...names,
  ...specs.flatMap((it) => it.with?.map(({ name }) => `${it.name}.${name}`) ?? []),
]

function reportUnusedScan({ keyAt }: Entry, { report }: Reading): void {
  report.error('E145', keyAt, {
    problem: 'No dataset of this pipeline has a cursor, so there is nothing for "key_scan" to do.',
    remedy: 'Remove it: without a cursor every run reads everything, and finds what is gone.',
  })
}

function checkPipelineName(
  { written, at }: ScalarNode,
  { taken }: PipelineRules,
  { parsed, report }: Reading,
): void {
  const name = written.text
  if (!checkName(name, at, 'pipeline', report)) return
  const other = taken.get(name)
  if (other !== undefined)
    report.error('E116', at, {
      problem: `The pipeline "${name}" stands in ${other} already.`,
      remedy: 'Rename one of them.',
    })
  else taken.set(name, parsed.file.path)
}

function checkConnection(
  { written, at }: ScalarNode,
  { connections }: PipelineRules,
  { report }: Reading,
): void {
  const name = written.text
  if (connections === undefined || connections.includes(name)) return
  report.error('E141', at, {
    problem: `There is no connection "${name}".`,
    remedy:
      didYouMean(name, connections).trim() ||
      (connections.length ? `Connections: ${connections.join(', ')}.` : 'Add it to config/connections.yaml.'),
  })
}

function readSchedule(entry: Entry | undefined, { report }: Reading): { schedule?: string } {
  const scalar = entry && asText(entry, report)
  if (scalar === undefined) return {}
  const { text, place } = scalar.written
  const fault = cronFault(text)
  if (fault === undefined) return { schedule: text.trim() }
  report.error('E119', place(fault.from, fault.to), {
    problem: fault.problem,
    remedy: 'As in "*/15 * * * *" (every 15 minutes) or "0 6 * * 1-5" (weekdays at six).',
  })
  return {}
}

function readDatasets(
  fields: Map<string, Entry>,
  whole: Parameters<typeof required>[2],
  rules: Omit<DatasetRules, 'defaults'>,
  reading: Reading,
): { specs: PipelineSpec['datasets']; names: string[] } {
  const { report } = reading
  const defaultsEntry = fields.get('defaults')
  const defaults = pipelineDefaults(defaultsEntry && asMap(defaultsEntry, 'column: value', report), report)
  const entry = required(fields, 'datasets', whole, report)
  const map = entry && asMap(entry, 'datasets by name', report)
  if (map === undefined) return { specs: [], names: [] }
  if (map.entries.length === 0)
    report.error('E142', entry!.keyAt, {
      problem: 'This pipeline has no dataset.',
      remedy: 'Add one under datasets.',
    })
  const specs = map.entries.map((it) => readDataset(it, { ...rules, defaults }, reading))
  if (!rules.tablesIncomplete) defaults.reportUnused(rules.tables.values())
  return { specs: specs.filter((it) => it !== undefined), names: map.entries.map((it) => it.key) }
}
