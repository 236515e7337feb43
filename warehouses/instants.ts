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

/** Days since 1970-01-01 of `YYYY-MM-DD`. Source: Howard Hinnant, chrono-compatible date algorithms. */
export function dayNumber(date: string): number {
  const month = Number(date.slice(5, 7))
  const year = Number(date.slice(0, 4)) - (month <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + Number(date.slice(8, 10)) - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** `YYYY-MM-DD` of a day number. */
export function dayText(day: number): string {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`
}

/** Microseconds of a canonical instant. */
export function instantMicros(canonical: string): bigint {
  const seconds =
    Number(canonical.slice(11, 13)) * 3600 +
    Number(canonical.slice(14, 16)) * 60 +
    Number(canonical.slice(17, 19))
  const inDay = seconds * 1_000_000 + Number(canonical.slice(20, 26))
  return BigInt(dayNumber(canonical)) * DAY_MICROS + BigInt(inDay)
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
