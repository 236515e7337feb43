import type { Expr } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import { isZone } from '../zone.ts'
import {
  and,
  cast,
  choose,
  compare,
  concat,
  decimal,
  double,
  integer,
  isMissing,
  or,
  surely,
  text,
  unary,
  unlessMissing,
  where,
} from './build.ts'
import { fitDate, fitTimestamp, isDay, isoInstant } from './fit-time.ts'
import { matchesAny } from './pattern.ts'
import { piece } from './pieces.ts'
import { cannot, computed, operand, type Term } from './term.ts'

/** `$date`, `$timestamp`, `$toMillis`, `$fromMillis`. */

/** A date or time for the functions of Polder, which take an empty text for missing. */
function filled(given: Term, name: string, read: (term: Term) => Term): Term {
  const term = operand(given)
  if (term.is === 'nothing') return term
  if (term.is !== 'text') return cannot(`$${name} reads dates and times, and this is none`, term.node)
  const { expr, checks } = term
  if (expr.kind !== 'text') return read(term)
  // No pattern of a date matches the empty text: it has no value already, and only needs no check.
  const found = read({ ...term, checks: [] })
  const isEmpty = surely(compare(expr, '=', text('')))
  return { ...found, checks: [...checks, ...found.checks.map((it) => or(isEmpty, it))] }
}

export function sayDate(given: Term, order: string | undefined, node: Node): Term {
  if (order === undefined) return { ...filled(given, 'date', fitDate), node }
  if (!Object.hasOwn(ORDERS, order)) return cannot('$date reads in the order "ymd", "dmy" or "mdy"', node)
  return filled(given, 'date', (term) => {
    if (term.expr.kind !== 'text') return cannot('$date reads only a text in an order', node)
    const day = ordered(term.expr, ORDERS[order]!)
    const condition = surely(isDay(day))
    const value = where(condition, cast(day, { kind: 'date' }))
    return computed(value, 'text', node, [term], [or(isMissing(term.expr), condition)])
  })
}

type Part = 'y' | 'm' | 'd'
const ORDERS: Record<string, [Part, Part, Part]> = {
  ymd: ['y', 'm', 'd'],
  dmy: ['d', 'm', 'y'],
  mdy: ['m', 'd', 'y'],
}
const SEPARATORS = ['-', '\\/', '\\.', ' ']

/** The text as `YYYY-MM-DD`: three groups with one kind of separator, or eight digits; NULL where it is neither. */
function ordered(item: Expr, order: [Part, Part, Part]): Expr {
  const branches = [1, 2].flatMap((month) =>
    [1, 2].map((day) => {
      const width = { y: 4, m: month, d: day }
      return {
        when: matchesAny(
          item,
          SEPARATORS.map((it) => digits(order, width).join(it)),
        ),
        give: iso(item, order, width, 1),
      }
    }),
  )
  const glued = { y: 4, m: 2, d: 2 }
  return choose([
    ...branches,
    { when: matchesAny(item, [digits(order, glued).join('')]), give: iso(item, order, glued, 0) },
  ])
}

type Widths = Record<Part, number>
const digits = (order: Part[], width: Widths): string[] => order.map((it) => `\\d{${width[it]}}`)

function iso(item: Expr, order: Part[], width: Widths, separator: 0 | 1): Expr {
  const from = (part: Part): number =>
    1 + order.slice(0, order.indexOf(part)).reduce((sum, it) => sum + width[it] + separator, 0)
  const [y, m, d] = (['y', 'm', 'd'] as const).map((part) => {
    const found = piece(item, from(part), width[part])
    return width[part] === 1 ? concat(text('0'), found) : found
  })
  return concat(y!, text('-'), m!, text('-'), d!)
}

export function sayTimestamp(given: Term, zone: string | undefined, node: Node): Term {
  if (zone !== undefined && !isZone(zone)) return cannot(`there is no time zone "${zone}"`, node)
  return { ...filled(given, 'timestamp', (term) => fitTimestamp(term, zone)), node }
}

/** Milliseconds since 1970, of what JSONata and every engine read alike. */
export function sayToMillis(given: Term, node: Node): Term {
  const term = operand(given)
  if (term.is === 'nothing') return { ...term, node }
  if (term.is !== 'text') return cannot('$toMillis takes a text', node)
  const { expr } = term
  if (expr.kind !== 'text' && expr.kind !== 'timestamp')
    return cannot('$toMillis reads a time without a zone by the clock of this machine', node)
  const facts = { max: LAST, least: 1, scale: 0 }
  if (expr.kind === 'timestamp')
    return computed(unary('toMillis', expr, 'integer', facts), 'number', node, [term])
  const { condition, instant } = isoInstant(expr)
  const value = where(condition, unary('toMillis', instant, 'integer', facts))
  return computed({ ...value, ...facts }, 'number', node, [term], [unlessMissing(condition)])
}

/** The years 1000 to 9999. */
const FIRST = -30_610_224_000_000
const LAST = 253_402_300_799_999

/** Where its digits stand in `2024-02-29T12:34:56.789`. */
const PICTURE: Record<string, [from: number, length: number]> = {
  Y0001: [1, 4],
  Y: [1, 4],
  M01: [6, 2],
  D01: [9, 2],
  H01: [12, 2],
  m01: [15, 2],
  m: [15, 2],
  s01: [18, 2],
  s: [18, 2],
  f001: [21, 3],
}

/** A whole number of milliseconds as text, by JSONata's picture or as ISO 8601 in UTC. */
export function sayFromMillis(of: Term, picture: string | undefined, node: Node): Term {
  const { expr } = of
  const limit = (at: number): Expr =>
    expr.kind === 'double' ? double(at) : expr.kind === 'decimal' ? decimal(String(at)) : integer(at)
  const isWhole = expr.kind === 'integer' ? [] : [compare(unary('floor', expr, expr.kind), '=', expr)]
  const condition = and(compare(expr, '>=', limit(FIRST)), compare(expr, '<=', limit(LAST)), ...isWhole)
  const count = expr.kind === 'integer' ? expr : cast(expr, { kind: 'integer' })
  const clock = unary('ofMillis', count, 'datetime')
  const digits = unary('text', clock, 'text', { ascii: true, bytes: 26 })
  const parts = picture === undefined ? [piece(digits, 1, 23), text('Z')] : pictured(picture, digits, node)
  const said = computed(where(condition, concat(...parts)), 'text', node, [of], [unlessMissing(condition)])
  if (picture !== undefined) return said
  return { ...said, instant: where(condition, cast(clock, { kind: 'timestamp' })) }
}

function pictured(picture: string, digits: Expr, node: Node): Expr[] {
  const parts = picture.split(/\[([^\][]*)\]/)
  if (parts.some((it, at) => at % 2 === 0 && /[\][]/.test(it)))
    return cannot('this picture has no form in SQL', node)
  return parts.map((it, at) => {
    if (at % 2 === 0) return text(it)
    const place = Object.hasOwn(PICTURE, it)
      ? PICTURE[it]!
      : cannot(`"[${it}]" of the picture has no form in SQL`, node)
    return piece(digits, ...place)
  })
}
