import type { ScheduleEvent } from '../../app/index.ts'
import { ConfigError } from '../../core/errors.ts'
import type { RunEvent } from '../../core/report.ts'
import { type Context, type Outcome, withProject } from '../context.ts'
import { ExitCode } from '../exit-code.ts'
import { onInterrupt } from '../interrupt.ts'
import { type Progress, progressMaker } from '../progress/index.ts'
import { scheduleLine } from '../text/schedule.ts'

/** Follows the schedules until it is told to stop; then the commit in hand is the last. */
export async function schedule(
  context: Context,
  { logFormat }: { logFormat?: 'line' | 'json' },
): Promise<Outcome<{ runs: number; failed: number }>> {
  const { io, printer } = context
  const { systemClock } = await import('../../app/index.ts')
  const counts = { runs: 0, failed: 0 }
  const makeProgress = await progressMaker(printer, io.now, logFormat)
  let progress: Progress | undefined
  const note = (text: string) => (progress ? progress.aside(() => printer.note(text)) : printer.note(text))
  const onEvent = (event: RunEvent) => progress?.event(event)
  const endProgress = () => {
    progress?.stop()
    progress = undefined
  }
  const interrupt = onInterrupt(io, note, 'stopping after this commit; press again to stop now')
  const onSchedule = (event: ScheduleEvent) => {
    if (event.kind === 'ended') counts.runs += 1
    if (event.kind === 'failed' || (event.kind === 'ended' && event.report.status === 'failed'))
      counts.failed += 1
    if (event.kind === 'ended' || event.kind === 'failed') endProgress()
    note(scheduleLine(event))
    if (event.kind === 'due') progress = makeProgress()
  }
  try {
    await withProject(context, async (polder) => {
      if (polder.project.pipelines.every((it) => it.schedule === undefined)) throw nothingScheduled()
      await polder.schedule({
        signal: interrupt.signal,
        clock: systemClock,
        onEvent,
        onSchedule,
      })
    })
  } finally {
    interrupt.remove()
    endProgress()
  }
  return {
    exitCode: ExitCode.ok,
    result: counts,
    problems: [],
    text: () =>
      `Stopped after ${counts.runs} runs, ${counts.failed} of them failed. Go on with: polder schedule`,
  }
}

const nothingScheduled = () =>
  new ConfigError('E301', {
    problem: 'No pipeline of this project has a schedule.',
    remedy: 'Add one to a pipeline, as schedule: "*/15 * * * *"',
  })
