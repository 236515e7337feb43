import type { Expr } from '../../core/expr.ts'
import {
  and,
  arithmetic,
  binary,
  cast,
  choose,
  compare,
  concat,
  inList,
  integer,
  not,
  or,
  text,
  unlessMissing,
  where,
} from './build.ts'
import { matchesAny } from './pattern.ts'
import { piece } from './pieces.ts'
import { cannot, computed, nameOf, type Term } from './term.ts'

/** Dates and instants, as `transforms/coerce-time.ts` reads them. */

/** Two digits of which four is a part; not 00. */
const FOURTH = ['0[48]', '[2468][048]', '[13579][26]']
const LEAP_YEARS = [...FOURTH.map((it) => `[1-9]\\d${it}`), ...FOURTH.slice(1).map((it) => `${it}00`)]

/** Every day that exists, but for years before 1000. */
const DAYS = [
  ...LEAP_YEARS.map((it) => `${it}-02-29`),
  '[1-9]\\d{3}-0[1-9]-[01][1-9]',
  '[1-9]\\d{3}-1[0-2]-[01][1-9]',
  '[1-9]\\d{3}-0[1-9]-[12]0',
  '[1-9]\\d{3}-1[0-2]-[12]0',
  '[1-9]\\d{3}-0[1-9]-2[1-8]',
  '[1-9]\\d{3}-1[0-2]-2[1-8]',
  '[1-9]\\d{3}-0[13-9]-29',
  '[1-9]\\d{3}-1[0-2]-29',
  '[1-9]\\d{3}-0[13-9]-30',
  '[1-9]\\d{3}-1[0-2]-30',
  '[1-9]\\d{3}-0[13578]-31',
  '[1-9]\\d{3}-1[02]-31',
]
const MIDNIGHT = ['[T ]00:00', '[T ]00:00:00', '[T ]00:00:00\\.0{1,6}']

const CLOCKS = ['[T ][01]\\d:[0-5]\\d', '[T ]2[0-3]:[0-5]\\d']
const TIMES = CLOCKS.flatMap((it) => [it, `${it}:[0-5]\\d`, `${it}:[0-5]\\d\\.\\d{1,6}`])
/** Engines take none beyond half a day and a little. */
const HOURS = ['[+-]0\\d', '[+-]1[0-4]']
const OFFSETS = HOURS.flatMap((it) => [it, `${it}[0-5]\\d`, `${it}:[0-5]\\d`])
const ZONED = TIMES.flatMap((time) => ['Z', ...OFFSETS].map((zone) => time + zone))

const ISO = CLOCKS.flatMap((it) =>
  ['', '\\.\\d{1,3}'].flatMap((fraction) =>
    ['Z', ...HOURS.map((hour) => `${hour}:[0-5]\\d`)].map(
      (zone) => `T${it.slice('[T ]'.length)}:[0-5]\\d${fraction}${zone}`,
    ),
  ),
)

const DAY_LENGTH = 10
const dayOf = (item: Expr): Expr => piece(item, 1, DAY_LENGTH)
const behindDay = (item: Expr): Expr => piece(item, DAY_LENGTH + 1)

/** Is the text a day that exists? */
export const isDay = (item: Expr): Expr => matchesAny(item, DAYS)

/** An instant as ECMAScript has it, or the day that begins at it. */
export function isoInstant(item: Expr): { condition: Expr; instant: Expr } {
  const [day, rest] = [dayOf(item), behindDay(item)]
  const isMoment = or(compare(rest, '=', text('')), matchesAny(rest, ISO))
  const condition = and(isDay(day), isMoment, or(isUtc(rest), not(isEdge(item))))
  return { condition, instant: cast(utcOf(day, rest), { kind: 'timestamp' }) }
}

/** `value` only where the condition holds, since the casts in it may raise where it does not. */
const onlyIf = (term: Term, condition: Expr, value: Expr): Term =>
  computed(where(condition, value), term.is, term.node, [term], [unlessMissing(condition)])

const as = (term: Term, expr: Expr, checks: Expr[] = []): Term =>
  computed(expr, term.is, term.node, [term], checks)

