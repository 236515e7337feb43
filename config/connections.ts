import type { ConnectionSpec } from '../core/spec.ts'
import { didYouMean } from '../core/text.ts'
import { asMap, asText, type Reading, required, rootMap } from './expect.ts'
import { hideUnknown } from './hide.ts'
import { checkName } from './names.ts'
import { readOptions } from './options.ts'
import type { Surroundings } from './references.ts'
import { isHarmlessOption, type Registry } from './registry.ts'
import type { Entry, MapNode } from './yaml/tree.ts'
import { checkZone } from './zone.ts'

/** `config/connections.yaml`: name → connector, its options, timezone. */
export function readConnections(
  reading: Reading,
  registry: Registry,
  around: Surroundings,
): { specs: ConnectionSpec[]; names?: string[] } {
  const entries = rootMap(reading, 'connections by name')?.entries ?? []
  const specs = entries.map((it) => readConnection(it, registry, around, reading))
  return {
    specs: specs.filter((it) => it !== undefined),
    // A faulty connection exists all the same: its pipelines are not to blame. Of a broken file nothing is known.
    names: reading.parsed.broken ? undefined : entries.map((it) => it.key),
  }
}

function readConnection(
  entry: Entry,
  registry: Registry,
  around: Surroundings,
  reading: Reading,
): ConnectionSpec | undefined {
  const { report } = reading
  checkName(entry.key, entry.keyAt, 'connection', report)
  const map = asMap(entry, 'connector and its options', report)
  if (map === undefined) return undefined
  const connector = readConnector(entry, map, registry, reading)
  if (connector === undefined) {
    hideUnknown(map.entries, (key) => isHarmlessOption(registry, key), reading)
    return undefined
  }
  const own = registry.connectors[connector]!.options
  const timezone = readZone(map, reading)
  const options = readOptions(
    map.entries.filter((it) => it.key !== 'connector' && it.key !== 'timezone'),
    {
      set: Object.fromEntries(Object.entries(own).filter(([name]) => name !== 'timezone')),
      what: `The connector ${connector}`,
      at: entry.keyAt,
      pathsInside: true,
    },
    around,
    reading,
  )
  if (timezone !== undefined) options.timezone = timezone
  return { name: entry.key, connector, options, timezone, at: entry.keyAt }
}

function readConnector(
  connection: Entry,
  map: MapNode,
  registry: Registry,
  { report }: Reading,
): string | undefined {
  const names = Object.keys(registry.connectors)
  const whole = {
    at: connection.keyAt,
    what: `The connection "${connection.key}"`,
    example: `connector: ${names[0]}`,
  }
  const entry = required(new Map(map.entries.map((it) => [it.key, it])), 'connector', whole, report)
  const scalar = entry && asText(entry, report)
  if (scalar === undefined) return undefined
  const name = scalar.written.text
  if (Object.hasOwn(registry.connectors, name)) return name
  report.error('E122', scalar.at, {
    problem: `There is no connector "${name}".`,
    remedy: `${didYouMean(name, names)}Installed: ${names.join(', ')}.`,
  })
  return undefined
}

function readZone(map: MapNode, { report }: Reading): string | undefined {
  const entry = map.entries.find((it) => it.key === 'timezone')
  const scalar = entry && asText(entry, report)
  return scalar && checkZone(scalar.written.text, scalar.at, report)
}
