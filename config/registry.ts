import type { OptionSet } from '../core/options.ts'

/** What `app/` has installed; by name. */
export interface Registry {
  connectors: Record<string, { options: OptionSet; local?: boolean }>
  warehouses: Record<string, { options: OptionSet }>
  /** Names of functions that expressions can call. */
  functions?: readonly string[]
}

/** True where every connector and warehouse that has an option of this name holds no secret in it. */
export function isHarmlessOption(registry: Registry, name: string): boolean {
  if (['connector', 'timezone', 'type', 'schema', 'internal'].includes(name)) return true
  const sets = [...Object.values(registry.connectors), ...Object.values(registry.warehouses)]
  const specs = sets.flatMap(({ options }) => (Object.hasOwn(options, name) ? [options[name]!] : []))
  return specs.length > 0 && specs.every((it) => it.kind !== 'secret')
}
