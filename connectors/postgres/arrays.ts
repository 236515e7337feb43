import type { Json } from '../../sdk/index.ts'

interface Reader {
  text: string
  at: number
  element(text: string): Json
  delimiter: string
}

/**
 * PostgreSQL's text of an array as nested lists; lower bounds other than 1 are lost.
 * @throws {SyntaxError} no array text
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function parseArray(text: string, element: (text: string) => Json, delimiter = ','): Json[] {
  // Bounds may stand before it: `[0:1]={a,b}`.
  return list({ text, at: text.indexOf('{'), element, delimiter })
}

function list(reader: Reader): Json[] {
  const items: Json[] = []
  reader.at += 1
  while (reader.text[reader.at] !== '}') {
    items.push(item(reader))
    if (reader.text[reader.at] === reader.delimiter) reader.at += 1
    else if (reader.text[reader.at] !== '}') throw new SyntaxError('the array text ends early')
  }
  reader.at += 1
  return items
}

function item(reader: Reader): Json {
  const first = reader.text[reader.at]
  if (first === '{') return list(reader)
  if (first === '"') return reader.element(quoted(reader))
  const plain = unquoted(reader)
  return plain.toUpperCase() === 'NULL' ? null : reader.element(plain)
}

function quoted(reader: Reader): string {
  const { text } = reader
  const start = reader.at + 1
  let end = start
  while (text[end] !== '"') {
    if (end >= text.length) throw new SyntaxError('the array text ends early')
    end += text[end] === '\\' ? 2 : 1
  }
  reader.at = end + 1
  const inner = text.slice(start, end)
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner
}

function unquoted(reader: Reader): string {
  const { text, delimiter, at } = reader
  let end = at
  while (end < text.length && text[end] !== delimiter && text[end] !== '}') end += 1
  reader.at = end
  return text.slice(at, end)
}
