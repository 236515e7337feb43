/**
 * Expressions in PostgreSQL 13+, for a database in UTF8.
 * Source: https://www.postgresql.org/docs/current/functions.html
 */
import type { CastType, Expr, JsonGiven, SqlKind } from '../../core/expr.ts'
import { literal as plainLiteral, quote } from '../ansi.ts'
import { type Forms, printer } from '../print.ts'
import { MAX_64 } from '../stored.ts'

const TYPES: Record<SqlKind, string> = {
  text: 'text',
  integer: 'bigint',
  decimal: 'numeric',
  double: 'float8',
  boolean: 'boolean',
  date: 'date',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
}

/** A backslash means itself only where standard_conforming_strings is on; in E'' it never does. */
function text(value: string): string | undefined {
  if (value.includes('\0')) return undefined
  return value.includes('\\') ? `E${plainLiteral(value.replaceAll('\\', '\\\\'))}` : plainLiteral(value)
}

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.US'`

/** `to_char` with digits only reads no setting; a cast to text reads DateStyle. */
function canonicalText(sql: string, item: Expr): string {
  const { kind } = item
  if (kind === 'decimal') return `(trim_scale(${sql})::text)`
  if (kind === 'date') return `to_char(${sql}, 'YYYY-MM-DD')`
  if (kind === 'datetime') return `to_char(${sql}, ${INSTANT})`
  if (kind === 'timestamp') return `(to_char(${sql} at time zone 'UTC', ${INSTANT}) || 'Z')`
  // Its digits are the same in whatever width, and a cast less is made for every row.
  if (kind === 'integer' && item.op === 'column') return `(${quote(item.name)}::text)`
  return `(${sql}::text)`
}

/** NaN is larger than infinity here. */
function finiteTest(sql: string, { kind }: Expr): string {
  if (kind === 'double') return `(${sql} > '-Infinity'::float8 and ${sql} < 'Infinity'::float8)`
  if (kind === 'decimal') return `(${sql} between -1e290 and 1e290 and scale(${sql}) <= 90)`
  const [least, most] = yearsOf(kind)
  return `(${sql} between ${least} and ${most})`
}

/** The first and the last moment of the years 1000 to 9999. */
function yearsOf(kind: SqlKind): [least: string, most: string] {
  if (kind === 'date') return [`date '1000-01-01'`, `date '9999-12-31'`]
  const zone = kind === 'timestamp' ? '+00' : ''
  const limit = (at: string) => `'${at}${zone}'::${TYPES[kind]}`
  return [limit('1000-01-01 00:00:00'), limit('9999-12-31 23:59:59.999999')]
}

/** In fewer steps of the executor, which every row of a view goes through. */
function isNotFalse(test: Expr, print: (it: Expr) => string): string | undefined {
  if (test.op !== 'unary' || test.name !== 'isFinite') return undefined
  const { item } = test
  if (item.kind === 'double' || item.kind === 'decimal') return undefined
  const [least, most] = yearsOf(item.kind)
  const sql = print(item)
  return `((${sql} < ${least} or ${sql} > ${most}) is not true)`
}

function cast(sql: string, to: CastType, item: Expr): string {
  if (to.kind === 'decimal') return `(${sql}::numeric(${to.precision}, ${to.scale}))`
  if (to.kind === 'timestamp' && item.kind !== 'text') return `(${sql}::timestamp at time zone 'UTC')`
  return `(${sql}::${TYPES[to.kind]})`
}

