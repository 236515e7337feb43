import type { Batch, Column } from '../../core/batch.ts'
import { ConfigErrors } from '../../core/errors.ts'
import { Fate, type MappedBatch } from '../../core/mapping.ts'
import type { PreviewReport, PreviewRow } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { joined } from '../lookup/join.ts'
import type { Prepared } from '../plan/prepare.ts'
import type { Sources } from '../plan/sources.ts'
import { firstRows } from './first-rows.ts'
import { lookupsFor } from './lookups.ts'

/**
 * The first rows of a dataset and what the mapping makes of them; nothing is written.
 * @throws {ConfigErrors} the dataset cannot be run
 */
export async function preview(
  prepared: Prepared,
  sources: Sources,
  ask: { rows: number; signal?: AbortSignal },
): Promise<PreviewReport> {
  const { mapper, problems } = prepared
  if (!mapper) throw new ConfigErrors(problems)
  const { dataset } = prepared
  const lookups = await lookupsFor(dataset, prepared.lookups, sources, ask.signal)
  const rows: PreviewRow[] = []
  for await (const first of firstRows(dataset, sources, ask)) {
    const { batch, columns } = joined(first.batch, first.columns, lookups)
    rows.push(...previewRows(batch, columns, await mapper.map(batch, columns)))
    if (rows.length >= ask.rows) break
  }
  return { dataset: prepared.ref, rows: rows.slice(0, ask.rows), problems }
}

const FATES: Record<number, PreviewRow['fate']> = {
  [Fate.load]: 'load',
  [Fate.filtered]: 'filtered',
  [Fate.rejected]: 'rejected',
  [Fate.deleted]: 'filtered',
}

function previewRows(batch: Batch, columns: Column[], mapped: MappedBatch): PreviewRow[] {
  const rows = [...mapped.fates].map((fate, row): PreviewRow => {
    const broken = batch.broken?.[row - batch.rows]
    return {
      in: broken ? { broken: broken.row } : sourceRow(batch, columns, row),
      fate: FATES[fate]!,
      out: {},
    }
  })
  for (const part of mapped.parts) {
    part.sourceRow.forEach((source, index) => {
      const out = rows[source]!.out
      out[part.table] ??= []
      out[part.table]!.push(
        Object.fromEntries(part.names.map((name, i) => [name, part.columns[i]![index] ?? null])),
      )
    })
  }
  for (const { sourceRow, code, reason, table, column } of mapped.rejects) {
    rows[sourceRow]!.reject = { code, reason, table, column }
  }
  return rows
}

const sourceRow = (batch: Batch, columns: Column[], row: number): Row =>
  Object.fromEntries(batch.schema.fields.map(({ name }, i) => [name, columns[i]![row] ?? null]))
