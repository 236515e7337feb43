import { didYouMean } from '../core/text.ts'
import { mappableColumns, type UnifiedTable } from '../core/unified.ts'
import type { Report } from './report.ts'
import { type Entry, entryOf, type MapNode } from './yaml/tree.ts'

/** `defaults:` of a pipeline: columns for every target whose table has them and that leaves them out. */
export interface PipelineDefaults {
  has(column: string): boolean
  /** Those that a target takes; asking marks them as used. */
  entriesFor(table: UnifiedTable, target: MapNode): Entry[]
  /** Warns of what no target took. */
  reportUnused(tables: Iterable<UnifiedTable>): void
}

export function pipelineDefaults(map: MapNode | undefined, report: Report): PipelineDefaults {
  const entries = map?.entries ?? []
  const used = new Set<string>()
  return {
    has: (column) => entries.some((it) => it.key === column),
    entriesFor(table, target) {
      const names = new Set(mappableColumns(table).map((it) => it.name))
      // attributes are a target's own affair: they collect, they are no column to fill.
      names.delete('attributes')
      const taken = entries.filter((it) => names.has(it.key) && !entryOf(target, it.key))
      for (const it of taken) used.add(it.key)
      return taken
    },
    reportUnused(tables) {
      const all = new Set([...tables].flatMap((table) => mappableColumns(table).map((it) => it.name)))
      for (const { key, keyAt } of entries) {
        if (used.has(key)) continue
        report.warning('E143', keyAt, {
          problem: all.has(key)
            ? `No target of this pipeline takes the default "${key}".`
            : `No table has a column "${key}", so this default has no effect.`,
          remedy: all.has(key) ? 'Remove it.' : `${didYouMean(key, all)}Correct or remove it.`,
        })
      }
    },
  }
}
