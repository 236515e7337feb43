import { Temporal } from 'temporal-polyfill'

const MINUTE_MS = 60_000
/** `0 0 29 2 *` waits up to eight years (1896–1904, 2096–2104 lack one). */
const HORIZON_DAYS = 8 * 366 + 1

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** A cron expression of five fields, as sets of the values that match. */
export interface Cron {
  minutes: Set<number>
  hours: Set<number>
  days: Set<number>
  months: Set<number>
  weekdays: Set<number>
  /** Both day fields are restricted: either may match (POSIX). */
  eitherDay: boolean
  /** Names one time of the day, not a rhythm: it runs once a day, even in the night that has an hour twice. */
  fixedHours: boolean
}

/** `expression` has been checked by the configuration. */
export function parseCron(expression: string): Cron {
  const [minute, hour, day, month, weekday] = expression.trim().split(/\s+/) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const weekdays = valuesOf(weekday, 0, 7, DAYS)
  if (weekdays.delete(7)) weekdays.add(0)
  return {
    minutes: valuesOf(minute, 0, 59),
    hours: valuesOf(hour, 0, 23),
    days: valuesOf(day, 1, 31),
    months: valuesOf(month, 1, 12, ['', ...MONTHS]),
    weekdays,
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
    fixedHours: !hour.startsWith('*'),
  }
}

function valuesOf(field: string, min: number, max: number, names: string[] = []): Set<number> {
  const numberOf = (text: string) => {
    const named = names.indexOf(text.toLowerCase())
    return named >= 0 ? named : Number(text)
  }
  const values = new Set<number>()
  for (const item of field.split(',')) {
    const [range, step] = item.split('/') as [string, string | undefined]
    const [from, to] = range === '*' ? [min, max] : range.split('-').map(numberOf)
    const last = to ?? (step === undefined ? from! : max)
    for (let value = from!; value <= last; value += Number(step ?? 1)) values.add(value)
  }
  return values
}

/**
 * Is the minute that begins at `atMs` (milliseconds since the epoch) due in this zone?
 * Minutes that a clock change skips are due at the first minute after the gap; of an hour that comes twice, a
 * schedule with fixed hours takes the first.
 */
export function isDue(cron: Cron, atMs: number, zone: string): boolean {
  const now = localAt(atMs, zone)
  const before = localAt(atMs - MINUTE_MS, zone)
  const jump = (now.offsetNanoseconds - before.offsetNanoseconds) / 1e6 / MINUTE_MS
  if (jump > 0 && skippedMatch(cron, now, jump)) return true
  if (!matches(cron, now.toPlainDateTime())) return false
  return !(cron.fixedHours && isSecondTime(now))
}

/** The first due minute after `afterMs`; undefined where none comes within eight years. */
export function nextDue(cron: Cron, afterMs: number, zone: string): number | undefined {
  const first = Math.floor(afterMs / MINUTE_MS + 1) * MINUTE_MS
  const day = localAt(first, zone).toPlainDate()
  for (let i = 0; i < HORIZON_DAYS; i++) {
    const date = day.add({ days: i })
    if (!dayMatches(cron, date)) continue
    const start = date.toZonedDateTime(zone).epochMilliseconds
    const end = date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds
    for (let at = Math.max(start, first); at < end; at += MINUTE_MS) if (isDue(cron, at, zone)) return at
  }
  return undefined
}

const localAt = (atMs: number, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone)

function matches(cron: Cron, local: Temporal.PlainDateTime): boolean {
  return cron.minutes.has(local.minute) && cron.hours.has(local.hour) && dayMatches(cron, local.toPlainDate())
}

function dayMatches(cron: Cron, date: Temporal.PlainDate): boolean {
  if (!cron.months.has(date.month)) return false
  const day = cron.days.has(date.day)
  const weekday = cron.weekdays.has(date.dayOfWeek % 7)
  return cron.eitherDay ? day || weekday : day && weekday
}

function skippedMatch(cron: Cron, now: Temporal.ZonedDateTime, minutes: number): boolean {
  const local = now.toPlainDateTime()
  for (let i = 1; i <= minutes; i++) if (matches(cron, local.subtract({ minutes: i }))) return true
  return false
}

function isSecondTime(now: Temporal.ZonedDateTime): boolean {
  const first = now.toPlainDateTime().toZonedDateTime(now.timeZoneId, { disambiguation: 'earlier' })
  return first.epochMilliseconds < now.epochMilliseconds
}
