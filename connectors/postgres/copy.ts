import type { Client } from 'pg'
import type { Raw } from '../sql-types.ts'

const LINE_END = 0x0a

/**
 * Streams the rows of a query without parameters by COPY, all values as the server's text, as a cursor gives them.
 * @see https://www.postgresql.org/docs/current/sql-copy.html (text format)
 */
export async function* copyRows(client: Client, sql: string): AsyncGenerator<Raw[][]> {
  const { to } = await import('pg-copy-streams')
  const source = client.query(to(`copy (${sql}) to stdout`))
  try {
    let rest: Buffer[] = []
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf(LINE_END) + 1
      if (end === 0) {
        rest.push(chunk)
        continue
      }
      const lines =
        rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...rest, chunk.subarray(0, end)])
      rest = end < chunk.length ? [chunk.subarray(end)] : []
      yield rowsOf(lines.toString('utf8'))
    }
  } finally {
    source.destroy()
  }
}

/** @param text whole lines, each with its end */
function rowsOf(text: string): Raw[][] {
  const lines = text.split('\n')
  lines.pop()
  return lines.map(fieldsOf)
}

function fieldsOf(line: string): Raw[] {
  const fields: Raw[] = line.split('\t')
  if (!line.includes('\\')) return fields
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as string
    if (field === '\\N') fields[i] = null
    else if (field.includes('\\')) fields[i] = field.replace(/\\(.)/g, unescaped)
  }
  return fields
}

const CONTROLS: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

const unescaped = (_: string, char: string): string => CONTROLS[char] ?? char
