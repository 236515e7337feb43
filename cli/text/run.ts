import type { Counts } from '../../core/counts.ts'
import type { Problem } from '../../core/errors.ts'
import type { DatasetRun, RunReport, RunStatus } from '../../core/report.ts'
import { plural } from '../../core/text.ts'
import type { Colors } from '../printer.ts'
import { number, table, took } from './format.ts'
import { mark, type Paint } from './paint.ts'
import type { RejectGroup } from './rejects.ts'
import { groupText } from './rejects.ts'

/** Word and shape of a run's or a dataset's state. */
export function statusText(status: RunStatus, colors: Colors): string {
  const text = {
    running: colors.cyan('⏵ running'),
    ok: colors.green('✔ ok'),
    failed: colors.red('✖ failed'),
    interrupted: colors.yellow('⏸ interrupted'),
    killed: colors.red('✖ killed'),
  }
  return text[status]
}

/** `20,512 = read 20,541 − unchanged 21 − …`: superseded is told only where there is any. */
export function equation({ loaded, read, ...rest }: Counts): string {
  const terms = (['unchanged', 'superseded', 'filtered', 'rejected'] as const)
    .filter((name) => name !== 'superseded' || rest.superseded > 0)
    .map((name) => `− ${name} ${number(rest[name])}`)
  return `loaded ${number(loaded)} = read ${number(read)} ${terms.join(' ')}`
}

/**
 * A finished or stored run: datasets, totals, rejects, then what went wrong, grouped by cause.
 * @param groups rejects by code, where they were asked for
 */
export function runText(report: RunReport, groups: RejectGroup[], paint: Paint): string {
  const { colors } = paint
  const warnings = report.datasets.flatMap((it) => it.warnings)
  const blocks = [[headText(report, colors), ...datasetLines(report.datasets, colors)].join('\n')]
  if (warnings.length > 0) blocks.push(paint.problems(warnings))
  blocks.push(totals(report, groups, colors).join('\n'))
  blocks.push(...failures(report.datasets, paint))
  return blocks.join('\n\n')
}

function headText(report: RunReport, colors: Colors): string {
  const time = took(report)
  return `run ${report.runId}  ${statusText(report.status, colors)}${time ? `  ${time}` : ''}`
}

function datasetLines(datasets: DatasetRun[], colors: Colors): string[] {
  const rows = datasets.map((it) => [
    `  ${statusText(it.status, colors)}`,
    it.dataset,
    it.mode,
    plural(it.counts.read, 'row read', 'rows read'),
    took(it) ?? '',
    tablesText(it),
  ])
  return table(rows, [3, 4])
}

/** `party +20 ~3 −1`: rows inserted, updated and deleted; tables that stayed are left out. */
function tablesText({ tables }: DatasetRun): string {
  const changed = Object.entries(tables).flatMap(([name, { inserted, updated, deleted }]) => {
    const parts = [
      inserted && `+${number(inserted)}`,
      updated && `~${number(updated)}`,
      deleted && `−${number(deleted)}`,
    ]
    const told = parts.filter(Boolean)
    return told.length > 0 ? [`${name} ${told.join(' ')}`] : []
  })
  return changed.join(' · ')
}

function totals(report: RunReport, groups: RejectGroup[], colors: Colors): string[] {
  const sign = report.status === 'ok' ? mark.ok(colors) : mark.warning(colors)
  const lines = [`${sign} ${equation(report.counts)}`]
  for (const { dataset, cursor } of report.datasets) {
    if (cursor !== undefined) lines.push(`${mark.ok(colors)} cursor of ${dataset} moved to ${cursor}`)
  }
  const deleted = report.datasets.reduce((sum, it) => sum + it.deleted, 0)
  if (deleted > 0) lines.push(`– ${plural(deleted, 'row')} no longer in the source, marked deleted`)
  if (report.counts.rejected > 0) lines.push(rejectLine(report, groups, colors))
  return lines
}

function rejectLine({ counts, runId }: RunReport, groups: RejectGroup[], colors: Colors): string {
  const causes = groups.length > 0 ? ` (${groups.map(groupText).join(', ')})` : ''
  return `${mark.warning(colors)} ${plural(counts.rejected, 'reject')}${causes}   polder rejects list ${runId}`
}

/** One block per cause, with all the datasets that it stopped. */
function failures(datasets: DatasetRun[], paint: Paint): string[] {
  const causes = new Map<string, { problem: Problem; datasets: string[] }>()
  for (const { dataset, problem } of datasets) {
    if (!problem) continue
    const cause = `${problem.code} ${problem.problem}`
    const known = causes.get(cause)
    if (known) known.datasets.push(dataset)
    else causes.set(cause, { problem, datasets: [dataset] })
  }
  return [...causes.values()].map(
    ({ problem, datasets: stopped }) =>
      `${mark.failed(paint.colors)} ${stopped.join(', ')}\n${paint.problems([problem])}`,
  )
}

/** All findings of a run, each cause once. */
export function runProblems(report: RunReport): Problem[] {
  const all = report.datasets.flatMap((it) => [...(it.problem ? [it.problem] : []), ...it.warnings])
  const seen = new Set<string>()
  return all.filter((it) => {
    const cause = `${it.code} ${it.problem}`
    return !seen.has(cause) && seen.add(cause)
  })
}

export function runsText(runs: RunReport[], { colors }: Paint): string {
  if (runs.length === 0) return 'Nothing has run yet: polder run'
  const rows = runs.map((it) => [
    it.runId,
    statusText(it.status, colors),
    it.startedAt.slice(0, 19).replace('T', ' '),
    took(it) ?? '',
    number(it.counts.read),
    number(it.counts.loaded),
    number(it.counts.rejected),
    it.datasets.length === 1 ? it.datasets[0]!.dataset : plural(it.datasets.length, 'dataset'),
  ])
  const head = ['RUN', 'STATUS', 'STARTED (UTC)', 'TOOK', 'READ', 'LOADED', 'REJECTED', 'WHAT']
  return table([head, ...rows], [3, 4, 5, 6]).join('\n')
}
