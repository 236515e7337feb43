import type { Polder } from '../../app/index.ts'
import { problemJson } from '../../core/problem-json.ts'
import type { RunReport } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import { onInterrupt } from '../interrupt.ts'
import type { FlatRun } from '../output-schema.ts'
import { startProgress } from '../progress/index.ts'
import { groupRejects, type RejectGroup } from '../text/rejects.ts'
import { runProblems, runText } from '../text/run.ts'

export interface RunFlags {
  full?: boolean
  allowShrink?: boolean
  acceptSchema?: boolean
  /** Absent: progress for people. */
  logFormat?: 'line' | 'json'
}

/** Rejects fetched to tell their causes; more of them are rarely of another shape. */
const REJECTS_GROUPED = 1000

export async function run(
  context: Context,
  selection: string[],
  { full = false, allowShrink = false, acceptSchema = false, logFormat }: RunFlags,
): Promise<Outcome<FlatRun>> {
  const { io, printer } = context
  const progress = await startProgress(printer, io.now, logFormat)
  const interrupt = onInterrupt(
    io,
    (text) => progress.aside(() => printer.note(text)),
    'stopping after this commit; press again to stop now',
  )
  try {
    return await withProject(context, async (polder) => {
      const { signal } = interrupt
      const how = { full, allowShrink, acceptSchema }
      const report = await polder.run(selection, { ...how, signal, onEvent: progress.event })
      return runOutcome(
        report,
        await rejectGroups(polder, report),
        resumeWith(report, selection, context.options.project),
      )
    })
  } finally {
    interrupt.remove()
    progress.stop()
  }
}

/** @param resume the command that goes on, where the run did not end by itself */
export function runOutcome(report: RunReport, groups: RejectGroup[], resume?: string): Outcome<FlatRun> {
  return {
    exitCode: report.exitCode,
    result: flatRun(report),
    problems: runProblems(report),
    text: (paint) =>
      [
        runText(report, groups, paint),
        ...(resume ? [`What was committed stays. Go on with: ${resume}`] : []),
      ].join('\n\n'),
  }
}

export const flatRun = (report: RunReport): FlatRun => ({
  ...report,
  datasets: report.datasets.map(({ problem, warnings, ...rest }) => ({
    ...rest,
    ...(problem && { problem: problemJson(problem) }),
    warnings: warnings.map(problemJson),
  })),
})

/** `--full` is left out: what it began goes on as it was. */
function resumeWith({ exitCode }: RunReport, selection: string[], project?: string): string | undefined {
  if (exitCode !== ExitCode.resumable) return undefined
  return ['polder run', ...selection, ...(project === undefined ? [] : ['--project', project])].join(' ')
}

/** By code, of one run. Asked while the warehouse is still open; one that is unusable is not asked again. */
export async function rejectGroups(
  polder: Polder,
  { runId, counts, exitCode }: RunReport,
): Promise<RejectGroup[]> {
  if (counts.rejected === 0 || exitCode === ExitCode.fatal) return []
  return groupRejects(await polder.rejects({ selection: [], runId, limit: REJECTS_GROUPED, reveal: false }))
}
