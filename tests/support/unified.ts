import { loadTables } from '../../config/index.ts'
import type { UnifiedTable } from '../../core/unified.ts'
import { builtinSchema } from '../../unify/index.ts'

/** The built-in unified tables, as a project that adds none of its own has them. */
export const unifiedTables: UnifiedTable[] = loadTables(builtinSchema()).tables

export function unifiedTable(name: string): UnifiedTable {
  const table = unifiedTables.find((it) => it.name === name)
  if (table === undefined) throw new Error(`No unified table "${name}".`)
  return table
}
