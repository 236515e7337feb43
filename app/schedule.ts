import { ConfigErrors, PolderError } from '../core/errors.ts'
import type { PipelineSpec, ProjectSpec } from '../core/spec.ts'
import * as pipelines from '../pipelines/index.ts'
import type { Polder, ScheduleEvent, ScheduleOptions } from './api.ts'
import { openWarehouse } from './warehouse.ts'

const MINUTE_MS = 60_000

/**
 * Runs every pipeline with a `schedule:` at its due times until the signal aborts. The warehouse is open only
 * while something is due, so that others can use an embedded one in between.
 * @param open a project of its own for each run
 */
export async function schedule(
  project: ProjectSpec,
  open: () => Polder,
  options: ScheduleOptions,
): Promise<void> {
  const holder = pipelines.holderOfThisProcess()
  const zone = project.timezone ?? 'UTC'
  const scheduled = project.pipelines.filter((it) => it.schedule !== undefined)
  const jobs = await withStore(project, (store) =>
    Promise.all(scheduled.map((it) => startJob(store, it, zone, options.clock.nowMs()))),
  )
  options.onSchedule({ kind: 'waiting', next: nextDues(jobs, options.clock.nowMs()) })
  const work: pipelines.ScheduleWork = {
    run: async (pipeline, dueMs) => {
      await runDue({ project, open, options, holder }, pipeline, dueMs)
      options.onSchedule({ kind: 'waiting', next: nextDues(jobs, options.clock.nowMs()) })
    },
    skipped: (pipeline, dueMs) => options.onSchedule({ kind: 'skipped', pipeline, dueAt: instant(dueMs) }),
  }
  await pipelines.follow(jobs, options.clock, work, options.signal)
}

const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000Z`

/** A pipeline never seen before waits for its next due time; one whose scheduler died in a run is due again. */
async function startJob(
  store: pipelines.StateStore,
  { name, schedule }: PipelineSpec,
  zone: string,
  nowMs: number,
): Promise<pipelines.Job> {
  const claim = await pipelines.readClaim(store, name)
  if (!claim) return pipelines.jobOf(name, schedule!, zone, nowMs)
  const dueMs = Date.parse(claim.dueAt)
  const broken = claim.outcome === 'running' && pipelines.isDeadHolder(claim.holder)
  return pipelines.jobOf(name, schedule!, zone, broken ? dueMs - MINUTE_MS : dueMs)
}

function nextDues(jobs: pipelines.Job[], nowMs: number): { pipeline: string; at: string }[] {
  const next = jobs.map((it) => ({ pipeline: it.pipeline, at: pipelines.nextDue(it.cron, nowMs, it.zone) }))
  return next.flatMap(({ pipeline, at }) => (at === undefined ? [] : [{ pipeline, at: instant(at) }]))
}

interface Due {
  project: ProjectSpec
  open: () => Polder
  options: ScheduleOptions
  holder: string
}

/** A run that fails is told and recorded; the next due time comes all the same. */
async function runDue(
  { project, open, options, holder }: Due,
  pipeline: string,
  dueMs: number,
): Promise<void> {
  const claim = { pipeline, dueAt: instant(dueMs), holder, outcome: 'running' }
  const tell = (event: ScheduleEvent) => options.onSchedule(event)
  let outcome = 'failed'
  let runId: string | null = null
  try {
    const won = await withStore(project, async (store) => {
      const seen = await pipelines.readClaim(store, pipeline)
      const taken =
        seen &&
        seen.dueAt >= claim.dueAt &&
        !(seen.outcome === 'running' && pipelines.isDeadHolder(seen.holder))
      return !taken && pipelines.takeClaim(store, seen, claim)
    })
    if (!won) return tell({ kind: 'taken', pipeline, dueAt: claim.dueAt })
    tell({ kind: 'due', pipeline, dueAt: claim.dueAt })
    const polder = open()
    const { signal, onEvent } = options
    const report = await polder
      .run([pipeline], { full: false, allowShrink: false, signal, onEvent })
      .finally(() => polder.close())
    outcome = report.status
    runId = report.runId
    tell({ kind: 'ended', pipeline, report })
  } catch (error) {
    const problems = error instanceof ConfigErrors ? error.problems : [asProblem(error)]
    tell({ kind: 'failed', pipeline, dueAt: claim.dueAt, problems })
  }
  await withStore(project, (store) => pipelines.endClaim(store, { ...claim, runId }, outcome, runId)).catch(
    (error) => {
      if (!(error instanceof PolderError)) throw error
    },
  )
}

function asProblem(error: unknown) {
  if (error instanceof PolderError) return error.asProblem()
  throw error
}

async function withStore<T>(
  project: ProjectSpec,
  work: (store: pipelines.StateStore) => Promise<T>,
): Promise<T> {
  const session = await openWarehouse(project, false)
  try {
    return await work(await pipelines.StateStore.open(session))
  } finally {
    await session.close()
  }
}
