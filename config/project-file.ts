import { availableParallelism } from 'node:os'
import type { Place } from '../core/place.ts'
import type { ProjectSpec, WarehouseSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import { asCount, asMap, asText, fieldsOf, type Reading, required, rootMap } from './expect.ts'
import { hideUnknown } from './hide.ts'
import { checkName } from './names.ts'
import { readOptions } from './options.ts'
import type { Surroundings } from './references.ts'
import { isHarmlessOption, type Registry } from './registry.ts'
import type { Entry } from './yaml/tree.ts'
import { checkZone } from './zone.ts'

export interface ProjectFile {
  warehouse?: WarehouseSpec
  timezone?: string
  commit: ProjectSpec['commit']
  parallel: number
}

export const DEFAULT_COMMIT: ProjectSpec['commit'] = { rows: 100_000, seconds: 2 }
/** A commit is held in memory and in one transaction. */
const MAX_COMMIT = { rows: 1_000_000, seconds: 600 }
const PROJECT_KEYS = ['warehouse', 'timezone', 'commit', 'parallel'] as const

export const MAX_PARALLEL = 64
/** What holds where polder.yaml says nothing. */
export const projectPresets = () => ({ commit: DEFAULT_COMMIT, parallel: defaultParallel() })

/** As many readings as this machine has processors, and not so many that a source notices. */
const defaultParallel = (): number => Math.min(4, availableParallelism())

export const DEFAULT_SCHEMA = 'customer'
export const DEFAULT_INTERNAL = 'polder'
const DEFAULT_PATH = './warehouse.duckdb'
const WAREHOUSE_KEYS = ['type', 'schema', 'internal']

/** `polder.yaml`: the warehouse and the time zone. */
export function readProjectFile(reading: Reading, registry: Registry, around: Surroundings): ProjectFile {
  const { parsed, report } = reading
  const presets = projectPresets()
  if (parsed.broken) return presets
  // Nothing in it has to be said: all has a default.
  if (parsed.root === undefined)
    return { warehouse: defaultWarehouse(parsed.locate(0), registry), ...presets }
  const map = rootMap(reading, 'warehouse, timezone')
  if (map === undefined) return presets
  const fields = fieldsOf(map, { what: 'polder.yaml', known: PROJECT_KEYS }, reading)
  const zone = fields.get('timezone')
  const scalar = zone && asText(zone, report)
  const entry = fields.get('warehouse')
  return {
    warehouse: entry
      ? readWarehouse(entry, registry, around, reading)
      : defaultWarehouse(parsed.locate(0), registry),
    timezone: scalar && checkZone(scalar.written.text, scalar.at, report),
    commit: readCommit(fields.get('commit'), reading),
    parallel: readParallel(fields.get('parallel'), reading),
  }
}

/** How many readings go on at the same time. */
function readParallel(entry: Entry | undefined, { report }: Reading): number {
  const number = entry && asCount(entry, report)
  if (entry === undefined || number === undefined) return defaultParallel()
  if (number >= 1 && number <= MAX_PARALLEL) return number
  report.error('E113', entry.value.at, {
    problem: `"parallel" needs a whole number from 1 to ${MAX_PARALLEL}.`,
    remedy: 'The default is the number of processors, at most 4.',
  })
  return defaultParallel()
}

/** When a commit ends: after so many rows or seconds, whichever comes first. */
function readCommit(entry: Entry | undefined, reading: Reading): ProjectSpec['commit'] {
  const map = entry && asMap(entry, 'rows, seconds', reading.report)
  if (map === undefined) return DEFAULT_COMMIT
  const fields = fieldsOf(map, { what: 'commit', known: ['rows', 'seconds'] }, reading)
  const commit = { ...DEFAULT_COMMIT }
  for (const key of ['rows', 'seconds'] as const) {
    const slot = fields.get(key)
    const number = slot && asCount(slot, reading.report)
    if (number === undefined) continue
    commit[key] = number
    if (number < 1 || number > MAX_COMMIT[key])
      reading.report.error('E113', slot!.value.at, {
        problem: `"${key}" needs a whole number from 1 to ${MAX_COMMIT[key].toLocaleString('en-US')}.`,
        remedy: `The default is ${DEFAULT_COMMIT[key].toLocaleString('en-US')}.`,
      })
  }
  return commit
}

/** An embedded DuckDB file in the project's folder. */
export function defaultWarehouse(at: Place, registry: Registry): WarehouseSpec {
  const set = registry.warehouses.duckdb?.options ?? {}
  const defaults = Object.entries(set).filter(([, spec]) => spec.default !== undefined)
  const options = {
    ...Object.fromEntries(defaults.map(([name, spec]) => [name, spec.default!])),
    path: DEFAULT_PATH,
  }
  return { type: 'duckdb', schema: DEFAULT_SCHEMA, internal: DEFAULT_INTERNAL, options, at }
}

function readWarehouse(
  entry: Entry,
  registry: Registry,
  around: Surroundings,
  reading: Reading,
): WarehouseSpec | undefined {
  const map = asMap(entry, 'type, schema, internal and options', reading.report)
  if (map === undefined) return undefined
  const fields = new Map(map.entries.map((it) => [it.key, it]))
  const type = readType(entry, fields, registry, reading)
  const schema = readSchema(fields.get('schema'), DEFAULT_SCHEMA, reading)
  const internal = readSchema(fields.get('internal'), DEFAULT_INTERNAL, reading)
  if (schema === internal)
    reading.report.error('E126', (fields.get('internal') ?? fields.get('schema') ?? entry).keyAt, {
      problem: `schema and internal are both "${schema}".`,
      remedy: `Choose two names, as schema: ${DEFAULT_SCHEMA} and internal: ${DEFAULT_INTERNAL}.`,
    })
  const rest = map.entries.filter((it) => !WAREHOUSE_KEYS.includes(it.key))
  if (type === undefined) {
    hideUnknown(rest, (key) => isHarmlessOption(registry, key), reading)
    return undefined
  }
  const set = registry.warehouses[type]!.options
  const rules = { set, what: `The warehouse ${type}`, at: entry.keyAt, pathsInside: false }
  return { type, schema, internal, options: readOptions(rest, rules, around, reading), at: entry.keyAt }
}

function readType(
  warehouse: Entry,
  fields: Map<string, Entry>,
  registry: Registry,
  { report }: Reading,
): string | undefined {
  const whole = { at: warehouse.keyAt, what: 'The warehouse', example: 'type: duckdb' }
  const entry = required(fields, 'type', whole, report)
  const scalar = entry && asText(entry, report)
  if (scalar === undefined) return undefined
  const name = scalar.written.text
  if (Object.hasOwn(registry.warehouses, name)) return name
  const names = Object.keys(registry.warehouses)
  report.error('E121', scalar.at, {
    problem: `There is no warehouse type "${name}".`,
    remedy: `${didYouMean(name, names)}Possible: ${names.join(', ')}.`,
  })
  return undefined
}

function readSchema(entry: Entry | undefined, preset: string, { report }: Reading): string {
  const scalar = entry && asText(entry, report)
  if (scalar === undefined) return preset
  checkName(scalar.written.text, scalar.at, 'schema', report)
  return scalar.written.text
}
