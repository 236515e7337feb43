import { parseJson } from '../../core/json.ts'
import type { FieldType, Value } from '../../sdk/index.ts'
import type { SqlColumn } from '../sql-types.ts'
import { exactFloat, exactNumber } from '../sql-values.ts'
import { parseArray } from './arrays.ts'

/** A row of pg_type. */
export interface PgType {
  oid: string
  name: string
  /** `b` base, `d` domain, `e` enum, `c` composite, `r` range … */
  kind: string
  /** Domains: the type below, as oid. */
  base: string
  /** Arrays: the element's type, as oid; `0` otherwise. */
  element: string
  delimiter: string
}

export interface PgColumn {
  name: string
  typeOid: string
  /** As `format_type` writes it. */
  sourceType: string
  nullable: boolean
  description: string | null
  /** False: the collation takes different texts as equal. */
  exactText: boolean
}

type Decode = (text: string) => Value

interface Meaning {
  type: FieldType
  decode: Decode
  /** Values are equal in the database exactly where their canonical values are. */
  exact: boolean
  /** Selected by this type, so that nothing is lost. */
  cast?: string
}

const asIs: Decode = (text) => text
const bytes: Decode = (text) => Buffer.from(text.slice(2), 'hex').toString('base64')

const LOCAL = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/

/** Years beyond 9999 or before Christ, and infinity, stay PostgreSQL's text. */
const datetime: Decode = (text) => {
  if (text.length === 19) return `${text.slice(0, 10)}T${text.slice(11)}.000000`
  const match = LOCAL.exec(text)
  return match ? `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0')}` : text
}
const timestamp: Decode = (text) => {
  if (!text.endsWith('+00')) return text
  const local = datetime(text.slice(0, -3)) as string
  return local[10] === 'T' ? `${local}Z` : text
}
const time: Decode = (text) => (text.length === 8 ? `${text}.000000` : text.padEnd(15, '0'))

const integer: Meaning = { type: 'integer', decode: exactNumber, exact: true }
const text: Meaning = { type: 'text', decode: asIs, exact: true }
const json: Meaning = { type: 'json', decode: parseJson, exact: false }

/** By `pg_type.typname`; what is not here is text. */
const MEANINGS: Record<string, Meaning> = {
  int2: integer,
  int4: integer,
  int8: integer,
  oid: integer,
  numeric: { type: 'decimal', decode: exactNumber, exact: true },
  // float4 prints the shortest text of 4 bytes; its value is what 8 bytes print.
  float4: { type: 'float', decode: exactFloat, exact: true, cast: 'float8' },
  float8: { type: 'float', decode: exactFloat, exact: true },
  bool: { type: 'boolean', decode: (it) => it === 't', exact: true },
  date: { type: 'date', decode: asIs, exact: true },
  timestamp: { type: 'datetime', decode: datetime, exact: true },
  timestamptz: { type: 'timestamp', decode: timestamp, exact: true },
  time: { type: 'time', decode: time, exact: true },
  json,
  jsonb: json,
  bytea: { type: 'binary', decode: bytes, exact: true },
  text,
  varchar: text,
  // Its blanks are padding, which PostgreSQL itself drops where it makes a text of it.
  bpchar: { ...text, cast: 'text' },
  name: text,
  char: text,
  uuid: text,
}

/** How a column is selected, decoded and compared. */
export function toColumn(column: PgColumn, types: Map<string, PgType>): SqlColumn {
  const { type, decode, exact, cast } = meaningOf(column.typeOid, types)
  return {
    name: column.name,
    type,
    sourceType: column.sourceType,
    nullable: column.nullable,
    ...(column.description === null ? {} : { description: column.description }),
    select: (ref) => (cast ? `${ref}::${cast}` : ref),
    order: (ref) => ref,
    bind: '?',
    decode: decode as SqlColumn['decode'],
    keyText: (raw) => raw as string,
    keyBind: (it) => it,
    markBind: (it) => it,
    ties: exact && column.exactText ? 'value' : 'unknown',
  }
}

/** The names of old list types whose text has no braces. */
const PLAIN_LISTS = new Set(['int2vector', 'oidvector'])

function meaningOf(oid: string, types: Map<string, PgType>): Meaning {
  const type = types.get(oid)
  if (!type) return text
  if (type.kind === 'd') return meaningOf(type.base, types)
  if (type.kind === 'e') return text
  if (type.element !== '0' && !PLAIN_LISTS.has(type.name)) return arrayOf(type, types)
  return MEANINGS[type.name] ?? { ...text, exact: false }
}

function arrayOf(type: PgType, types: Map<string, PgType>): Meaning {
  const element = meaningOf(type.element, types)
  const delimiter = types.get(type.element)?.delimiter ?? ','
  // Inside JSON a double follows the number rule too.
  const decodeOne = element.type === 'float' ? exactNumber : element.decode
  const decode: Decode = (it) => parseArray(it, decodeOne, delimiter)
  return { type: 'json', decode, exact: false, ...(element.cast ? { cast: `${element.cast}[]` } : {}) }
}
