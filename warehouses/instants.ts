import { dateText, dayOf, daysOf } from '../core/calendar.ts'

/** Instants between canonical text, the engines' text, and microseconds since 1970 (UTC, proleptic Gregorian). */

const SQL_TEXT = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00(?::?00)?|Z)?$/
const DAY_MICROS = 86_400_000_000n

/** `2026-03-29 01:00:00.5+00` → `2026-03-29T01:00:00.500000Z`; other text (BC, infinity) stays as it is. */
export function instantText(sql: string, zone = 'Z'): string {
  const match = SQL_TEXT.exec(sql)
  return match ? `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0')}${zone}` : sql
}

/** `2026-03-29T01:00:00.500000Z` → `2026-03-29 01:00:00.500000` */
export const spacedInstant = (canonical: string): string =>
  `${canonical.slice(0, 10)} ${canonical.slice(11, 26)}`

/** Days since 1970-01-01 of `YYYY-MM-DD`. */
export const dayNumber = (date: string): number =>
  daysOf(digits(date, 0, 4), digits(date, 5, 7), digits(date, 8, 10))

/** `YYYY-MM-DD` of a day number. */
export function dayText(number: number): string {
  const { year, month, day } = dayOf(number)
  return dateText(year, month, day)
}

/** The number that stands there; no text is cut out of `text`, since this runs for every value. */
function digits(text: string, start: number, end: number): number {
  let number = 0
  for (let i = start; i < end; i++) number = number * 10 + text.charCodeAt(i) - 48
  return number
}

/** Microseconds of a canonical instant; a number where a double carries it. */
export function instantMicros(canonical: string): number | bigint {
  const seconds =
    digits(canonical, 11, 13) * 3600 + digits(canonical, 14, 16) * 60 + digits(canonical, 17, 19)
  const inDay = seconds * 1_000_000 + digits(canonical, 20, 26)
  const day = dayNumber(canonical)
  const micros = day * Number(DAY_MICROS) + inDay
  return Number.isSafeInteger(micros) ? micros : BigInt(day) * DAY_MICROS + BigInt(inDay)
}

/** Canonical instant of microseconds since 1970. */
export function microsText(micros: bigint, zone = 'Z'): string {
  let day = micros / DAY_MICROS
  let rest = micros % DAY_MICROS
  if (rest < 0n) {
    day -= 1n
    rest += DAY_MICROS
  }
  const inDay = Number(rest)
  const seconds = Math.floor(inDay / 1_000_000)
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${dayText(Number(day))}T${clock}.${String(inDay % 1_000_000).padStart(6, '0')}${zone}`
}

const two = (n: number): string => String(n).padStart(2, '0')
