import type { Reached } from '../../core/reach.ts'
import { partQueries, type SaidMapping, type SaidParts } from '../../transforms/index.ts'
import type { KnownLookups, Prepared } from './prepare.ts'

/**
 * The views need not test what constraints prove. The list of what they leave out does, so that a row that comes in
 * after its constraint went is told, before the next run makes the views anew. Copies do too, which take rows for good.
 */
export function withoutProven(said: SaidParts, proven: SaidMapping | undefined, relation: string): SaidParts {
  const parts = proven && partQueries(proven, relation)?.parts
  return parts ? { ...said, parts } : said
}

/**
 * The mapping over columns whose constraints stand; undefined where they prove nothing.
 * @param leftOut  rows that fail a test now, as far as they were counted
 */
export function provenMapping(
  { say }: Prepared,
  { columns, constrained, lenient }: Reached,
  leftOut: number | undefined,
  lookups: KnownLookups | undefined,
): SaidMapping | undefined {
  if (!columns || !constrained?.length || (lenient && leftOut !== 0)) return undefined
  return say?.(
    columns.map((it) => (constrained.includes(it.name) ? { ...it, finite: true, nul: false } : it)),
    lookups,
  )
}
