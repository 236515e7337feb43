import type { Stored } from '../../core/expr.ts'
import { literal } from '../ansi.ts'
import { MAX_32, MAX_64, whole } from '../stored.ts'
import { asIs, decimal, type ServerKind, type ServerLine, tried } from './server-kind.ts'

const asText = (column: string): string => `cast(${column} as char)`
const bigint = () => ({ type: 'bigint', there: (it: string) => `cast(${it} as signed)` })
const text = () => asIs('varchar')

/**
 * Read by the protocol of prepared statements. Of its own accord the extension makes NULL of a zero date, a boolean of
 * `tinyint(1)` and a double of a decimal with more than 38 digits, and fails on days that their month does not have.
 */
const LINES: ServerLine[] = [
  [/^(?:tiny|medium|long)?text$/, () => ({ kind: 'text' }), text],
  [/^(?:var)?char\((\d+)\)$/, ([length]) => ({ kind: 'text', ...(length && { length }) }), text],
  [/^(?:enum|set)\(.*\)$/, () => ({ kind: 'text' }), text],
  [/^(?:tinyint|smallint|mediumint)(?:\(\d+\))?(?: unsigned)?$/, whole('16777216'), bigint],
  [/^int(?:\(\d+\))?$/, whole(MAX_32), bigint],
  [/^int(?:\(\d+\))? unsigned$/, whole('4294967295'), bigint],
  [/^bigint(?:\(\d+\))?$/, whole(MAX_64), bigint],
  [/^bigint(?:\(\d+\))? unsigned$/, whole(MAX_64), () => tried('bigint', asText)],
  [
    /^decimal\((\d+),(\d+)\)(?: unsigned)?$/,
    ([precision, scale]) => ({ kind: 'decimal', precision, scale, special: false }),
    (precision, scale) => decimal(asText, precision!, scale!),
  ],
  [/^(?:double|float)(?: unsigned)?$/, () => ({ kind: 'double', single: false, special: false }), double],
  [/^date$/, () => ({ kind: 'date' }), () => tried('date', asText)],
  [/^datetime(?:\(\d\))?$/, () => ({ kind: 'datetime' }), () => tried('timestamp', asText)],
  [/^timestamp(?:\(\d\))?$/, () => ({ kind: 'timestamp' }), () => tried('timestamptz', asText, ` || '+00'`)],
]

/** A float is widened over there, as its connector does it. */
function double() {
  return { type: 'double', there: (it: string) => `${it} + 0e0` }
}

/** A position's text, which is a number, a day or a moment, has neither quotes nor backslashes. */
function place({ kind }: Stored, text: string): string {
  const plain = text.replace('T', ' ').replace('Z', '').replace(/['\\]/g, '')
  if (kind === 'date') return `cast('${plain}' as date)`
  if (kind === 'datetime' || kind === 'timestamp') return `cast('${plain}' as datetime(6))`
  return /^-?\d+(?:\.\d+)?$/.test(plain) ? plain : 'null'
}

export const mysqlServer: ServerKind = {
  type: 'mysql',
  title: 'MySQL and MariaDB',
  extension: 'mysql_scanner',
  nul: true,
  lines: LINES,
  settings: [`set global mysql_session_time_zone = '+00:00'`],
  attach: ({ ssl }) => `ssl_mode=${ssl ? 'required' : 'disabled'}`,
  quote: (name) => `\`${name.replaceAll('`', '``')}\``,
  place,
  comparesRows: false,
  times: false,
  holds: [`@@session.time_zone = '+00:00'`, `find_in_set('PAD_CHAR_TO_FULL_LENGTH', @@session.sql_mode) = 0`],
  query: (server, sql) => `mysql_query(${literal(server)}, ${literal(sql)}, stream_results := true)`,
  sees: (mark) => `select is_used_lock('polder ${mark}') as one having one is not null`,
}
