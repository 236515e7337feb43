import { MAX_ROW_BYTES, SourceError } from '../../sdk/index.ts'
import { JsonScanner, NoJson } from './json-scanner.ts'
import { objectOf } from './jsonl.ts'
import type { FoundFile } from './listing.ts'
import type { FileRow } from './rows.ts'
import { byteText } from './text.ts'

/**
 * All rows of a JSON file: the items of its one list, or its values one after the other; broken ones included.
 * @throws {SourceError} E430 the file is no such list, or ends before it does
 */
export async function* jsonRows(
  file: FoundFile,
  index: number,
  decode: (bytes: string) => string,
  signal: AbortSignal,
): AsyncGenerator<FileRow[]> {
  const scanner = new JsonScanner(MAX_ROW_BYTES)
  let row = 0
  const rowsOf = (values: ReturnType<JsonScanner['end']>): FileRow[] =>
    values.map(({ line, ...it }) => {
      row += 1
      return { file: index, row, ...objectOf({ number: line, ...it }, file, decode) }
    })
  try {
    for await (const text of byteText(file, signal)) yield rowsOf(scanner.push(text))
    yield rowsOf(scanner.end())
  } catch (error) {
    throw error instanceof NoJson ? noList(file, error) : error
  }
}

const noList = (file: FoundFile, { line, message }: NoJson): SourceError =>
  new SourceError('E430', {
    problem: `${file.name}:${line}: ${message}.`,
    remedy: 'Export it again: one list of objects, or one object per line.',
  })
