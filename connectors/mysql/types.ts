import { parseJson } from '../../core/json.ts'
import type { FieldType, Value } from '../../sdk/index.ts'
import type { SqlColumn } from '../sql-types.ts'
import { exactFloat, exactNumber } from '../sql-values.ts'

/** A row of information_schema.columns. */
export interface MysqlColumn {
  name: string
  /** `bigint` */
  dataType: string
  /** `bigint(20) unsigned` */
  columnType: string
  nullable: boolean
  comment: string
  /** True for MariaDB's JSON, which is longtext with a check. */
  isJson: boolean
}

type Present = string | number | Buffer

interface Meaning {
  type: FieldType
  decode(raw: Present): Value
  bind: string
  select?(ref: string): string
  order?(ref: string): string
  keyText?(raw: Present): string
  keyBind?(text: string): string | Buffer
  markBind?(canonical: string): string
  ties?: SqlColumn['ties']
}

const asText = (raw: Present): string => String(raw)
const integer: Meaning = {
  type: 'integer',
  decode: (raw) => (typeof raw === 'number' ? raw : exactNumber(asText(raw))),
  bind: 'cast(? as signed)',
}
const unsigned: Meaning = { ...integer, bind: 'cast(? as unsigned)' }
/** @param columnType `decimal(12,2) unsigned`; its scale leaves all other digits to the whole part */
const decimal = (columnType: string): Meaning => ({
  type: 'decimal',
  decode: (raw) => exactNumber(asText(raw)),
  bind: `cast(? as decimal(65, ${/,\s*(\d+)/.exec(columnType)?.[1] ?? 0}))`,
})
// As text: the driver's own reading of doubles loses the last digit of some. 0e0 widens a float to a double.
const float: Meaning = {
  type: 'float',
  decode: (raw) => exactFloat(asText(raw)),
  select: (ref) => `cast(${ref} + 0e0 as char)`,
  bind: '(? + 0e0)',
}
// 'a' and 'A' may be one key to the server: its own sort weights tell, without the blanks that some collations pad.
const text: Meaning = {
  type: 'text',
  decode: asText,
  bind: '?',
  ties: (ref) => `hex(weight_string(rtrim(${ref})))`,
}
// Ordered by number inside, compared as text outside: only bytes give one order for both.
const enumeration: Meaning = {
  type: 'text',
  decode: asText,
  order: (ref) => `cast(${ref} as binary)`,
  bind: 'cast(? as binary)',
  ties: 'value',
}
const date: Meaning = { type: 'date', decode: asText, bind: 'cast(? as date)' }

const LOCAL = /^(\d{4}-(?!00)\d\d-(?!00)\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/

/** Zero dates (`0000-00-00 00:00:00`, `2026-00-00 …`) stay as the source writes them. */
function datetime(raw: Present): string {
  const match = LOCAL.exec(raw as string)
  return match ? `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0')}` : (raw as string)
}

function timestamp(raw: Present): string {
  const local = datetime(raw)
  return local[10] === 'T' ? `${local}Z` : local
}

const native = (canonical: string): string => canonical.replace('T', ' ').replace('Z', '')

function time(raw: Present): string {
  const [whole, fraction = ''] = (raw as string).split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}

const instants = { bind: 'cast(? as datetime(6))', markBind: native }
const base64 = (raw: Present): string => (raw as Buffer).toString('base64')
const binary: Meaning = {
  type: 'binary',
  decode: base64,
  bind: '?',
  keyText: base64,
  keyBind: (it) => Buffer.from(it, 'base64'),
}
const json: Meaning = { type: 'json', decode: (raw) => parseJson(asText(raw)), bind: '?', ties: 'unknown' }
const geometry: Meaning = {
  type: 'text',
  decode: asText,
  select: (ref) => `st_astext(${ref})`,
  bind: '?',
  ties: 'unknown',
}

/** By `data_type`; what is not here is text. */
const MEANINGS: Record<string, Meaning> = {
  tinyint: integer,
  smallint: integer,
  mediumint: integer,
  int: integer,
  bigint: integer,
  year: integer,
  float,
  double: float,
  date,
  datetime: { type: 'datetime', decode: datetime, ...instants },
  timestamp: { type: 'timestamp', decode: timestamp, ...instants },
  time: { type: 'time', decode: time, bind: 'cast(? as time(6))' },
  enum: enumeration,
  set: enumeration,
  json,
  binary,
  varbinary: binary,
  tinyblob: binary,
  blob: binary,
  mediumblob: binary,
  longblob: binary,
  vector: binary,
  geometry,
  point: geometry,
  linestring: geometry,
  polygon: geometry,
  multipoint: geometry,
  multilinestring: geometry,
  multipolygon: geometry,
  geometrycollection: geometry,
  geomcollection: geometry,
}

const SIGNED_BITS = 63

/** bit(64) may exceed a signed integer: it is the text of its bits. */
function bits(columnType: string): Meaning {
  const width = Number(/\d+/.exec(columnType)?.[0] ?? 1)
  const bind = 'cast(? as unsigned)'
  const whole = (raw: Present) => BigInt(`0x${(raw as Buffer).toString('hex')}`)
  const keyText = (raw: Present) => whole(raw).toString()
  if (width <= SIGNED_BITS)
    return { type: 'integer', decode: (raw) => exactNumber(whole(raw).toString()), bind, keyText }
  return { type: 'text', decode: (raw) => whole(raw).toString(2).padStart(width, '0'), bind, keyText }
}

function meaningOf(column: MysqlColumn): Meaning {
  if (column.isJson) return json
  if (column.dataType === 'bit') return bits(column.columnType)
  if (column.dataType === 'decimal') return decimal(column.columnType)
  const meaning = MEANINGS[column.dataType] ?? text
  return meaning === integer && column.columnType.includes('unsigned') ? unsigned : meaning
}

/** How a column is selected, decoded and compared. */
export function toColumn(column: MysqlColumn): SqlColumn {
  const meaning = meaningOf(column)
  const same = (it: string) => it
  return {
    name: column.name,
    type: meaning.type,
    sourceType: column.columnType,
    nullable: column.nullable,
    ...(column.comment === '' ? {} : { description: column.comment }),
    select: meaning.select ?? same,
    order: meaning.order ?? same,
    bind: meaning.bind,
    decode: meaning.decode,
    keyText: meaning.keyText ?? asText,
    keyBind: meaning.keyBind ?? same,
    markBind: meaning.markBind ?? same,
    ties: meaning.ties ?? 'value',
  }
}
