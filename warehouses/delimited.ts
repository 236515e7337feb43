import type { Column } from '../core/batch.ts'
import type { Value } from '../core/value.ts'

const CHUNK_CHARACTERS = 65_536
const SPECIAL = /[\\\t\n\r]/
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A value's text before escaping; not called for null. */
export type ToText = (value: Value) => string

export const plainText: ToText = String

/** Tab-separated lines with backslash escapes and `\N` for NULL, as COPY and LOAD DATA read them. */
export function* delimitedText(columns: Column[], texts: ToText[], rows: number): Generator<string> {
  let chunk = ''
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns.length; i++) {
      const value = columns[i]![row]
      if (i > 0) chunk += '\t'
      chunk += value === null || value === undefined ? '\\N' : escaped(texts[i]!(value))
    }
    chunk += '\n'
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk
      chunk = ''
    }
  }
  if (chunk) yield chunk
}

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (it) => escapes[it]!) : text
