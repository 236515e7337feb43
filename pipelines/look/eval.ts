import { ConfigErrors } from '../../core/errors.ts'
import type { SourceText } from '../../core/place.ts'
import type { EvalReport, EvalRow } from '../../core/report.ts'
import { type DatasetSpec, datasetRef, type ProjectSpec } from '../../core/spec.ts'
import { tryExpression } from '../../transforms/index.ts'
import { compileWith, describe } from '../plan/prepare.ts'
import type { Sources } from '../plan/sources.ts'
import { firstRows } from './first-rows.ts'

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
  ask: { rows: number; signal?: AbortSignal },
): Promise<Omit<EvalReport, 'expression'>> {
  const facts = await describe(dataset, sources, 'fresh')
  const tried = await compileWith(
    (input) => tryExpression(source, input, 'row'),
    project,
    dataset,
    facts,
    sources,
    'fresh',
  )
  const { expression, problems } = tried
  if (!expression || problems.some((it) => it.severity === 'error')) throw new ConfigErrors(problems)
  const rows: EvalRow[] = []
  for await (const { batch, columns } of firstRows(dataset, sources, ask)) {
    for (let row = 0; row < batch.rows && rows.length < ask.rows; row++)
      rows.push(await tried.onRow(batch, columns, row))
    if (rows.length >= ask.rows) break
  }
  return { dataset: datasetRef(dataset), ...expression, rows, problems }
}
