import { expect, test } from 'vitest'
import { follow, jobOf, latestDue, type ScheduleClock } from './scheduler.ts'

const MINUTE_MS = 60_000
const at = (text: string) => Date.parse(text)

/** A clock that moves when told. */
function handClock(start: string) {
  let nowMs = at(start)
  let tick = () => {}
  const clock: ScheduleClock = {
    nowMs: () => nowMs,
    everyMinute: async (call) => {
      tick = call
      return () => {
        tick = () => {}
      }
    },
  }
  const go = async (minutes: number) => {
    nowMs += minutes * MINUTE_MS
    tick()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return { clock, go }
}

function recorder() {
  const done: string[] = []
  let release = () => {}
  const work = {
    hold: false,
    async run(pipeline: string, dueMs: number) {
      if (work.hold) await new Promise<void>((resolve) => (release = resolve))
      done.push(`${pipeline} ${new Date(dueMs).toISOString().slice(11, 16)}`)
    },
    skipped: (pipeline: string, dueMs: number) => {
      done.push(`skipped ${pipeline} ${new Date(dueMs).toISOString().slice(11, 16)}`)
    },
  }
  return { done, work, release: () => release() }
}

test('each due time runs once, and time that was slept through becomes one run', async () => {
  const { clock, go } = handClock('2026-11-20T08:59:10Z')
  const { done, work } = recorder()
  const stop = new AbortController()
  const end = follow([jobOf('shop', '*/15 * * * *', 'UTC', clock.nowMs())], clock, work, stop.signal)
  for (const minutes of [1, 1, 14, 60]) await go(minutes)
  stop.abort()
  await end
  expect(done).toEqual(['shop 09:00', 'shop 09:15', 'shop 10:15'])
})

test('fault 7: a pipeline never overlaps itself: the due time is passed over and told', async () => {
  const { clock, go } = handClock('2026-11-20T08:59:10Z')
  const { done, work, release } = recorder()
  work.hold = true
  const stop = new AbortController()
  const end = follow([jobOf('shop', '* * * * *', 'UTC', clock.nowMs())], clock, work, stop.signal)
  await go(1)
  await go(1)
  work.hold = false
  release()
  await go(0)
  await go(1)
  stop.abort()
  await end
  expect(done).toEqual(['skipped shop 09:01', 'shop 09:00', 'shop 09:02'])
})

test('fault 24: a clock that jumps back repeats nothing, one that jumps ahead loses nothing', async () => {
  const { clock, go } = handClock('2026-11-20T08:59:10Z')
  const { done, work } = recorder()
  const stop = new AbortController()
  const end = follow([jobOf('shop', '0 * * * *', 'UTC', clock.nowMs())], clock, work, stop.signal)
  for (const minutes of [1, -60, 61, 60]) await go(minutes)
  stop.abort()
  await end
  expect(done).toEqual(['shop 09:00', 'shop 10:00'])
})

test('a due time missed long ago is found without walking every minute', () => {
  const job = jobOf('shop', '0 3 1 1 *', 'Europe/Amsterdam', at('2025-06-01T00:00:00Z'))
  expect(latestDue(job, at('2026-11-20T00:00:00Z'))).toBe(at('2026-01-01T02:00:00Z'))
})

test('a failing run ends the scheduler with its error', async () => {
  const { clock, go } = handClock('2026-11-20T08:59:10Z')
  const work = { run: () => Promise.reject(new Error('gone')), skipped: () => {} }
  const end = follow(
    [jobOf('shop', '* * * * *', 'UTC', clock.nowMs())],
    clock,
    work,
    new AbortController().signal,
  )
  const failed = expect(end).rejects.toThrow('gone')
  await go(1)
  await failed
})
