import { ConfigError, MAX_ROW_BYTES, SourceError } from '../../sdk/index.ts'
import { type CsvDialect, type CsvRecord, CsvScanner, OpenQuote } from './csv-scanner.ts'
import type { FoundFile } from './listing.ts'
import { asUtf8, brokenRow, type FileRow, rowSize } from './rows.ts'
import { byteText } from './text.ts'

export interface CsvFormat extends CsvDialect {
  header: boolean
  decode(bytes: string): string
}

/** Records of one file, in order, in the portions that its chunks give. */
async function* recordsOf(
  file: FoundFile,
  format: CsvFormat,
  signal: AbortSignal,
): AsyncGenerator<CsvRecord[]> {
  const scanner = new CsvScanner(inBytes(format))
  try {
    for await (const text of byteText(file, signal)) yield scanner.push(text, false)
    yield scanner.push('', true)
  } catch (error) {
    throw error instanceof OpenQuote ? neverClosed(file, error) : error
  }
}

/** The file is searched as bytes, one character each. */
function inBytes({ delimiter, quote, nullText }: CsvFormat): CsvDialect {
  const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
  return { delimiter: bytes(delimiter), quote, nullText: bytes(nullText) }
}

const neverClosed = (file: FoundFile, { line }: OpenQuote): SourceError =>
  new SourceError('E445', {
    problem: `${file.name}:${line}: a quote is opened and never closed.`,
    remedy: 'Repair the line. Where quotes mean nothing in these files, set quote: ""',
  })

/**
 * The names of a file's columns: its header, or `column_1` … by the width of its first record.
 * @throws {ConfigError} E425 a name is missing or stands twice; {SourceError} E429 there is no header
 */
export async function csvColumns(file: FoundFile, format: CsvFormat, signal: AbortSignal): Promise<string[]> {
  for await (const records of recordsOf(file, format, signal)) {
    const first = records.find(notBlank)
    if (first) return columnNames(first, file, format)
  }
  if (format.header) throw noHeader(file)
  return []
}

const notBlank = (record: CsvRecord): boolean => record.text.trim() !== '' || record.fault !== undefined

function columnNames(record: CsvRecord, file: FoundFile, format: CsvFormat): string[] {
  if (!format.header) return record.fields.map((_, i) => `column_${i + 1}`)
  if (record.fault || record.text.slice(0, -1).includes('\r')) throw noHeader(file)
  const names = record.fields.map((it) => headerText(it ?? '', file, format).trim())
  const wrong = names.find((name, i) => name === '' || names.indexOf(name) !== i)
  if (wrong === undefined) return names
  throw new ConfigError('E425', {
    problem:
      wrong === ''
        ? `Column ${names.indexOf('') + 1} of "${file.name}" has no name.`
        : `"${file.name}" has two columns named "${wrong}".`,
    remedy: 'Correct the header; for a file without one, set header: false',
  })
}

function headerText(bytes: string, file: FoundFile, format: CsvFormat): string {
  try {
    return format.decode(bytes)
  } catch {
    throw noHeader(file)
  }
}

const noHeader = (file: FoundFile): SourceError =>
  new SourceError('E429', {
    problem: `"${file.name}" has no readable header line.`,
    remedy: 'Check encoding, delimiter and quote; lines end in LF or CR LF.',
  })

/** Where the rows of one file go. */
export interface CsvTarget {
  file: FoundFile
  index: number
  /** Fields of the dataset. */
  fields: string[]
}

/** All data rows of a file, broken ones included. */
export async function* csvRows(
  { file, index, fields }: CsvTarget,
  format: CsvFormat,
  signal: AbortSignal,
): AsyncGenerator<FileRow[]> {
  let names: string[] | undefined
  let columns: number[] = []
  let row = 0
  for await (const records of recordsOf(file, format, signal)) {
    const rows: FileRow[] = []
    for (const record of records) {
      if (names === undefined) {
        if (!notBlank(record)) continue
        names = columnNames(record, file, format)
        columns = fields.map((it) => names!.indexOf(it))
        if (format.header) continue
      }
      if (record.text.trim() === '' && names.length > 1) continue
      row += 1
      rows.push({ file: index, row, ...rowOf(record, names.length, file, format), columns })
    }
    yield rows
  }
  if (names === undefined && format.header) throw noHeader(file)
}

type Content = Pick<FileRow, 'line' | 'size' | 'values' | 'broken'>

function rowOf(record: CsvRecord, width: number, file: FoundFile, format: CsvFormat): Content {
  const { line, text, fields, fault } = record
  const content = { line, size: rowSize(text) }
  const broken = (code: string, reason: string): Content => ({
    ...content,
    broken: brokenRow(code, reason, `${file.name}:${line}`, asUtf8(text)),
  })
  if (fault === 'size') return broken('E443', `The row is larger than ${MAX_ROW_BYTES / 1_000_000} MB.`)
  if (fault === 'quote') return broken('E446', 'A quote stands where none may stand.')
  if (fields.length !== width)
    return broken('E440', `The line has ${fields.length} fields, the file ${width} columns.`)
  try {
    return { ...content, values: fields.map((it) => (it === null ? null : format.decode(it))) }
  } catch {
    return broken('E442', 'The line holds bytes that are no text in this encoding.')
  }
}
