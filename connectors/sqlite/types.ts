import { randomBytes } from 'node:crypto'
import type { FieldType, Value } from '../../sdk/index.ts'
import type { Present, Sent, SqlColumn } from '../sql-types.ts'
import { exactNumber } from '../sql-values.ts'

/** What SQLite's `typeof` says of a value. */
export type StorageClass = 'integer' | 'real' | 'text' | 'blob'

export interface SqliteColumn {
  name: string
  /** As declared; may be empty, and binds nobody. */
  declared: string
  nullable: boolean
  /** Storage classes seen in some of its rows. */
  seen: Set<StorageClass>
  /** False: the column (or the view below it) may compare texts in a way of its own. */
  exactText: boolean
}

/**
 * The driver cuts a text at its first NUL, so such a text comes as bytes behind this mark, which no value of the file
 * can hold: it is drawn anew by every process.
 */
const MARK = randomBytes(16).toString('hex')
const MARK_BYTES = Buffer.from(MARK)

const select = (ref: string): string =>
  `iif(typeof(${ref}) = 'text' and instr(${ref}, char(0)) > 0, cast('${MARK}' || ${ref} as blob), ${ref})`

const hiddenText = (bytes: Buffer): string | undefined =>
  bytes.subarray(0, MARK_BYTES.length).equals(MARK_BYTES)
    ? bytes.toString('utf8', MARK_BYTES.length)
    : undefined

function decode(raw: Present): Value {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : String(raw)
  if (typeof raw === 'bigint') return exactNumber(String(raw))
  if (typeof raw === 'string') return raw
  return hiddenText(raw) ?? raw.toString('base64')
}

/** A key's exact text with its storage class, since 1, '1' and x'31' are three keys. */
function keyText(raw: Present): string {
  if (typeof raw === 'string') return `t${raw}`
  if (!Buffer.isBuffer(raw)) return `n${raw}`
  const text = hiddenText(raw)
  return text === undefined ? `b${raw.toString('base64')}` : `t${text}`
}

function keyBind(text: string): Sent {
  const value = text.slice(1)
  if (text[0] === 't') return value
  return text[0] === 'b' ? Buffer.from(value, 'base64') : numberOf(value)
}

function numberOf(text: string): number | bigint {
  const number = Number(text)
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number
}

export function toColumn({ name, declared, nullable, seen, exactText }: SqliteColumn): SqlColumn {
  const same = (it: string) => it
  return {
    name,
    type: typeOf(declared, seen),
    sourceType: declared,
    nullable,
    select,
    order: same,
    bind: '?',
    decode,
    keyText,
    keyBind,
    markBind: numberOf,
    ties: exactText ? 'value' : 'unknown',
  }
}

const BY_CLASS: Record<StorageClass, FieldType> = {
  integer: 'integer',
  real: 'float',
  text: 'text',
  blob: 'binary',
}

/** By what is stored; only where nothing is, by what is declared. */
function typeOf(declared: string, seen: Set<StorageClass>): FieldType {
  const [first, second, third] = [...seen]
  if (first === undefined) return declaredType(declared)
  if (second === undefined) return BY_CLASS[first]
  const areNumbers = third === undefined && seen.has('integer') && seen.has('real')
  return areNumbers ? 'float' : 'unknown'
}

/** @see https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
function declaredType(declared: string): FieldType {
  if (/int/i.test(declared)) return 'integer'
  if (/char|clob|text/i.test(declared)) return 'text'
  if (/blob/i.test(declared)) return 'binary'
  return /real|floa|doub/i.test(declared) ? 'float' : 'unknown'
}
