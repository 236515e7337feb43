import { PolderError } from '../../core/errors.ts'
import type { Expr, Verdict } from '../../core/expr.ts'
import type { MappingInput } from '../../core/mapping.ts'
import type { SourceText } from '../../core/place.ts'
import type { SqlForm } from '../../core/report.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { sayExpression } from '../../transforms/index.ts'
import { type Reachable, reach } from '../plan/reach.ts'
import type { Sources } from '../plan/sources.ts'

/** How the project's warehouse would say an expression, found as `plan` finds it. */
export interface SqlFormAsk {
  source: SourceText
  mapping: MappingInput
  dataset: Reachable
  sources: Sources
  /** Kind of the warehouse. */
  warehouse: string
  session(): Promise<WarehouseSession>
}

/** Nothing that keeps the warehouse from being asked keeps the expression from being tried. */
export async function sqlForm(ask: SqlFormAsk): Promise<SqlForm> {
  const { warehouse } = ask
  try {
    const session = await ask.session()
    const { base, joined, obstacles } = await reach(ask.dataset, ask.sources, session)
    const [obstacle] = obstacles
    if (!base.columns) return { warehouse, verdict: 'not', because: base.because }
    if (obstacle) return { warehouse, verdict: 'not', because: `${obstacle.what}: ${obstacle.because}` }
    const { source, mapping } = ask
    const said = sayExpression(source, { mapping, columns: base.columns, ...joined?.known })
    return { warehouse, ...printed(said, source, session) }
  } catch (error) {
    if (!(error instanceof PolderError)) throw error
    return { warehouse, verdict: 'unknown', because: error.problem.replace(/\.$/, '') }
  }
}

function printed(said: Verdict, source: SourceText, session: WarehouseSession): Omit<SqlForm, 'warehouse'> {
  if (said.verdict === 'not') {
    const part = said.at && source.text.slice(said.at.from, said.at.to)
    return { verdict: 'not', because: said.because, ...(part && { part }) }
  }
  const print = (expr: Expr) => session.print(expr)
  const [value, guard] = [print(said.expr), said.verdict === 'exact' ? undefined : print(said.guard)]
  if ('not' in value) return { verdict: 'not', because: value.not }
  if (guard && 'not' in guard) return { verdict: 'not', because: guard.not }
  return {
    verdict: said.verdict,
    because: said.because,
    sql: value.sql,
    ...(guard && { guard: guard.sql }),
    viewable: value.sessionIndependent && (guard?.sessionIndependent ?? true),
  }
}