function json(column: string, path: string[], give: JsonGiven): string {
  const member = `(${[quote(column), ...path].join(' -> ')})`
  const ofType = (type: string, value: string) =>
    `(case when jsonb_typeof(${member}) = '${type}' then ${value} end)`
  if (give === 'type') return `(jsonb_typeof(${member}) collate "C")`
  if (give === 'number') return ofType('number', `(${member} #>> '{}')::numeric`)
  if (give === 'count') {
    const items = `jsonb_array_elements(${ofType('array', member)}) as items (item)`
    return ofType('array', `(select count(*) from ${items} where jsonb_typeof(item) <> 'null')`)
  }
  if (give === 'boolean') return ofType('boolean', `(${member} = 'true'::jsonb)`)
  return `(${ofType('string', `(${member} #>> '{}')`)} collate "C")`
}

/** A decimal that no double can be near raises. */
const inRange = ({ kind, max }: Expr, sql: string, value: string): string =>
  kind === 'decimal' && max === undefined
    ? `(case when ${sql} between -1e290 and 1e290 and scale(${sql}) <= 90 then ${value} end)`
    : value

const forms: Forms = {
  column: (name, stored) => {
    const column = quote(name)
    // Its own arithmetic would leave its range.
    if (stored.kind === 'integer' && stored.max !== MAX_64) return `(${column}::bigint)`
    if (stored.kind !== 'text') return column
    // The cast drops the blanks that fill a char(n), and they are part of its value.
    const value = stored.padded ? `rpad(${column}::text, ${stored.padded})` : `${column}::text`
    return `(${value} collate "C")`
  },
  json,
  literal: {
    text,
    integer: (value) => `('${value}'::bigint)`,
    decimal: (value) => `('${value}'::numeric)`,
    double: (value) => `('${value}'::float8)`,
    nothing: (kind) => `(null::${TYPES[kind]})`,
  },
  unary: {
    length: (sql) => `(char_length(${sql})::bigint)`,
    bytes: (sql) => `(octet_length(${sql})::bigint)`,
    isAscii: (sql) => `(octet_length(${sql}) = char_length(${sql}))`,
    lower: (sql) => `lower(${sql} collate "C")`,
    upper: (sql) => `upper(${sql} collate "C")`,
    squeeze: (sql) => `btrim(regexp_replace(${sql}, E'[ \\t\\n\\r]+', ' ', 'g'), ' ')`,
    sha256: (sql) => `encode(sha256(convert_to(${sql}, 'UTF8')), 'hex')`,
    text: canonicalText,
    toDouble: (sql, item) => inRange(item, sql, `(${sql}::float8)`),
    negate: (sql) => `(- ${sql})`,
    abs: (sql) => `abs(${sql})`,
    floor: (sql) => `floor(${sql})`,
    ceil: (sql) => `ceil(${sql})`,
    round: (sql) => `round(${sql})`,
    sqrt: (sql) => `sqrt(${sql})`,
    toMillis: (sql) => `(round(extract(epoch from date_trunc('milliseconds', ${sql})) * 1000)::bigint)`,
    // In two steps: an interval of so many milliseconds would be rounded.
    ofMillis: (sql) =>
      `(timestamp '1970-01-01' + (${sql} / 1000) * interval '1 second' + (${sql} % 1000) * interval '1 millisecond')`,
    isFinite: finiteTest,
  },
  isNotFalse,
  binary: {
    contains: (sql, part) => `(strpos(${sql}, ${part}) > 0)`,
    before: (sql, part) => `split_part(${sql}, ${part}, 1)`,
    after: (sql, part) =>
      `(case when strpos(${sql}, ${part}) > 0 then substr(${sql}, strpos(${sql}, ${part}) + char_length(${part})) else ${sql} end)`,
    power: (sql, exponent) => `power(${sql}, ${exponent})`,
    earlier: (sql, seconds) => `(${sql} - ${seconds} * interval '1 second')`,
  },
  arithmetic: (left, operator, right) => `(${left} ${operator} ${right})`,
  concat: (parts) => `(${parts.join(' || ')})`,
  bytewise: (sql) => `(${sql} collate "C")`,
  substring: (sql, from, length) => `substr(${sql}, ${from}${length === undefined ? '' : `, ${length}`})`,
  right: (sql, count) => `right(${sql}, ${count})`,
  replace: (sql, part, by) => `replace(${sql}, ${part}, ${by})`,
  replacePattern: (sql, pattern, by) => `regexp_replace(${sql}, ${pattern}, ${by}, 'g')`,
  matches: (sql, pattern) => `(${sql} ~ ${pattern})`,
  noNul: () => undefined,
  ends: ['^', '$'],
  pad: (sql, side, width, by) =>
    `(case when char_length(${sql}) >= ${width} then ${sql} else ${side === 'left' ? 'lpad' : 'rpad'}(${sql}, ${width}, ${by}) end)`,
  fitsScale: (sql, scale) => `(round(${sql}, ${scale}) = ${sql})`,
  roundDecimal: (sql, scale) =>
    `(case when abs(${sql} - trunc(${sql}, ${scale})) = '5e-${scale + 1}'::numeric and mod(trunc(${sql}, ${scale}) * '1e${scale}'::numeric, 2) = 0 then trunc(${sql}, ${scale}) else round(${sql}, ${scale}) end)`,
  shift: (sql, places, item) => inRange(item, sql, `((${sql}::text || 'e${places}')::float8)`),
  unshift: (sql, places) => `(${sql}::bigint::numeric * '1e-${places}'::numeric)`,
  cast,
  // The text of a double has as many digits as extra_float_digits says.
  dependsOnSession: (expr) => expr.op === 'shift' && expr.item.kind === 'double',
}

export const print = printer(forms)
