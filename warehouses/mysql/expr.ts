/**
 * Expressions in MariaDB 10.6+ (tested on 10.11). MySQL 8 says some of them differently: its regular expressions are
 * ICU's, and none of this was run there.
 * Source: https://mariadb.com/kb/en/built-in-functions/
 */
import type { CastType, Expr } from '../../core/expr.ts'
import { type Forms, printer } from '../print.ts'
import { liesOf } from '../stored.ts'
import { collation, columnInText, type Flavour, quote } from './dialect.ts'

/** As hexadecimal digits where sql_mode or the connection's character set could read it otherwise. */
const bare = (value: string): string =>
  /^[ -~]*$/.test(value) && !value.includes('\\')
    ? `_utf8mb4'${value.replaceAll("'", "''")}'`
    : `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`

const EPOCH = `timestamp'1970-01-01 00:00:00.000000'`
/** `to_days` of its first day. */
const YEAR_1000 = 365_243
const INSTANT = `'%Y-%m-%dT%H:%i:%s.%f'`

/**
 * `to_days` gives nothing for a month or a day 0, and one call of it costs less than three comparisons. No type goes beyond
 * the year 9999. A session may let days in that do not exist, as 31 February; 28 days exist in every month.
 */
function finiteTest(column: string, item: Expr): string {
  const { kind } = item
  // Behind coalesce no index is seen: one index serves a query, and this test is true of nearly all rows.
  const sql = item.op === 'column' && liesOf(item.stored)?.indexed ? `coalesce(${column})` : column
  if (kind === 'double' || kind === 'decimal') return `(${sql} is not null)`
  // An instant begins a second later, and this is what a zero one counts as.
  if (kind === 'timestamp') return `(${sql} > timestamp'1970-01-01 00:00:00')`
  const exists = `(dayofmonth(${sql}) < 29 or dayofmonth(${sql}) <= dayofmonth(last_day(${sql})))`
  return `ifnull(to_days(${sql}) >= ${YEAR_1000} and ${exists}, ${sql} is null)`
}

function cast(sql: string, to: CastType): string {
  switch (to.kind) {
    case 'integer':
      return `cast(${sql} as signed)`
    case 'double':
      return `(${sql} + 0e0)`
    case 'decimal':
      return `cast(${sql} as decimal(${to.precision}, ${to.scale}))`
    case 'date':
      return `cast(${sql} as date)`
    default:
      return `cast(${sql} as datetime(6))`
  }
}

const double = (value: number): string => {
  const digits = String(value)
  return `(${digits.includes('e') ? digits : `${digits}e0`})`
}

