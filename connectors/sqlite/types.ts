import { isUtf8 } from 'node:buffer'
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
 * Texts come as bytes behind this mark: the driver cuts a text at its first NUL, drops a byte order mark at its head,
 * and makes other characters of bytes that are no text. No value of the file can hold the mark: it is drawn anew by
 * every process.
 */
const MARK = randomBytes(8).toString('hex')
const MARK_UTF8 = Buffer.from(MARK)
const MARK_UTF16 = Buffer.from(MARK, 'utf16le')
const MARK_UTF16BE = Buffer.from(MARK_UTF16).swap16()

const select = (ref: string): string =>
  `iif(typeof(${ref}) = 'text', cast('${MARK}' || ${ref} as blob), ${ref})`

/** A text; undefined where the bytes are a blob. What is no text holds U+FFFD. */
function textOf(bytes: Buffer): string | undefined {
  const beginsWith = (mark: Buffer) => bytes.subarray(0, mark.length).equals(mark)
  if (beginsWith(MARK_UTF8)) return bytes.toString('utf8', MARK_UTF8.length)
  if (beginsWith(MARK_UTF16)) return bytes.toString('utf16le', MARK_UTF16.length)
  return beginsWith(MARK_UTF16BE)
    ? Buffer.from(bytes.subarray(MARK_UTF16BE.length)).swap16().toString('utf16le')
    : undefined
}

/** @throws {TypeError} a text of bytes that are no UTF-8 */
function decode(raw: Present): Value {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : String(raw)
  if (typeof raw === 'bigint') return exactNumber(String(raw))
  if (typeof raw === 'string') return raw
  const text = textOf(raw)
  if (text === undefined) return raw.toString('base64')
  // A text may hold the character itself.
  if (text.includes('\uFFFD') && !isUtf8(raw)) throw new TypeError('the text is no UTF-8')
  return text
}

/** A key's exact text with its storage class, since 1, '1' and x'31' are three keys. */
function keyText(raw: Present): string {
  if (typeof raw === 'string') return `t${raw}`
  // With an exponent, a double beyond 2^53 is not taken for the integer that its digits spell.
  if (typeof raw === 'number' && Number.isInteger(raw) && !Number.isSafeInteger(raw))
    return `n${raw.toExponential()}`
  if (!Buffer.isBuffer(raw)) return `n${raw}`
  const text = textOf(raw)
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