export function fitDate(term: Term): Term {
  const { expr } = term
  if (expr.kind === 'date') return as(term, expr)
  if (expr.kind === 'text') {
    const midnight = and(isDay(dayOf(expr)), matchesAny(behindDay(expr), MIDNIGHT))
    return onlyIf(term, or(isDay(expr), midnight), cast(dayOf(expr), { kind: 'date' }))
  }
  if (expr.kind === 'datetime') {
    const day = cast(expr, { kind: 'date' })
    return as(term, day, [unlessMissing(compare(cast(day, { kind: 'datetime' }), '=', expr))])
  }
  return cannot(
    `the day of ${expr.kind === 'timestamp' ? 'an instant' : nameOf(term)} is JavaScript's to judge`,
    term.node,
  )
}

export function fitTimestamp(term: Term, zone: string | undefined): Term {
  const { expr } = term
  if (term.instant) return as(term, term.instant)
  if (expr.kind === 'timestamp') return as(term, expr)
  if (expr.kind === 'text') return instantOfText(term, zone)
  if (expr.kind === 'datetime' || expr.kind === 'date') {
    if (zone === 'UTC') return as(term, cast(expr, { kind: 'timestamp' }))
    return cannot(`the clocks of ${zone ?? 'an unknown zone'} are JavaScript's to judge`, term.node)
  }
  return cannot(`${nameOf(term)} is no instant`, term.node)
}

/** Without an offset only in UTC: other clocks are JavaScript's to judge. */
function instantOfText(term: Term, zone: string | undefined): Term {
  const { expr } = term
  const [day, rest] = [dayOf(expr), behindDay(expr)]
  const wall = zone === 'UTC' ? [or(compare(rest, '=', text('')), matchesAny(rest, TIMES))] : []
  const isMoment = and(isDay(day), or(...wall, matchesAny(rest, ZONED)), or(isUtc(rest), not(isEdge(expr))))
  return onlyIf(term, isMoment, cast(utcOf(day, rest), { kind: 'timestamp' }))
}

const isUtc = (rest: Expr): Expr => not(or(has(rest, '+'), has(rest, '-')))
/** An offset could lead out of the years that a column takes. */
const isEdge = (item: Expr): Expr => inList(piece(item, 1, 4), ['1000', '9999'].map(text))

const has = (item: Expr, part: string): Expr => binary('contains', item, text(part), 'boolean')
const before = (item: Expr, part: string): Expr => binary('before', item, text(part), 'text')
const after = (item: Expr, part: string): Expr => binary('after', item, text(part), 'text')

/** The wall clock of UTC at a moment of `ZONED` or `TIMES`. */
function utcOf(day: Expr, rest: Expr): Expr {
  const clock = (time: Expr): Expr => cast(concat(day, text(' '), piece(time, 2)), { kind: 'datetime' })
  const moved = (sign: '+' | '-'): Expr =>
    binary('earlier', clock(before(rest, sign)), seconds(after(rest, sign), sign), 'datetime')
  return choose(
    [
      { when: compare(rest, '=', text('')), give: cast(day, { kind: 'datetime' }) },
      { when: has(rest, '+'), give: moved('+') },
      { when: has(rest, '-'), give: moved('-') },
    ],
    clock(before(rest, 'Z')),
  )
}

const A_DAY = 86_400

/** Of `02`, `0200` or `02:00`. */
function seconds(offset: Expr, sign: '+' | '-'): Expr {
  const digits: Expr = {
    op: 'replace',
    item: offset,
    part: text(':'),
    by: text(''),
    kind: 'text',
    nullable: offset.nullable,
  }
  const whole: Expr = {
    op: 'pad',
    item: digits,
    width: 4,
    side: 'right',
    by: '0',
    kind: 'text',
    nullable: offset.nullable,
  }
  const number = (from: number, unit: number): Expr =>
    arithmetic(
      cast(piece(whole, from, 2), { kind: 'integer' }, { max: 99 }),
      '*',
      integer(sign === '+' ? unit : -unit),
      'integer',
      {
        max: A_DAY,
      },
    )
  return arithmetic(number(1, 3600), '+', number(3, 60), 'integer', { max: A_DAY })
}
