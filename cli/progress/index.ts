import type { RunEvent } from '../../core/report.ts'
import type { Printer } from '../printer.ts'
import { liveProgress } from './live.ts'
import { plainProgress } from './plain.ts'

/** Shows a run while it goes on, on stderr. */
export interface Progress {
  event(event: RunEvent): void
  /** Lets `write` put lines of its own on stderr without being drawn over. */
  aside(write: () => void): void
  /** Ends it and leaves the terminal clean. Safe to call twice. */
  stop(): void
}

/** @param logFormat given: a structured log for machines, whatever stderr is */
export async function startProgress(
  printer: Printer,
  now: () => number,
  logFormat?: 'line' | 'json',
): Promise<Progress> {
  return (await progressMaker(printer, now, logFormat))()
}

/** For many runs after another, each with a progress of its own and silence in between. */
export async function progressMaker(
  printer: Printer,
  now: () => number,
  logFormat?: 'line' | 'json',
): Promise<() => Progress> {
  if (logFormat === undefined)
    return () => (printer.live ? liveProgress(printer, now) : plainProgress(printer, now))
  const [{ createLog }, { logProgress }] = await Promise.all([
    import('../../core/log.ts'),
    import('./log.ts'),
  ])
  return () => logProgress(createLog({ level: 'info', format: logFormat }))
}
