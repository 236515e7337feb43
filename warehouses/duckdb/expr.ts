/** Expressions in DuckDB 1.5. Source: https://duckdb.org/docs/stable/sql/functions/overview */
import type { CastType, Expr, SqlKind } from '../../core/expr.ts'
import { literal as plainLiteral, quote } from '../ansi.ts'
import { type Forms, printer } from '../print.ts'
import { MAX_64 } from '../stored.ts'

const TYPES: Record<SqlKind, string> = {
  text: 'varchar',
  integer: 'bigint',
  decimal: 'decimal(38, 18)',
  double: 'double',
  boolean: 'boolean',
  date: 'date',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
}

/** No literal holds U+0000. */
function text(value: string): string {
  if (!value.includes('\0')) return plainLiteral(value)
  return `(${value.split('\0').map(plainLiteral).join(' || chr(0) || ')})`
}

const INSTANT = `'%Y-%m-%dT%H:%M:%S.%f'`

/** Microseconds since 1970: what a cast of an instant would print depends on the session's zone. */
const utc = (sql: string): string => `make_timestamp(epoch_us(${sql}))`

function canonicalText(sql: string, { kind, scale }: Expr): string {
  if (kind === 'decimal')
    return scale === 0 ? `cast(${sql} as varchar)` : `rtrim(rtrim(cast(${sql} as varchar), '0'), '.')`
  if (kind === 'date') return `strftime(${sql}, '%Y-%m-%d')`
  if (kind === 'datetime') return `strftime(${sql}, ${INSTANT})`
  if (kind === 'timestamp') return `(strftime(${utc(sql)}, ${INSTANT}) || 'Z')`
  return `cast(${sql} as varchar)`
}

function finiteTest(sql: string, { kind }: Expr): string {
  if (kind === 'double') return `isfinite(${sql})`
  if (kind === 'decimal') return `(${sql} is not null)`
  const zone = kind === 'timestamp' ? '+00' : ''
  const limit = (at: string) => `cast('${at}${zone}' as ${TYPES[kind]})`
  if (kind === 'date') return `(${sql} between ${limit('1000-01-01')} and ${limit('9999-12-31')})`
  return `(${sql} between ${limit('1000-01-01 00:00:00')} and ${limit('9999-12-31 23:59:59.999999')})`
}

/** `try_cast` raises nothing, wherever the optimiser puts it. */
function cast(sql: string, to: CastType, item: Expr): string {
  if (to.kind === 'decimal') return `try_cast(${sql} as decimal(${to.precision}, ${to.scale}))`
  // From microsecond to microsecond: a cast would read the session's zone, and a text costs twenty times as much.
  if (to.kind === 'timestamp' && item.kind !== 'text')
    return `make_timestamptz(epoch_us(cast(${sql} as timestamp)))`
  return `try_cast(${sql} as ${TYPES[to.kind]})`
}

const forms: Forms = {
  column: (name, stored) => {
    if (stored.kind === 'text') return `cast(${quote(name)} as varchar)`
    // Its own arithmetic would leave its range.
    return stored.kind === 'integer' && stored.max !== MAX_64 ? `cast(${quote(name)} as bigint)` : quote(name)
  },
  literal: {
    text,
    integer: (value) => `cast(${value} as bigint)`,
    decimal: (value) => `(${value})`,
    double: (value) => `cast('${value}' as double)`,
    // A decimal takes the scale of what stands beside it.
    nothing: (kind) => (kind === 'decimal' ? 'null' : `cast(null as ${TYPES[kind]})`),
  },
  unary: {
    length: (sql) => `length(${sql})`,
    bytes: (sql) => `strlen(${sql})`,
    isAscii: (sql) => `(strlen(${sql}) = length(${sql}))`,
    lower: (sql) => `lower(${sql})`,
    upper: (sql) => `upper(${sql})`,
    squeeze: (sql) => `trim(regexp_replace(${sql}, '[ \\t\\n\\r]+', ' ', 'g'), ' ')`,
    sha256: (sql) => `sha256(${sql})`,
    text: canonicalText,
    // A decimal is divided by a power of ten on the way; its text is read exactly.
    toDouble: (sql, { kind }) =>
      kind === 'decimal' ? `cast(cast(${sql} as varchar) as double)` : `cast(${sql} as double)`,
    negate: (sql) => `(- ${sql})`,
    abs: (sql) => `abs(${sql})`,
    floor: (sql) => `floor(${sql})`,
    ceil: (sql) => `ceil(${sql})`,
    round: (sql) => `round_even(${sql}, 0)`,
    sqrt: (sql) => `sqrt(${sql})`,
    // Counted from the year 1000: of what is below zero the division cuts off upwards.
    toMillis: (sql) => `((epoch_us(${sql}) + 30610224000000000) // 1000 - 30610224000000)`,
    ofMillis: (sql) => `make_timestamp(${sql} * 1000)`,
    isFinite: finiteTest,
  },
  binary: {
    contains: (sql, part) => `contains(${sql}, ${part})`,
    before: (sql, part) => `split_part(${sql}, ${part}, 1)`,
    after: (sql, part) =>
      `(case when contains(${sql}, ${part}) then substr(${sql}, strpos(${sql}, ${part}) + length(${part})) else ${sql} end)`,
    power: (sql, exponent) => `pow(${sql}, ${exponent})`,
    earlier: (sql, seconds) => `(${sql} - to_seconds(${seconds}))`,
  },
  arithmetic: (left, operator, right) => `(${left} ${operator} ${right})`,
  concat: (parts) => `(${parts.join(' || ')})`,
  bytewise: (sql) => sql,
  substring: (sql, from, length) => `substr(${sql}, ${from}${length === undefined ? '' : `, ${length}`})`,
  right: (sql, count) => `right(${sql}, ${count})`,
  replace: (sql, part, by) => `replace(${sql}, ${part}, ${by})`,
  replacePattern: (sql, pattern, by) => `regexp_replace(${sql}, ${pattern}, ${by}, 'g')`,
  matches: (sql, pattern) => `regexp_matches(${sql}, ${pattern})`,
  // Half the work of a test for each; `is not true` would cost a fifth more.
  noNul: (texts) =>
    `(case when ${texts.map((it) => `contains(${it}, chr(0))`).join(' or ')} then false else true end)`,
  ends: ['\\A', '\\z'],
  pad: (sql, side, width, by) =>
    `(case when length(${sql}) >= ${width} then ${sql} else ${side === 'left' ? 'lpad' : 'rpad'}(${sql}, ${width}, ${by}) end)`,
  fitsScale: (sql, scale) => `(round(${sql}, ${scale}) = ${sql})`,
  // Rounded away from zero first; a half that came to an odd digit goes back.
  roundDecimal: (sql, scale) => {
    const away = `round(${sql}, ${scale})`
    const unit = scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`
    const isHalf = `abs(${sql} - ${away}) = 0.${'0'.repeat(scale)}5`
    const isOdd = `cast(${away} * 1${'0'.repeat(scale)} as hugeint) % 2 <> 0`
    return `(case when ${isHalf} and ${isOdd} then ${away} - sign(${sql}) * ${unit} else ${away} end)`
  },
  shift: (sql, places) => `try_cast(cast(${sql} as varchar) || 'e${places}' as double)`,
  unshift: (sql, places) =>
    places === 0
      ? `cast(cast(${sql} as bigint) as decimal(19, 0))`
      : `(cast(cast(${sql} as bigint) as decimal(19, 0)) * cast(1e-${places} as decimal(${places}, ${places})))`,
  cast,
  dependsOnSession: () => false,
}

export const print = printer(forms)
