import { parseJson } from '../../core/json.ts'
import { type Field, type FieldType, type Json, MAX_ROW_BYTES } from '../../sdk/index.ts'
import type { FoundFile } from './listing.ts'
import { asUtf8, brokenRow, type FileRow, rowSize } from './rows.ts'
import { shapeOf } from './shape.ts'
import { byteText } from './text.ts'

interface Line {
  number: number
  text: string
  tooLarge?: boolean
}

/** Lines of a file without their ends; of one too large only the beginning is kept. */
async function* linesOf(file: FoundFile, signal: AbortSignal): AsyncGenerator<Line[]> {
  let parts: string[] = []
  let length = 0
  let number = 1
  const take = (last: string): Line => {
    const text = parts.length > 0 ? parts.join('') + last : last
    const tooLarge = length + last.length > MAX_ROW_BYTES
    parts = []
    length = 0
    return {
      number: number++,
      text: text.endsWith('\r') ? text.slice(0, -1) : text,
      ...(tooLarge ? { tooLarge } : {}),
    }
  }
  for await (const chunk of byteText(file, signal)) {
    const lines: Line[] = []
    let at = 0
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', at)) {
      lines.push(take(chunk.slice(at, end)))
      at = end + 1
    }
    if (length <= MAX_ROW_BYTES) parts.push(chunk.slice(at))
    length += chunk.length - at
    yield lines
  }
  if (length > 0) yield [take('')]
}

/** All rows of a file of JSON lines, broken ones included; blank lines are none. */
export async function* jsonlRows(
  file: FoundFile,
  index: number,
  decode: (bytes: string) => string,
  signal: AbortSignal,
): AsyncGenerator<FileRow[]> {
  let row = 0
  for await (const lines of linesOf(file, signal)) {
    const rows: FileRow[] = []
    for (const line of lines) {
      if (line.text.trim() === '') continue
      row += 1
      rows.push({ file: index, row, ...objectOf(line, file, decode) })
    }
    yield rows
  }
}

type Content = Pick<FileRow, 'line' | 'size' | 'values' | 'broken'>

/** One JSON object as a row, or why it is none. */
export function objectOf(
  { number, text, tooLarge }: Line,
  file: FoundFile,
  decode: (bytes: string) => string,
): Content {
  const content = { line: number, size: rowSize(text) }
  const broken = (code: string, reason: string): Content => ({
    ...content,
    broken: brokenRow(code, reason, `${file.name}:${number}`, asUtf8(text)),
  })
  if (tooLarge) return broken('E443', `The row is larger than ${MAX_ROW_BYTES / 1_000_000} MB.`)
  let line: string
  try {
    line = decode(text)
  } catch {
    return broken('E442', 'The row holds bytes that are no text in this encoding.')
  }
  const value = parsed(line)
  if (value === undefined) return broken('E441', 'The row is no JSON.')
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return broken('E447', 'The row is JSON, but no object.')
  return { ...content, values: value }
}

function parsed(line: string): Json | undefined {
  try {
    return parseJson(line)
  } catch {
    return undefined
  }
}

/** Field types by what a sample of rows holds; what holds several kinds is `unknown`. */
export function inferFields(rows: { [name: string]: Json }[]): Field[] {
  const types = new Map<string, FieldType | undefined>()
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) types.set(name, joined(types.get(name), typeOf(value)))
  const present = new Map<string, number>()
  for (const row of rows) for (const name of Object.keys(row)) present.set(name, (present.get(name) ?? 0) + 1)
  return [...types].map(([name, type]) => ({
    name,
    type: type ?? 'unknown',
    // Nulls only: what the field holds is not known yet.
    sourceType: type === undefined ? 'null' : 'json',
    nullable: true,
    ...(present.get(name)! < rows.length ? { optional: true } : {}),
    shape: shapeOf(rows.map((it) => it[name] ?? null)),
  }))
}

function typeOf(value: Json): FieldType | undefined {
  if (value === null) return undefined
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal'
  if (typeof value === 'string') return 'text'
  return typeof value === 'boolean' ? 'boolean' : 'json'
}

function joined(a: FieldType | undefined, b: FieldType | undefined): FieldType | undefined {
  if (a === b || b === undefined) return a
  if (a === undefined) return b
  const numbers = [a, b].every((it) => it === 'integer' || it === 'decimal')
  return numbers ? 'decimal' : 'unknown'
}
