import { parseJson } from '../core/json.ts'
import type { FieldType, Value } from '../sdk/index.ts'
import { exactNumber } from './sql-values.ts'

type Present = string | number | bigint | boolean

export interface DuckdbColumn {
  name: string
  type: FieldType
  /** As DuckDB names it: `DECIMAL(12,2)`. */
  sourceType: string
  /** What is selected of the quoted name, so that nothing is lost on the way. */
  select(ref: string): string
  decode(value: Present): Value
}

type Meaning = Pick<DuckdbColumn, 'type' | 'select' | 'decode'>

const plain = (ref: string): string => ref
const asText = (ref: string): string => `cast(${ref} as varchar)`
const asIs = (value: Present): Value => value as Value

/** The driver drops a byte order mark at the head of a text, so such a text gets another one before it. */
const marked = (text: string): string =>
  `case when starts_with(${text}, chr(65279)) then chr(65279) || ${text} else ${text} end`
const text: Meaning = { type: 'text', select: (ref) => marked(asText(ref)), decode: asIs }
const integer: Meaning = {
  type: 'integer',
  select: plain,
  decode: (value) => (typeof value === 'number' ? value : exactNumber(String(value))),
}
const float: Meaning = {
  type: 'float',
  select: plain,
  decode: (value) => (Number.isFinite(value) ? (value as number) : String(value)),
}
const json: Meaning = {
  type: 'json',
  select: (ref) => `cast(to_json(${ref}) as varchar)`,
  decode: (value) => parseJson(quotedInfinities(value as string)),
}

/** JSON has no words for these, but the engine writes them. */
const WORDS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|nan|Infinity|inf)\b/g
const quotedInfinities = (text: string): string =>
  /nan|inf/i.test(text) ? text.replace(WORDS, (it) => (it.startsWith('"') ? it : `"${spelt(it)}"`)) : text
const spelt = (word: string): string => word.replace(/nan/i, 'NaN').replace(/inf(inity)?/i, 'Infinity')

const LOCAL = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/

/** Nanoseconds stay where there are any; years beyond 9999 and infinity stay the engine's text. */
function datetime(value: Present): string {
  const match = LOCAL.exec(value as string)
  if (!match) return value as string
  const fraction = (match[3] ?? '').padEnd(9, '0')
  return `${match[1]}T${match[2]}.${fraction.endsWith('000') ? fraction.slice(0, 6) : fraction}`
}

function timestamp(value: Present): string {
  const utc = (value as string).replace(/\+00$/, '')
  const local = datetime(utc)
  return local[10] === 'T' ? `${local}Z` : (value as string)
}

function time(value: Present): string {
  const [whole, fraction = ''] = (value as string).split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}

const local: Meaning = { type: 'datetime', select: asText, decode: datetime }

/** By DuckDB's name; what is not here is text. */
const MEANINGS: Record<string, Meaning> = {
  TINYINT: integer,
  SMALLINT: integer,
  INTEGER: integer,
  BIGINT: integer,
  HUGEINT: integer,
  UTINYINT: integer,
  USMALLINT: integer,
  UINTEGER: integer,
  UBIGINT: integer,
  UHUGEINT: integer,
  FLOAT: float,
  DOUBLE: float,
  BOOLEAN: { type: 'boolean', select: plain, decode: asIs },
  DATE: { type: 'date', select: asText, decode: asIs },
  TIMESTAMP: local,
  TIMESTAMP_S: local,
  TIMESTAMP_MS: local,
  TIMESTAMP_NS: local,
  'TIMESTAMP WITH TIME ZONE': { type: 'timestamp', select: asText, decode: timestamp },
  TIME: { type: 'time', select: asText, decode: time },
  TIME_NS: { type: 'time', select: asText, decode: time },
  BLOB: { type: 'binary', select: (ref) => `to_base64(${ref})`, decode: asIs },
  JSON: { type: 'json', select: asText, decode: (value) => parseJson(value as string) },
}

const decimal: Meaning = {
  type: 'decimal',
  select: asText,
  decode: (value) => exactNumber(value as string),
}

export function duckdbColumn(name: string, sourceType: string): DuckdbColumn {
  return { name, sourceType, ...meaningOf(sourceType) }
}

function meaningOf(type: string): Meaning {
  // First: `DECIMAL(12,2)[]` is a list.
  if (/^(STRUCT|MAP|UNION)\(|\]$/.test(type)) return json
  if (/^DECIMAL/.test(type)) return decimal
  return MEANINGS[type] ?? text
}
