import { type Cron, isDue, nextDue, parseCron } from './cron.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Further back, whole days are skipped in the search. */
const NEAR_MS = 2 * DAY_MS

/** A pipeline with its schedule, as the scheduler follows it. */
export interface Job {
  pipeline: string
  cron: Cron
  zone: string
  /** Minutes up to here have been looked at; milliseconds since the epoch. */
  lookedAtMs: number
  /** Waiting or running: a further due time is passed over. */
  busy: boolean
}

export const jobOf = (pipeline: string, schedule: string, zone: string, lookedAtMs: number): Job => ({
  pipeline,
  cron: parseCron(schedule),
  zone,
  lookedAtMs,
  busy: false,
})

/** The clock of a scheduler; tests bring their own. */
export interface ScheduleClock {
  nowMs(): number
  /** Calls back at the beginning of every minute. @returns what stops it */
  everyMinute(tick: () => void): Promise<() => void>
}

/** node-cron gives the tick and nothing else: due times are computed here, and kept in the warehouse. */
export const systemClock: ScheduleClock = {
  nowMs: () => Date.now(),
  async everyMinute(tick) {
    const { default: cron } = await import('node-cron')
    const task = cron.schedule('* * * * *', tick, { timezone: 'Etc/UTC' })
    return () => void task.destroy()
  },
}

/**
 * The latest due minute after `lookedAtMs` up to now: due times that were missed become one.
 * A clock that jumped back gives none: what was looked at stays so.
 */
export function latestDue(job: Job, nowMs: number): number | undefined {
  const now = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
  const near = Math.max(job.lookedAtMs, now - NEAR_MS)
  for (let at = now; at > near; at -= MINUTE_MS) if (isDue(job.cron, at, job.zone)) return at
  if (near === job.lookedAtMs) return undefined
  const missed = nextDue(job.cron, job.lookedAtMs, job.zone)
  return missed !== undefined && missed <= near ? missed : undefined
}

/** What the scheduler does with a due time. */
export interface ScheduleWork {
  /** Runs the pipeline unless another scheduler took this due time. */
  run(pipeline: string, dueMs: number): Promise<void>
  /** A due time that was passed over since the pipeline is still busy. */
  skipped(pipeline: string, dueMs: number): void
}

/**
 * Follows all jobs until the signal aborts: one run at a time, in the order of due times; a pipeline never overlaps
 * itself. Ends when the run in hand has ended.
 */
export async function follow(
  jobs: Job[],
  clock: ScheduleClock,
  work: ScheduleWork,
  signal: AbortSignal,
): Promise<void> {
  let queue = Promise.resolve()
  let failed: (error: unknown) => void = () => {}
  const failure = new Promise<never>((_, reject) => {
    failed = reject
  })
  const tick = () => {
    for (const { job, dueMs } of dueJobs(jobs, clock.nowMs())) {
      if (job.busy) {
        work.skipped(job.pipeline, dueMs)
        continue
      }
      job.busy = true
      queue = queue
        .then(() => (signal.aborted ? undefined : work.run(job.pipeline, dueMs)))
        .catch(failed)
        .finally(() => {
          job.busy = false
        })
    }
  }
  const stop = await clock.everyMinute(tick)
  try {
    tick()
    await Promise.race([aborted(signal), failure])
  } finally {
    stop()
    await queue
  }
}

function dueJobs(jobs: Job[], nowMs: number): { job: Job; dueMs: number }[] {
  const due = jobs.flatMap((job) => {
    const dueMs = latestDue(job, nowMs)
    if (nowMs > job.lookedAtMs) job.lookedAtMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
    return dueMs === undefined ? [] : [{ job, dueMs }]
  })
  return due.sort((a, b) => a.dueMs - b.dueMs)
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
