import { Temporal } from 'temporal-polyfill'
import { dayOf } from '../core/calendar.ts'

/** How a wall clock differs from UTC. `moved`: the time does not exist there (clocks went forward over it). */
export interface ZoneOffset {
  seconds: number
  moved: boolean
}

const HOUR = 3600
const NO_OFFSET: ZoneOffset = { seconds: 0, moved: false }
/** Hours remembered per zone; a batch rarely touches more than a few thousand. */
const MAX_HOURS = 50_000
type Memory<T> = Map<string, Map<number, T | null>>
const localHours: Memory<ZoneOffset> = new Map()
const utcHours: Memory<number> = new Map()

export function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

/**
 * The offset for a wall-clock time, given as seconds since 1970 as if it were UTC. A time that the clocks skip takes
 * the offset from before the gap (so it moves forward by the gap); one that comes twice takes the first.
 */
export function offsetOfLocal(zone: string, localSeconds: number): ZoneOffset {
  if (zone === 'UTC') return NO_OFFSET
  const hour = Math.floor(localSeconds / HOUR)
  const known = remembered(localHours, zone, hour, () => {
    const first = askLocal(zone, hour * HOUR)
    const last = askLocal(zone, hour * HOUR + HOUR - 1)
    return first.seconds === last.seconds && first.moved === last.moved ? first : null
  })
  return known ?? askLocal(zone, localSeconds)
}

/** The offset at an instant, in seconds. */
export function offsetOfInstant(zone: string, utcSeconds: number): number {
  if (zone === 'UTC') return 0
  const hour = Math.floor(utcSeconds / HOUR)
  const known = remembered(utcHours, zone, hour, () => {
    const first = askInstant(zone, hour * HOUR)
    return first === askInstant(zone, hour * HOUR + HOUR - 1) ? first : null
  })
  return known ?? askInstant(zone, utcSeconds)
}

/** An hour in which the offset changes is remembered as null: every time in it is asked for. */
function remembered<T>(memory: Memory<T>, zone: string, hour: number, ask: () => T | null): T | null {
  let hours = memory.get(zone)
  if (hours === undefined) {
    hours = new Map()
    memory.set(zone, hours)
  }
  const known = hours.get(hour)
  if (known !== undefined) return known
  if (hours.size >= MAX_HOURS) hours.clear()
  const answer = ask()
  hours.set(hour, answer)
  return answer
}

function askLocal(zone: string, localSeconds: number): ZoneOffset {
  const days = Math.floor(localSeconds / 86_400)
  const rest = localSeconds - days * 86_400
  const clock = new Temporal.PlainDateTime(
    ...dayParts(days),
    Math.floor(rest / HOUR),
    Math.floor(rest / 60) % 60,
    rest % 60,
  )
  const zoned = clock.toZonedDateTime(zone, { disambiguation: 'compatible' })
  const moved = !zoned.toPlainDateTime().equals(clock)
  return { seconds: localSeconds - Math.floor(zoned.epochMilliseconds / 1000), moved }
}

function dayParts(days: number): [number, number, number] {
  const { year, month, day } = dayOf(days)
  return [year, month, day]
}

const askInstant = (zone: string, utcSeconds: number): number =>
  Math.round(
    Temporal.Instant.fromEpochMilliseconds(utcSeconds * 1000).toZonedDateTimeISO(zone).offsetNanoseconds /
      1e9,
  )
