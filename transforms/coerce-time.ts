import { type Clock, clockSeconds, dateText, isDay, secondsText } from '../core/calendar.ts'
import { Changed, Misfit } from './misfit.ts'
import { offsetOfInstant, offsetOfLocal } from './zone.ts'

const DAY = /^\d{4}-\d\d-\d\d$/
const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,30}))?)? ?([Zz]|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?$/
const CANONICAL = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
/** As most sources spell a wall clock. */
const LOCAL = /^[1-9]\d{3}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{6}$/

const DAY_LENGTH = 10

const NO_DATE = new Misfit('E512', 'is no date as YYYY-MM-DD between the years 1000 and 9999')
const HAS_TIME = new Misfit(
  'E512',
  'is a moment of a day that is not midnight, and the column holds a date; cut it with $substring(…, 0, 10)',
)
const NO_MOMENT = new Misfit('E513', 'is no ISO 8601 date and time between the years 1000 and 9999')
const NO_ZONE = new Misfit(
  'E514',
  'carries no time zone, and none is stated for the column, the dataset, the connection or the project',
)
const EPOCH = new Misfit(
  'E515',
  'is a number; say which count of time it is, as $fromMillis(field) or $fromMillis(field * 1000)',
)

/** A calendar day. A date and time counts as a day where it is midnight: on its own clock, or in `zone`. */
export function coerceDate(value: unknown, zone: string | undefined): string | Misfit {
  if (typeof value !== 'string') return NO_DATE
  if (DAY.test(value)) return hasPossibleDay(value) ? value : NO_DATE
  const moment = readMoment(value)
  if (!moment) return NO_DATE
  return moment.offset === undefined ? midnight(moment.clock) : midnightIn(zone ?? 'UTC', moment)
}

function midnight({ year, month, day, hour, minute, second, micros }: Clock): string | Misfit {
  if (hour !== 0 || minute !== 0 || second !== 0 || micros !== '000000') return HAS_TIME
  return dateText(year, month, day)
}

function midnightIn(zone: string, moment: Moment): string | Misfit {
  const utc = clockSeconds(moment.clock) - moment.offset!
  const { year, text } = secondsText(utc + offsetOfInstant(zone, utc))
  if (!text.endsWith('T00:00:00') || moment.clock.micros !== '000000') return HAS_TIME
  return year >= 1000 && year <= 9999 ? text.slice(0, 10) : NO_DATE
}

/** An instant, UTC with microseconds. `zone` is that of values which carry none. */
export function coerceTimestamp(value: unknown, zone: string | undefined): string | Misfit | Changed<string> {
  if (typeof value === 'number') return EPOCH
  if (typeof value !== 'string') return NO_MOMENT
  if (CANONICAL.test(value) && hasPossibleClock(value)) return value
  if (zone === 'UTC' && LOCAL.test(value) && hasPossibleClock(value))
    return `${value.slice(0, DAY_LENGTH)}T${value.slice(DAY_LENGTH + 1)}Z`
  const moment = readMoment(value) ?? readDay(value)
  if (!moment) return NO_MOMENT
  if (moment.offset !== undefined) return instant(moment, moment.offset, moment.cut ? 'E540' : undefined)
  if (zone === undefined) return NO_ZONE
  const { seconds, moved } = offsetOfLocal(zone, clockSeconds(moment.clock))
  return instant(moment, seconds, moved ? 'E541' : moment.cut ? 'E540' : undefined)
}

/** A wall-clock time without a zone, as fields of type datetime carry it. */
export function coerceLocal(value: unknown): string | Misfit {
  const moment = typeof value === 'string' ? (readMoment(value) ?? readDay(value)) : undefined
  if (!moment || moment.offset !== undefined || moment.cut) return NO_MOMENT
  return `${secondsText(clockSeconds(moment.clock)).text}.${moment.clock.micros}`
}

function instant(moment: Moment, offset: number, change: 'E540' | 'E541' | undefined) {
  const { year, text } = secondsText(clockSeconds(moment.clock) - offset)
  if (year < 1000 || year > 9999) return NO_MOMENT
  const full = `${text}.${moment.clock.micros}Z`
  return change === undefined ? full : new Changed(full, change)
}

interface Moment {
  clock: Clock
  /** Seconds east of UTC; undefined: a wall clock somewhere. */
  offset?: number
  /** Digits beyond the microsecond were dropped. */
  cut: boolean
}

function readMoment(text: string): Moment | undefined {
  const match = MOMENT.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((it) => Number(it ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (!isPossible(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined
  const fraction = match[7] ?? ''
  const offset = match[8] === undefined ? undefined : offsetSeconds(match[8])
  if (Number.isNaN(offset)) return undefined
  const micros = fraction.slice(0, 6).padEnd(6, '0')
  return {
    clock: { year, month, day, hour, minute, second, micros },
    offset,
    cut: /[1-9]/.test(fraction.slice(6)),
  }
}

function readDay(text: string): Moment | undefined {
  return DAY.test(text) ? readMoment(`${text}T00:00`) : undefined
}

/** Seconds east of UTC; NaN where it is more than a day. */
function offsetSeconds(text: string): number {
  if (text === 'Z' || text === 'z') return 0
  const digits = text.slice(1).replaceAll(':', '').padEnd(6, '0')
  const [hours, minutes, seconds] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2))) as [
    number,
    number,
    number,
  ]
  if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN
  const size = hours * 3600 + minutes * 60 + seconds
  return text.startsWith('-') ? -size : size
}

const isPossible = (year: number, month: number, day: number): boolean =>
  year >= 1000 && isDay(year, month, day)

/** Two digits at `at` as a number, without making a text of them. */
const two = (text: string, at: number): number =>
  (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48

const hasPossibleDay = (text: string): boolean =>
  isPossible(two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8))

const hasPossibleClock = (canonical: string): boolean =>
  hasPossibleDay(canonical) && two(canonical, 11) < 24 && two(canonical, 14) < 60 && two(canonical, 17) < 60
