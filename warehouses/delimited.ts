import type { Column } from '../core/batch.ts'
import type { Value } from '../core/value.ts'

const CHUNK_CHARACTERS = 65_536
const SPECIAL = /[\\\t\n\r]/
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A value's text before escaping; not called for null. */
export type ToText = (value: Value) => string

export const plainText: ToText = String

/** Tab-separated lines with backslash escapes and `\N` for NULL, as COPY and LOAD DATA read them. */
export function* delimitedText(
  columns: Column[],
  texts: ToText[],
  rows: number,
  tail = '',
): Generator<string> {
  const last = columns.length - 1
  const end = `${tail}\n`
  let chunk = ''
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i <= last; i++) {
      chunk += field(columns[i]![row], texts[i]!)
      if (i < last) chunk += '\t'
    }
    chunk += end
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk) yield chunk
}

/** The fields of constants, as the tail of every line. */
export const delimitedTail = (constants: Value[], texts: ToText[]): string =>
  constants.map((it, i) => `\t${field(it, texts[i]!)}`).join('')

function field(value: Value | undefined, toText: ToText): string {
  if (value === null || value === undefined) return '\\N'
  const text = typeof value === 'string' && toText === plainText ? value : toText(value)
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (it) => escapes[it]!) : text
}
