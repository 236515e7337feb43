import { ConfigError } from '../core/errors.ts'
import type { LineageReport } from '../core/report.ts'
import { didYouMean } from '../core/text.ts'
import type * as pipelines from '../pipelines/index.ts'

/** What feeds the columns of the prepared datasets. @param asked `party`, `party.email`, `email`; nothing = all */
export function lineageReport(prepared: pipelines.Prepared[], asked: string | undefined): LineageReport {
  const targets = prepared.flatMap(({ ref, dataset, lineage }) =>
    lineage.map((it) => ({
      dataset: ref,
      connection: dataset.connection,
      from: dataset.from,
      ...(dataset.with && { lookups: dataset.with.map(({ name, from }) => ({ name, from })) }),
      ...it,
    })),
  )
  const problems = prepared.flatMap((it) => it.problems)
  if (asked === undefined) return { targets, problems }
  const isMeant = (table: string, column: string): boolean =>
    [table, column, `${table}.${column}`].includes(asked)
  const found = targets
    .map((it) => ({ ...it, columns: it.columns.filter(({ column }) => isMeant(it.table, column)) }))
    .filter((it) => it.columns.length > 0)
  if (found.length > 0 || problems.some((it) => it.severity === 'error')) return { targets: found, problems }
  const names = targets.flatMap(({ table, columns }) =>
    columns.flatMap(({ column }) => [column, `${table}.${column}`]),
  )
  throw new ConfigError('E215', {
    problem: `No mapping fills "${asked}".`,
    remedy: `${didYouMean(asked, [...new Set(names)])}All that are filled: polder lineage`,
  })
}
