import type { Reached } from '../../core/reach.ts'
import { partQueries, type SaidMapping, type SaidParts } from '../../transforms/index.ts'
import type { KnownLookups, Prepared } from './prepare.ts'

/**
 * The views need not test what constraints prove. The list of what they leave out does, so that a row that comes in
 * after its constraint went is told, before the next run makes the views anew. Copies do too, which take rows for good.
 */
export function saidParts(
  mapping: SaidMapping,
  proven: SaidMapping | undefined,
  relation: string,
): SaidParts | undefined {
  const said = partQueries(mapping, relation)
  const parts = proven && partQueries(proven, relation)?.parts
  return said && parts ? { ...said, parts } : said
}

/** The mapping over columns whose constraints stand; undefined where they prove nothing. */
export function provenMapping(
  { say }: Prepared,
  { columns, finite }: Reached,
  lookups: KnownLookups | undefined,
): SaidMapping | undefined {
  if (!columns || !finite?.length) return undefined
  return say?.(
    columns.map((it) => (finite.includes(it.name) ? { ...it, finite: true } : it)),
    lookups,
  )
}
