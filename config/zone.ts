import type { Place } from '../core/place.ts'
import { didYouMean } from '../core/text.ts'
import type { Report } from './report.ts'

const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')]

/** @returns the zone with the letters that the IANA list has; undefined where there is none (then reported) */
export function checkZone(name: string, at: Place, report: Report): string | undefined {
  if (/^[A-Za-z]/.test(name) && isZone(name)) {
    return zones().find((it) => it.toLowerCase() === name.toLowerCase()) ?? name
  }
  report.error('E118', at, {
    problem: `There is no time zone "${name}".`,
    remedy: didYouMean(name, zones()).trim() || 'Zones are named as Europe/Amsterdam or UTC.',
  })
  return undefined
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
