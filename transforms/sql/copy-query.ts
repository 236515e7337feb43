import type { Verdict } from '../../core/expr.ts'
import type { CopyQuery } from '../../core/warehouse.ts'
import { and } from './build.ts'
import { columnsOf, exprOf, guardOf, isSaid, wholeGuard } from './part-query.ts'
import type { SaidMapping } from './say-mapping.ts'

/**
 * A mapping of which SQL says all, as what a warehouse copies by itself.
 * @param version  the change mark as text; absent without a cursor
 * @returns undefined where something is left to JavaScript
 */
export function copyQuery(said: SaidMapping, relation: string, version?: Verdict): CopyQuery | undefined {
  if (!isSaid(said) || (version && version.verdict !== 'exact' && version.verdict !== 'guarded'))
    return undefined
  return {
    relation,
    guard: and(wholeGuard(said), ...(version ? guardOf(version) : [])),
    sourceId: exprOf(said.key),
    ...(version && { version: exprOf(version) }),
    ...(said.where && { where: exprOf(said.where) }),
    ...(said.deletes && { deletes: exprOf(said.deletes) }),
    rows: said.targets.map((it) => ({ table: it.table, made: exprOf(it.made), columns: columnsOf(it) })),
  }
}
