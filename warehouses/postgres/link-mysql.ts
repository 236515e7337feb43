import type { ColumnFacts, Stored } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { ServerAddress } from '../../core/reach.ts'
import type { Connection } from '../engine.ts'
import { none } from '../links.ts'
import { factsOf, MAX_64, type TypeLine, whole } from '../stored.ts'
import { maxNameBytes, postgres } from './dialect.ts'
import type { Link } from './link-steps.ts'
import type { LinkColumn, Wrapper } from './link-wrapper.ts'

/**
 * mysql_fdw, as its version 2.8 was seen to behave on MariaDB. Left to itself it
 * - sends conditions and sums to the server, whose collations take 'a', 'A' and 'a ' as equal and where 3 / 2 is 1.5;
 * - cuts texts at U+0000;
 * - ends a result, without an error, at a value of more than 8192 bytes in a column that it reads as bytes;
 * - fails the query at a zero date, and prints doubles with 15 digits.
 * So nothing but a list of columns is sent. Text comes as bytes where it cannot be that long, else not at all; dates come
 * as text. Both are made values here, and a column beside each tells the rows where that does not give what the source
 * holds. Doubles are not read.
 * Source: https://github.com/EnterpriseDB/mysql_fdw
 */
export const mysqlWrapper: Wrapper = {
  extension: 'mysql_fdw',
  package: 'mysql_fdw (Debian: postgresql-15-mysql-fdw)',
  userOption: 'username',
  refuses({ user, ssl }) {
    if (user === undefined) return none('the connection names no account for a link to use')
    // It encrypts where it is given certificates, and has no word for "or not at all".
    return ssl
      ? none('mysql_fdw cannot be told to insist on encryption, which the connection asks for')
      : undefined
  },
  server: ({ host, port }) => ({
    host,
    port: String(port),
    init_command: `set time_zone = '+00:00'`,
    character_set: 'utf8mb4',
    fetch_size: '10000',
  }),
  table: ({ schema, name }) => ({ dbname: schema, table_name: name }),
  columns,
  relation,
  warnings: () => [],
  sees,
}

/** How a column is declared, and what makes a value of it; without `value` it is one. */
interface Form {
  declared: string
  value?(column: string): string
  /** True where `value` gives what the source holds; NULL where that is NULL. */
  sound?(column: string): string
}

const bytes: Form = {
  declared: 'bytea',
  value: (it) => `case when position('\\x00'::bytea in ${it}) = 0 then convert_from(${it}, 'UTF8') end`,
  sound: (it) => `position('\\x00'::bytea in ${it}) = 0`,
}

/** A cast fails on a day that its month does not have, which MySQL may hold. */
function isDay(it: string): string {
  const [year, month, day] = [
    `substr(${it}, 1, 4)::int`,
    `substr(${it}, 6, 2)::int`,
    `substr(${it}, 9, 2)::int`,
  ]
  const last = `extract(day from make_date(${year}, ${month}, 1) + interval '1 month -1 day')`
  return (
    `case when ${it} ~ '^[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]' and ${it} >= '0001' collate "C" ` +
    `then ${day} between 1 and ${last} else ${it} is null end`
  )
}

const timed = (type: string, more = ''): Form => ({
  declared: 'text collate "POSIX"',
  value: (it) => `case when ${isDay(it)} then ${it}::${type}${more} end`,
  sound: isDay,
})

/** May lie above what a bigint holds. */
const unsigned: Form = {
  declared: 'numeric(20)',
  value: (it) => `case when ${it} < ${MAX_64} then ${it}::bigint end`,
  sound: (it) => `${it} < ${MAX_64}`,
}

