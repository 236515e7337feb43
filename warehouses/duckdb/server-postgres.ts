import { literal, quote } from '../ansi.ts'
import { MAX_32, MAX_64, whole } from '../stored.ts'
import { asIs, decimal, type ServerKind, type ServerLine, tried } from './server-kind.ts'

const asText = (column: string): string => `${column}::text`

/** Digits that a decimal(38, 10) holds; what is behind them may only be zeros. */
const FITS = `'-?[0-9]{1,28}(\\.[0-9]{1,10}0*)?'`

/**
 * Read by `COPY … (format binary)`, in which no setting of the session changes a value. Of its own accord the extension
 * makes a double of `numeric` without a precision, and 0 of NaN: so numerics come as text.
 */
const LINES: ServerLine[] = [
  [/^(?:text|character varying|name)$/, () => ({ kind: 'text' }), text],
  [/^character varying\((\d+)\)$/, ([length]) => ({ kind: 'text', ...(length && { length }) }), text],
  // The blanks are padding, which the cast drops.
  [/^character\((\d+)\)$/, ([length]) => ({ kind: 'text', ...(length && { length }) }), text],
  [/^uuid$/, () => ({ kind: 'text', length: 36, hex: true }), text],
  [/^smallint$/, whole('32768'), bigint],
  [/^integer$/, whole(MAX_32), bigint],
  [/^bigint$/, whole(MAX_64), bigint],
  [
    /^numeric\((\d+),(\d+)\)$/,
    ([precision, scale]) => ({ kind: 'decimal', precision, scale, special: false }),
    (precision, scale) => decimal(asText, precision!, scale!),
  ],
  [/^numeric$/, () => ({ kind: 'decimal', precision: 38, scale: 10, special: false }), anyNumeric],
  [/^(?:double precision|real)$/, () => ({ kind: 'double', single: false, special: true }), double],
  [/^boolean$/, () => ({ kind: 'boolean' }), () => asIs('boolean')],
  [/^date$/, () => ({ kind: 'date' }), () => asIs('date')],
  [/^timestamp(?:\(\d\))? without time zone$/, () => ({ kind: 'datetime' }), () => asIs('timestamp')],
  [/^timestamp(?:\(\d\))? with time zone$/, () => ({ kind: 'timestamp' }), () => asIs('timestamptz')],
]

function text() {
  return { type: 'varchar', there: asText }
}

function bigint() {
  return { type: 'bigint', there: (it: string) => `${it}::int8` }
}

/** A real is widened over there, as its connector does it. */
function double() {
  return { type: 'double', there: (it: string) => `${it}::float8` }
}

function anyNumeric() {
  const { type, here } = tried('decimal(38, 10)', asText)
  return {
    type,
    there: asText,
    here: (it: string) => `case when regexp_full_match(${it}, ${FITS}) then ${here!(it)} end`,
  }
}

export const postgresServer: ServerKind = {
  type: 'postgres',
  title: 'PostgreSQL',
  extension: 'postgres_scanner',
  nul: false,
  lines: LINES,
  settings: [],
  attach: ({ ssl, reader, timeoutSeconds }) =>
    [
      `sslmode=${ssl ? 'require' : 'disable'}`,
      ...(reader === undefined ? [] : [`application_name='${reader}'`]),
      ...(timeoutSeconds === undefined
        ? []
        : [`options='-c statement_timeout=${Math.trunc(timeoutSeconds * 1000)}'`]),
      'connect_timeout=10 keepalives_idle=30 keepalives_interval=10 keepalives_count=6',
    ].join(' '),
  quote,
  // Of no type of its own: it takes the column's.
  place: (_, it) => literal(it),
  comparesRows: true,
  times: true,
  holds: [],
  query: (server, sql) => `postgres_query(${literal(server)}, ${literal(sql)})`,
  sees: (mark) =>
    `select 1 as one from pg_locks where locktype = 'advisory' and granted and objsubid = 1 ` +
    `and (classid::bigint << 32 | objid::bigint) = ${mark} ` +
    `and database = (select oid from pg_database where datname = current_database())`,
}
