import type { Chance } from './random.ts'

/** Minutes since 2019-01-01 00:00 on the shop's own clock. */
export type Minute = number

export const DAY = 24 * 60
const DAY_ZERO = Date.UTC(2019, 0, 1)
const DAY_MS = 86_400_000
/** Orders are kept since 2023-01-01; the export was made on 2026-06-30. */
export const FIRST_ORDER_DAY = 1461
export const LAST_DAY = 2737

/** Some minute of a day between half past seven and eleven at night: never one that a change of clocks repeats. */
export const awake = (day: number, chance: Chance): Minute => day * DAY + chance.between(450, 1379)

/** The same time of day, up to `days` days later, but not after the export. */
export const later = (minute: Minute, days: number, chance: Chance): Minute =>
  minute + chance.between(0, Math.min(days, LAST_DAY - Math.floor(minute / DAY))) * DAY

export const dayText = (day: number): string => new Date(DAY_ZERO + day * DAY_MS).toISOString().slice(0, 10)

/** `2024-05-01 13:22:00`, without a zone. */
export function localText(minute: Minute, separator = ' '): string {
  const inDay = minute % DAY
  const two = (value: number) => String(value).padStart(2, '0')
  return `${dayText(Math.floor(minute / DAY))}${separator}${two(Math.floor(inDay / 60))}:${two(inDay % 60)}:00`
}

/** `2024-05-01T13:22:00+02:00` */
export const offsetText = (minute: Minute): string =>
  `${localText(minute, 'T')}+0${isSummer(Math.floor(minute / DAY)) ? 2 : 1}:00`

/** The same moment on the clock of UTC. */
export const utcText = (minute: Minute): string =>
  localText(minute - (isSummer(Math.floor(minute / DAY)) ? 120 : 60))

/** Dutch summer time: from the last Sunday of March to the day before the last Sunday of October. */
function isSummer(day: number): boolean {
  const [year, month, date] = dayText(day).split('-').map(Number) as [number, number, number]
  if (month < 3 || month > 10) return false
  if (month > 3 && month < 10) return true
  const afterChange = date >= lastSunday(year, month)
  return month === 3 ? afterChange : !afterChange
}

const lastSunday = (year: number, month: number): number =>
  31 - new Date(Date.UTC(year, month - 1, 31)).getUTCDay()
