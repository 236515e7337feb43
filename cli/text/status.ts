import type { StatusReport } from '../../core/report.ts'
import type { Colors } from '../printer.ts'
import { age, number, table } from './format.ts'
import type { Paint } from './paint.ts'
import { statusText } from './run.ts'

type DatasetStatus = StatusReport['datasets'][number]

/** One row per dataset; under one that failed, why and what to do. */
export function statusReportText(report: StatusReport, { colors, now }: Paint): string {
  if (report.datasets.length === 0) return 'The project has no datasets: add one to pipelines/.'
  const rows = report.datasets.map((it) => statusRow(it, now, colors))
  const head = ['DATASET', 'LAST RUN', 'ENDED', 'FRESH', 'READ', 'REJECTS', 'SCHEDULE']
  const [first, ...lines] = table([head, ...rows], [4, 5])
  const told = lines.flatMap((line, i) => [line, ...causeLines(report.datasets[i]!)])
  return [first, ...told].join('\n')
}

function statusRow(it: DatasetStatus, now: number, colors: Colors): string[] {
  const { lastRun } = it
  return [
    it.dataset,
    lastRun ? statusText(lastRun.status, colors) : '· never',
    ago(lastRun?.endedAt, now),
    it.inPlace ? 'in place' : it.freshAt === undefined ? '–' : age(it.freshAt, now),
    lastRun ? number(lastRun.counts.read) : '',
    number(it.openRejects),
    it.schedule ?? '–',
  ]
}

function ago(instant: string | undefined, now: number): string {
  if (instant === undefined) return ''
  const passed = age(instant, now)
  return passed === 'now' ? passed : `${passed} ago`
}

function causeLines({ lastRun, holder, broken, drift }: DatasetStatus): string[] {
  const lines = holder === undefined ? [] : [`  └ held by ${holder}`]
  for (const problem of [broken ?? lastRun?.problem, drift]) {
    if (!problem) continue
    lines.push(`  └ ${problem.code} ${problem.problem}`)
    if (problem.remedy) lines.push(`    do: ${problem.remedy}`)
  }
  return lines
}
