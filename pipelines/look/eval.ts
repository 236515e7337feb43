import { ConfigErrors } from '../../core/errors.ts'
import type { SourceText } from '../../core/place.ts'
import type { EvalReport, EvalRow } from '../../core/report.ts'
import { type DatasetSpec, datasetRef, type ProjectSpec } from '../../core/spec.ts'
import type { WarehouseSession } from '../../core/warehouse.ts'
import { tryExpression } from '../../transforms/index.ts'
import { describeLookups } from '../lookup/describe.ts'
import { joined } from '../lookup/join.ts'
import { checkLookups, preparedLookups } from '../lookup/prepare.ts'
import { compileWith, describe } from '../plan/prepare.ts'
import type { Sources } from '../plan/sources.ts'
import { firstRows } from './first-rows.ts'
import { lookupsFor } from './lookups.ts'
import { sqlForm } from './sql-form.ts'

/**
 * An expression on the first rows of a dataset, with its zones, its key and what `$ref` can lead to. The dataset's own
 * mapping may be broken; nothing is written.
 * @throws {ConfigErrors} the expression has errors
 */
export async function evalOnDataset(
  project: ProjectSpec,
  dataset: DatasetSpec,
  sources: Sources,
  source: SourceText,
  ask: { rows: number; signal?: AbortSignal; session(): Promise<WarehouseSession> },
): Promise<Omit<EvalReport, 'expression'>> {
  const facts = await describe(dataset, sources, 'fresh')
  const { facts: lookedUp, problems: refused } = await describeLookups(dataset, sources, 'fresh')
  const tried = await compileWith(
    (mapping) => ({ ...tryExpression(source, mapping, 'row'), mapping }),
    project,
    dataset,
    { facts, lookedUp },
    sources,
    'fresh',
  )
  const { expression } = tried
  const problems = [...refused, ...checkLookups(dataset, facts, lookedUp), ...tried.problems]
  if (!expression || problems.some((it) => it.severity === 'error')) throw new ConfigErrors(problems)
  const used = preparedLookups(dataset, facts, lookedUp, tried.lookups)
  const lookups = await lookupsFor(dataset, used, sources, ask.signal)
  const rows: EvalRow[] = []
  for await (const first of firstRows(dataset, sources, ask)) {
    const { batch, columns } = joined(first.batch, first.columns, lookups)
    for (let row = 0; row < batch.rows && rows.length < ask.rows; row++)
      rows.push(await tried.onRow(batch, columns, row))
    if (rows.length >= ask.rows) break
  }
  const sql = await sqlForm({
    source,
    mapping: tried.mapping,
    dataset: { dataset, facts, lookups: used, key: tried.mapping.key },
    sources,
    warehouse: project.warehouse.type,
    session: ask.session,
  })
  return { dataset: datasetRef(dataset), ...expression, sql, rows, problems }
}