const text = (): Stored => ({ kind: 'text' })
const short: TypeLine[1] = ([length]) => ({ kind: 'text', ...(length && { length }) })
const LINES: [pattern: RegExp, stored: TypeLine[1], form: Form][] = [
  // 2048 characters of four bytes are what it reads at most.
  [/^(?:var)?char\((\d{1,3}|1\d{3}|20[0-3]\d|204[0-8])\)$/, short, bytes],
  [/^tinytext$/, text, bytes],
  [/^enum\(.*\)$/, text, bytes],
  [/^(?:tinyint|smallint)(?:\(\d+\))?$/, whole('32768'), { declared: 'smallint' }],
  [/^(?:tinyint|smallint|mediumint)(?:\(\d+\))?(?: unsigned)?$/, whole('16777216'), { declared: 'integer' }],
  [/^int(?:\(\d+\))?$/, whole('2147483648'), { declared: 'integer' }],
  [/^int(?:\(\d+\))? unsigned$/, whole('4294967295'), { declared: 'bigint' }],
  [/^bigint(?:\(\d+\))?$/, whole(MAX_64), { declared: 'bigint' }],
  [/^bigint(?:\(\d+\))? unsigned$/, whole(MAX_64), unsigned],
  [
    /^decimal\((\d+),(\d+)\)(?: unsigned)?$/,
    ([precision, scale]) => ({ kind: 'decimal', precision, scale, special: false }),
    { declared: 'numeric' },
  ],
  [/^date$/, () => ({ kind: 'date' }), timed('date')],
  [/^datetime(?:\(\d\))?$/, () => ({ kind: 'datetime' }), timed('timestamp')],
  [/^timestamp(?:\(\d\))?$/, () => ({ kind: 'timestamp' }), timed('timestamp', ` at time zone 'UTC'`)],
]

const formOf = (field: Field): Form | undefined =>
  LINES.find(([pattern]) => pattern.test(field.sourceType.toLowerCase()))?.[2]

async function columns(
  _connection: Connection,
  _address: ServerAddress,
  fields: Field[],
): Promise<LinkColumn[]> {
  const marks = markOf(fields)
  return fields.map((field, at) => {
    const facts = factsOf(
      field,
      LINES.map(([pattern, stored]) => [pattern, stored]),
      false,
    )
    const form = formOf(field)
    if (!form || facts.stored === undefined || Buffer.byteLength(field.name) > maxNameBytes)
      return { name: field.name, facts: { ...facts, stored: undefined } }
    const sound: Partial<ColumnFacts> = form.sound ? { sound: `${marks}${at}` } : {}
    return { name: field.name, type: form.declared, facts: { ...facts, ...sound } }
  })
}

/** What no column's name begins with. */
function markOf(fields: Field[]): string {
  let mark = '~'
  while (fields.some((it) => it.name.startsWith(mark))) mark += '~'
  return mark
}

/** `offset 0`: no condition, join or sum passes it. */
function relation(table: string, columns: LinkColumn[], fields: Field[]): string {
  const items = columns.flatMap(({ name, type, facts }) => {
    const form = formOf(fields.find((it) => it.name === name)!)
    if (type === undefined || !form) return []
    const column = postgres.quote(name)
    const value = form.value ? `${form.value(column)} as ${column}` : column
    return facts.sound === undefined
      ? [value]
      : [value, `coalesce(${form.sound!(column)}, true) as ${postgres.quote(facts.sound)}`]
  })
  return `(select ${items.join(', ')} from ${table} offset 0) as "link"`
}

/** Asks the other server's own list of statements for the one that carries the mark. */
async function sees(connection: Connection, { server, internal }: Link, mark: bigint): Promise<boolean> {
  const table = postgres.relation(internal, `${server.slice(-12)}__statements`)
  await connection.run(
    `create foreign table ${table} ("INFO" text) server ${postgres.quote(server)} ` +
      `options (dbname 'information_schema', table_name 'PROCESSLIST')`,
  )
  const rows = await connection.query(`select "INFO" as info from ${table}`)
  return rows.some(({ info }) => typeof info === 'string' && info.includes(`'polder ${mark}'`))
}
