import { PolderError, type Problem } from '../../core/errors.ts'
import { type DatasetSpec, datasetRef } from '../../core/spec.ts'
import type { Part, WarehouseSession } from '../../core/warehouse.ts'
import { isPartOf, rejectViewName } from '../state/parts.ts'

/** How a dataset that is mapped in place stands now; undefined for copies. */
export interface ViewState {
  /** Rows that its views leave out; absent where no row can be, or where they cannot be read. */
  leftOut?: number
  /** A view that cannot be read: what it reads has changed, or is away. */
  problem?: Problem
}

export async function viewState(
  dataset: DatasetSpec,
  parts: Part[],
  session: WarehouseSession,
): Promise<ViewState | undefined> {
  const views = parts.filter((it) => isPartOf(it, dataset) && it.form.kind === 'view' && it.state === 'live')
  if (views.length === 0) return undefined
  for (const { form } of views) {
    const cause = await failureOf(session, form.relation)
    if (cause) return { problem: broken(dataset, form.relation, cause) }
  }
  const rejects = session.dialect.relation(
    session.internal,
    rejectViewName(dataset, session.facts.maxNameBytes),
  )
  const rows = await session
    .query<{ count: number | string }>(`select count(*) as count from ${rejects}`)
    .catch(() => undefined)
  return rows ? { leftOut: Number(rows[0]!.count) } : {}
}

/** Why a view of the internal schema cannot be read; undefined where it can. */
export async function failureOf(session: WarehouseSession, name: string): Promise<PolderError | undefined> {
  try {
    await session.query(`select 1 as one from ${session.dialect.relation(session.internal, name)} limit 0`)
    return undefined
  } catch (error) {
    if (error instanceof PolderError) return error
    throw error
  }
}

const broken = (dataset: DatasetSpec, relation: string, cause: PolderError): Problem => ({
  code: 'E342',
  severity: 'error',
  at: dataset.at,
  problem: `The view ${relation} of "${datasetRef(dataset)}" cannot be read: ${cause.problem}`,
  remedy: `polder plan ${datasetRef(dataset)} tells what has changed at the source.`,
})
