import { connectors } from '../connectors/index.ts'
import type { Connector } from '../core/connector.ts'
import type { OptionSet } from '../core/options.ts'
import type { WarehouseKind } from '../core/warehouse.ts'
import { functionNames } from '../transforms/index.ts'
import { warehouses } from '../warehouses/index.ts'

/** The one place that knows every connector and warehouse. */
export const registry = {
  connectors: byName(connectors),
  warehouses: byName(warehouses),
  functions: functionNames,
} satisfies {
  connectors: Record<string, Connector>
  warehouses: Record<string, WarehouseKind>
  functions: readonly string[]
}

function byName<T extends { name: string; options: OptionSet }>(kinds: T[]): Record<string, T> {
  return Object.fromEntries(kinds.map((it) => [it.name, it]))
}
