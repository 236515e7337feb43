import { coerceDate, coerceTimestamp } from '../coerce-time.ts'
import { Changed, Misfit } from '../misfit.ts'
import { isZone } from '../zone.ts'
import { type FunctionContext, isMissing, type OwnFunction, Unfit } from './own-function.ts'

const NO_ORDER = new Unfit('E512', 'is read as a date in an order that is none of "ymd", "dmy" and "mdy"')
const NO_DATE = new Unfit('E512', 'is no date in the order asked for, with a year of four digits')
const NO_ZONE = new Unfit('E514', 'is read in a time zone that does not exist')

/** Groups of digits, by where day, month and year stand. */
const ORDERS: Record<string, RegExp> = {
  ymd: /^(?<y>\d{4})(?:(?<s>[-/. ])(?<m>\d{1,2})\k<s>(?<d>\d{1,2})|(?<m2>\d\d)(?<d2>\d\d))$/,
  dmy: /^(?:(?<d>\d{1,2})(?<s>[-/. ])(?<m>\d{1,2})\k<s>|(?<d2>\d\d)(?<m2>\d\d))(?<y>\d{4})$/,
  mdy: /^(?:(?<m>\d{1,2})(?<s>[-/. ])(?<d>\d{1,2})\k<s>|(?<m2>\d\d)(?<d2>\d\d))(?<y>\d{4})$/,
}

export const date: OwnFunction = {
  name: 'date',
  signature: '$date(value) or $date(value, "dmy")',
  description:
    'A date as YYYY-MM-DD. The order says how day, month and year stand in a text: "dmy" reads 31-12-2026, 31/12/2026, 31.12.2026 and 31122026. What is no date is rejected, or missing where the column says `invalid: missing`.',
  example: '$date(geboortedatum, "dmy")',
  arguments: [1, 2],
  result: 'text',
  make:
    ({ zone }) =>
    (value, order) => {
      if (isMissing(value) || value === '') return undefined
      const text = order === undefined ? value : ordered(String(value).trim(), order)
      return fitting(coerceDate(text, zone))
    },
}

function ordered(text: string, order: unknown): string {
  const pattern = typeof order === 'string' && Object.hasOwn(ORDERS, order) ? ORDERS[order] : undefined
  if (pattern === undefined) throw NO_ORDER
  const groups = pattern.exec(text)?.groups
  if (!groups) throw NO_DATE
  const [month, day] = [groups['m'] ?? groups['m2'], groups['d'] ?? groups['d2']]
  return `${groups['y']}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`
}

export const timestamp: OwnFunction = {
  name: 'timestamp',
  signature: '$timestamp(value) or $timestamp(value, "Europe/Amsterdam")',
  description:
    'An instant in UTC with microseconds. The zone is that of values which carry none; without it the zone of the dataset, the connection or the project holds. What is no date and time is rejected, or missing where the column says `invalid: missing`.',
  example: '$timestamp(ordered_at, "Europe/Amsterdam")',
  arguments: [1, 2],
  result: 'text',
  make: (context) => (value, zone) => {
    if (isMissing(value) || value === '') return undefined
    if (zone !== undefined && (typeof zone !== 'string' || !isZone(zone))) throw NO_ZONE
    const coerced = coerceTimestamp(value, (zone as string | undefined) ?? context.zone)
    return fitting(coerced, context)
  },
}

function fitting(coerced: string | Misfit | Changed<string>, context?: FunctionContext): string {
  if (coerced instanceof Misfit) throw new Unfit(coerced.code, coerced.reason)
  if (!(coerced instanceof Changed)) return coerced
  context?.changed(coerced.code)
  return coerced.value
}
