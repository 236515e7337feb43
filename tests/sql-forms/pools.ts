import type { FieldType } from '../../core/field.ts'
import { carriedNumber } from '../../core/number.ts'
import type { Value } from '../../core/value.ts'

/** A column of the test's source table: its type in each engine, and adversarial values in canonical form. */
export interface TestColumn {
  name: string
  type: FieldType
  postgres: string
  duckdb: string
  mysql: string
  /** Canonical texts; null is NULL. Numbers are written as text and carried by the number rule. */
  pool: (string | null)[]
}

const TEXTS = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  ' a',
  'ab@x.nl',
  'ADA@X.NL',
  '@',
  'x@y@z',
  'a/b',
  'straße',
  'ÉCOLE',
  'e\u0301',
  'É',
  'ΣΑΣ',
  'ας',
  'İi',
  'ı',
  '😀',
  '😀a😀',
  'a\u{10000}',
  '\uffee',
  '\ue000',
  '\u00a0x',
  'tab\tand\nline',
  ' two  blanks ',
  '\r\n',
  "o'hara",
  'back\\slash',
  'quo"te',
  '`tick`',
  '%',
  '100%',
  '#1',
  'p:q|r',
  '+31 (0)6-12 34',
  '0031612345678',
  '42',
  '007',
  '+42',
  '-1',
  '0',
  '-0',
  '1.5',
  '1e3',
  '12,50',
  '.5',
  '5.',
  '9007199254740993',
  '99999999999999999999',
  '0.1',
  'true',
  'TRUE',
  'False',
  'yes',
  '1',
  '2024-02-29',
  '2023-02-29',
  '2024-12-31',
  '1999-01-10',
  '0999-01-01',
  'null',
  'x'.repeat(60),
  'two\nlines\r\n\tand a tab',
  'say "hi" \\ or \\n',
  'bell\u0007 and \u001f',
  'y'.repeat(200),
  'ß'.repeat(100),
]
const INTEGERS = [
  '0',
  '1',
  '-1',
  '2',
  '7',
  '10',
  '42',
  '100',
  '2147483647',
  '-2147483648',
  '1000000',
  '3',
  '-5',
]
const BIGS = [
  ...INTEGERS,
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '100000000000000000',
  '123456789012345678',
]
const MONEY = [
  '0',
  '0.01',
  '-0.01',
  '0.1',
  '0.3',
  '1.005',
  '2.675',
  '10',
  '-2.5',
  '99999999.9999',
  '0.0001',
  '1.0005',
  '0.125',
  '12.3456',
]
const LONG = [
  ...MONEY,
  '1234567890123456.789',
  '0.1234567890123456',
  '-99999999999999999999.5',
  '0.0000001',
  '123456789.123456789',
]
const DOUBLES = [
  '0',
  '-0',
  '1',
  '-1',
  '0.1',
  '0.2',
  '0.3',
  '0.30000000000000004',
  '2.5',
  '3.5',
  '-2.5',
  '1.005',
  '2.675',
  '1.00005',
  '0.125',
  '1e21',
  '1e-7',
  '5e-324',
  '1.7976931348623157e308',
  '9007199254740993',
  '123456.78905',
  '1e15',
  '1e-4',
  '99999.99995',
  '33.33333333333333',
]
const DATES = ['2024-02-29', '1970-01-01', '1999-12-31', '1000-01-01', '9999-12-31', '2026-11-21']
const MOMENTS = [
  '2024-02-29T00:00:00.000000',
  '1970-01-01T00:00:00.000000',
  '1999-12-31T23:59:59.999999',
  '2026-03-29T02:30:00.000000',
  '2026-11-21T12:34:56.100000',
]

const column = (
  name: string,
  type: FieldType,
  [postgres, duckdb, mysql]: [string, string, string],
  pool: string[],
): TestColumn => ({ name, type, postgres, duckdb, mysql, pool: [...pool, null] })

const varchar: [string, string, string] = ['text', 'VARCHAR', 'text']

export const COLUMNS: TestColumn[] = [
  column('id', 'integer', ['integer', 'INTEGER', 'int(11)'], INTEGERS),
  column('s', 'text', varchar, TEXTS),
  column('t', 'text', ['character varying(300)', 'VARCHAR', 'varchar(300)'], TEXTS),
  column('w"o`rd', 'text', varchar, TEXTS),
  column('i', 'integer', ['integer', 'INTEGER', 'int(11)'], INTEGERS),
  column('b', 'integer', ['bigint', 'BIGINT', 'bigint(20)'], BIGS),
  column('m', 'decimal', ['numeric(12,4)', 'DECIMAL(12,4)', 'decimal(12,4)'], MONEY),
  column('n', 'decimal', ['numeric(38,16)', 'DECIMAL(38,16)', 'decimal(38,16)'], LONG),
  column('f', 'float', ['double precision', 'DOUBLE', 'double'], DOUBLES),
  column('d', 'date', ['date', 'DATE', 'date'], DATES),
  column('l', 'datetime', ['timestamp without time zone', 'TIMESTAMP', 'datetime(6)'], MOMENTS),
  column(
    'z',
    'timestamp',
    ['timestamp with time zone', 'TIMESTAMP WITH TIME ZONE', 'timestamp(6)'],
    MOMENTS.filter((it) => !it.startsWith('9') && !it.startsWith('1970-01-01T00')).map((it) => `${it}Z`),
  ),
]

/** What our connectors deliver for a pool's text. */
export function delivered(text: string | null, type: FieldType): Value {
  if (text === null) return null
  if (type === 'integer' || type === 'decimal') return carriedNumber(text) ?? text
  if (type === 'float') return Number(text)
  return type === 'boolean' ? text === 'true' : text
}