function mysqlForms(flavour: Flavour): Forms {
  const collate = ` collate ${collation(flavour)})`
  const text = (value: string): string => `(${bare(value)}${collate}`
  const bytewise = (sql: string): string =>
    sql.endsWith(collate) ? sql : `(convert(${sql} using utf8mb4)${collate}`
  /** What lies in utf8mb4 as it is: a conversion would copy it. */
  const collated = (sql: string): string => `(${sql}${collate}`
  // default_regex_flags may make every repetition a lazy one; MySQL has no such setting, and no such option.
  const greedy = flavour === 'mariadb' ? '(?-U)' : ''

  function canonicalText(given: string, item: Expr): string {
    const { kind, scale } = item
    // Its digits are the same in whatever width, and a cast less is made for every row.
    const sql = item.op === 'column' && kind === 'integer' ? quote(item.name) : given
    if (kind === 'boolean') return bytewise(`(case when ${sql} then 'true' when not ${sql} then 'false' end)`)
    if (kind === 'date') return bytewise(`date_format(${sql}, '%Y-%m-%d')`)
    if (kind === 'datetime') return bytewise(`date_format(${sql}, ${INSTANT})`)
    if (kind === 'timestamp') return bytewise(`concat(date_format(${sql}, ${INSTANT}), 'Z')`)
    const plain = `cast(${sql} as char)`
    if (kind !== 'decimal' || scale === 0) return collated(`cast(${sql} as char character set utf8mb4)`)
    return bytewise(`trim(trailing '.' from trim(trailing '0' from ${plain}))`)
  }

  // A byte 0 is never a part of another character of UTF-8, and bytes are searched four times as fast.
  const noByte = (sql: string): string => `(locate(x'00', convert(${sql} using binary)) = 0)`

  function noNul(texts: string[]): string {
    const each = texts.map((it) => `(${noByte(it)} is not false)`).join(' and ')
    if (texts.length === 1) return each
    // NULL where all together are longer than max_allowed_packet.
    return `coalesce(${noByte(`concat_ws(${text('')}, ${texts.join(', ')})`)}, ${each})`
  }

  return {
    column: (name, stored) => {
      const column = quote(name)
      if (stored.kind === 'text') {
        // A stored char has no blanks at its end, whatever sql_mode shows.
        const sql = stored.fixed ? `trim(trailing ${bare(' ')} from ${column})` : column
        return stored.utf8 ? collated(sql) : bytewise(sql)
      }
      if (liesOf(stored)) return column
      // Counted from 1970, since its clock is that of the session's zone.
      if (stored.kind === 'timestamp')
        return `timestampadd(microsecond, cast(unix_timestamp(${column}) * 1000000 as signed), ${EPOCH})`
      // Unsigned numbers below zero would raise.
      return stored.kind === 'integer' && Number(stored.max) < 2 ** 63 ? `cast(${column} as signed)` : column
    },
    literal: {
      text,
      integer: (value) => `(${value})`,
      decimal: (value) => `(${value})`,
      double,
      nothing: () => 'null',
    },
    unary: {
      length: (sql) => `char_length(${sql})`,
      bytes: (sql) => `octet_length(${sql})`,
      isAscii: (sql) => `(octet_length(${sql}) = char_length(${sql}))`,
      lower: (sql) => `lower(${sql})`,
      upper: (sql) => `upper(${sql})`,
      squeeze: (sql) =>
        `trim(both ${text(' ')} from regexp_replace(${bytewise(sql)}, ${text(`${greedy}[ \t\n\r]+`)}, ${text(' ')}))`,
      sha256: (sql) => bytewise(`sha2(${sql}, 256)`),
      text: canonicalText,
      toDouble: (sql) => `(${sql} + 0e0)`,
      negate: (sql) => `(- ${sql})`,
      abs: (sql) => `abs(${sql})`,
      floor: (sql) => `floor(${sql})`,
      ceil: (sql) => `ceiling(${sql})`,
      round: (sql) => `round(${sql})`,
      sqrt: (sql) => `sqrt(${sql})`,
      // Counted from the year 1000: of what is below zero the division cuts off upwards.
      toMillis: (sql) =>
        `(timestampdiff(microsecond, timestamp'1000-01-01 00:00:00', ${sql}) div 1000 - 30610224000000)`,
      ofMillis: (sql) => `timestampadd(microsecond, ${sql} * 1000, ${EPOCH})`,
      isFinite: finiteTest,
    },
    binary: {
      contains: (sql, part) => `(locate(${part}, ${bytewise(sql)}) > 0)`,
      before: (sql, part) => `substring_index(${bytewise(sql)}, ${part}, 1)`,
      after: (sql, part) =>
        `(case when locate(${part}, ${bytewise(sql)}) > 0 then substring(${sql}, locate(${part}, ${bytewise(sql)}) + char_length(${part})) else ${sql} end)`,
      power: (sql, exponent) => `pow(${sql}, ${exponent})`,
      earlier: (sql, seconds) => `timestampadd(second, - ${seconds}, ${sql})`,
    },
    arithmetic: (left, operator, right) => `(${left} ${operator} ${right})`,
    concat: (parts) => {
      // Beside a text a number becomes one by itself; made one first, it would be copied once more.
      const bare = parts.map((it) => columnInText(it) ?? it)
      const all = bare.some((it) => it.endsWith(collate)) ? bare : parts
      return (parts.every((it) => it.endsWith(collate)) ? collated : bytewise)(`concat(${all.join(', ')})`)
    },
    bytewise,
    substring: (sql, from, length) =>
      `substring(${sql}, ${from}${length === undefined ? '' : `, ${length}`})`,
    right: (sql, count) => `right(${sql}, ${count})`,
    replace: (sql, part, by) => `replace(${bytewise(sql)}, ${part}, ${by})`,
    replacePattern: (sql, pattern, by) =>
      `regexp_replace(${bytewise(sql)}, ${greedy === '' ? pattern : `concat(${text(greedy)}, ${pattern})`}, ${by})`,
    matches: (sql, pattern) => `(${bytewise(sql)} regexp ${pattern})`,
    noNul,
    // default_regex_flags may let ^ and $ stand at every line.
    ends: ['\\A', '\\z'],
    pad: (sql, side, width, by) =>
      `(case when char_length(${sql}) >= ${width} then ${sql} else ${side === 'left' ? 'lpad' : 'rpad'}(${sql}, ${width}, ${by}) end)`,
    fitsScale: (sql, scale) => `(round(${sql}, ${scale}) = ${sql})`,
    // abs: -2 mod 2 is -0 here, which is not equal to 0.
    roundDecimal: (sql, scale) =>
      `(case when abs(${sql} - truncate(${sql}, ${scale})) = 0.${'0'.repeat(scale)}5 and mod(abs(truncate(${sql}, ${scale})) * 1${'0'.repeat(scale)}, 2) = 0 then truncate(${sql}, ${scale}) else round(${sql}, ${scale}) end)`,
    shift: (sql, places) => `(concat(cast(${sql} as char), 'e${places}') + 0e0)`,
    unshift: (sql, places) =>
      places === 0 ? `cast(${sql} as signed)` : `(cast(${sql} as signed) * 0.${'0'.repeat(places - 1)}1)`,
    cast,
    dependsOnSession: () => false,
  }
}

export const printFor = (flavour: Flavour) => printer(mysqlForms(flavour))
