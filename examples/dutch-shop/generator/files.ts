import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'

type Cell = string | number | undefined
export type Line = Record<string, Cell>

/** CSV with a header; a missing value is an empty field without quotes. */
export function csv(rows: Line[], delimiter = ','): string {
  const names = Object.keys(rows[0]!)
  const cell = (value: Cell) => {
    const text = value === undefined ? '' : String(value)
    return text.includes(delimiter) || /["\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))]
  return `${lines.map((line) => line.map(cell).join(delimiter)).join('\n')}\n`
}

export const jsonLines = (rows: object[]): string => `${rows.map((it) => JSON.stringify(it)).join('\n')}\n`

/** Writes a file; `.gz` compresses it, with nothing inside that tells when or where. */
export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, path.endsWith('.gz') ? compressed(text) : text)
}

function compressed(text: string): Buffer {
  const bytes = gzipSync(text)
  // Byte 9 names the operating system; 255 says unknown.
  bytes[9] = 255
  return bytes
}
