import { setTimeout as sleep } from 'node:timers/promises'
import type { Settling, SplitWant } from '../sdk/index.ts'
import type { SqlSession, Writers } from './sql-types.ts'

export interface Settled {
  /** No row with this mark or a smaller one can still appear. Absent: nothing is known to be safe yet. */
  mark?: string
  settling?: Settling
}

const POLL_MS = 30

/**
 * How far `highest` is safe. Marks may be handed out in one order and committed in another: while a writer is at
 * work that began before `highest` was seen, it may still bring a smaller one. So a mark waits until all those have
 * ended; meanwhile the last safe one holds.
 *
 * @param highest the largest mark seen, read before this call
 */
export async function settle(
  session: Pick<SqlSession, 'writers'>,
  highest: string | undefined,
  earlier: SplitWant['earlier'],
  waitMs: number,
): Promise<Settled> {
  const first = await session.writers()
  if (!first || highest === undefined) return highest === undefined ? {} : { mark: highest }
  return settledMark({ mark: highest, at: first.now }, await oldestAfter(session, first, waitMs), earlier)
}

/** Most writers end within milliseconds. */
async function oldestAfter(
  session: Pick<SqlSession, 'writers'>,
  first: Writers,
  waitMs: number,
): Promise<string> {
  const end = performance.now() + waitMs
  let { oldest } = first
  while (oldest < first.now && performance.now() < end) {
    await sleep(POLL_MS)
    oldest = (await session.writers())?.oldest ?? oldest
  }
  return oldest
}

/** @param oldest the oldest writer at work now */
export function settledMark(newest: Settling, oldest: string, earlier: SplitWant['earlier']): Settled {
  if (oldest >= newest.at) return { mark: newest.mark }
  const before = earlier?.settling
  if (before && before.at <= oldest) return { mark: before.mark, settling: newest }
  const base = earlier?.highWater === undefined ? {} : { mark: earlier.highWater }
  // A point after the newest one is of another server: a restored copy counts anew.
  return { ...base, settling: before && before.at <= newest.at ? before : newest }
}
