import type { Problem } from '../core/errors.ts'
import type { TargetSpec } from '../core/spec.ts'
import type { UnifiedTable } from '../core/unified.ts'
import { problem } from './target.ts'

const TABLE = 'relationship'

/** A target that a mapping states, or one that `same_as` of a party adds. */
export interface Target {
  spec: TargetSpec
  table: UnifiedTable
  sameAs?: true
}

/** The relationships that parties with `same_as` make, as if the mapping stated each of them. */
export function sameAsTargets(targets: Target[], tables: UnifiedTable[], problems: Problem[]): Target[] {
  const table = tables.find((it) => it.name === TABLE)
  return targets.flatMap(({ spec }): Target[] => {
    if (spec.sameAs === undefined) return []
    if (table) return [{ spec: relationshipOf(spec), table, sameAs: true }]
    problems.push(problem('E215', spec.at, `There is no unified table "${TABLE}" to keep same_as in.`))
    return []
  })
}

/** Without `from_id`: that is the id of the party, which is known once the row is made. */
function relationshipOf({ as, when, each, key, sameAs, at }: TargetSpec): TargetSpec {
  const invalid = 'reject'
  return {
    table: TABLE,
    as,
    when,
    each,
    key,
    columns: [
      { column: 'to_id', at: sameAs!.place(), value: { expression: sameAs! }, invalid },
      { column: 'type', at, value: { constant: 'same_as' }, invalid },
    ],
    at,
  }
}
