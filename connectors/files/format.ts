import { ConfigError } from '../../sdk/index.ts'
import type { CsvFormat } from './csv.ts'
import type { FoundFile } from './listing.ts'
import { decoder, type Encoding, isZipped } from './text.ts'

export const FORMATS = ['csv', 'jsonl', 'json', 'parquet'] as const
type FormatName = (typeof FORMATS)[number]

export interface FormatOptions {
  format?: FormatName
  delimiter?: string
  quote: string
  header: boolean
  encoding: Encoding
  null: string
}

export type Format =
  | { kind: 'csv'; csv: CsvFormat }
  | { kind: 'jsonl' | 'json'; decode: (bytes: string) => string }
  | { kind: 'parquet' }

const ENDINGS: Record<string, { kind: FormatName; delimiter?: string }> = {
  csv: { kind: 'csv', delimiter: ',' },
  tsv: { kind: 'csv', delimiter: '\t' },
  jsonl: { kind: 'jsonl' },
  ndjson: { kind: 'jsonl' },
  json: { kind: 'json' },
  parquet: { kind: 'parquet' },
}

/** Can a file of this name be read without `format`? */
export const isKnown = (name: string): boolean => endingOf(name) in ENDINGS

const endingOf = (name: string): string =>
  /\.([^./]+)$/.exec(name.replace(/\.gz$/i, ''))?.[1]?.toLowerCase() ?? ''

/**
 * How the files of one dataset are read: as the options say, else by their names.
 * @throws {ConfigError} E426 unknown or mixed formats, E427 delimiter or quote that cannot be
 */
export function formatOf(files: FoundFile[], options: FormatOptions): Format {
  const [first, ...others] = files.map((it) => chosen(it, options))
  const other = others.findIndex((it) => it.kind !== first!.kind || it.delimiter !== first!.delimiter)
  if (other >= 0) {
    throw new ConfigError('E426', {
      problem: `"${files[0]!.name}" and "${files[other + 1]!.name}" have different formats.`,
      remedy: 'Make a dataset of each, or state format and delimiter.',
    })
  }
  const { kind } = first!
  if (kind === 'parquet') return { kind }
  const decode = decoder(options.encoding)
  if (kind !== 'csv') return { kind, decode }
  const { quote, header, null: nullText } = options
  const csv = { delimiter: first!.delimiter ?? ',', quote, header, nullText, decode }
  checkDialect(csv)
  return { kind: 'csv', csv }
}

function chosen({ name }: FoundFile, { format, delimiter }: FormatOptions) {
  const known = ENDINGS[endingOf(name)]
  const kind = format ?? known?.kind
  if (kind === 'parquet' && isZipped(name)) throw zippedParquet(name)
  if (kind === 'csv') return { kind, delimiter: delimiter ?? known?.delimiter ?? ',' }
  if (kind) return { kind }
  throw new ConfigError('E426', {
    problem: `The name "${name}" does not tell its format.`,
    remedy: 'State it in config/connections.yaml: format: csv, jsonl, json or parquet',
  })
}

const zippedParquet = (name: string): ConfigError =>
  new ConfigError('E426', {
    problem: `"${name}" is gzipped; Parquet files are compressed inside and cannot be read through gzip.`,
    remedy: 'Unzip it.',
  })

function checkDialect({ delimiter, quote }: CsvFormat): void {
  const impossible = /[\r\n]/
  const problem =
    delimiter === '' || impossible.test(delimiter)
      ? 'The delimiter is empty or a line end.'
      : quote.length > 1 || impossible.test(quote) || quote.charCodeAt(0) > 127
        ? 'The quote is more than one plain character.'
        : quote !== '' && delimiter.includes(quote)
          ? 'Delimiter and quote are the same.'
          : undefined
  if (problem) throw new ConfigError('E427', { problem, remedy: 'Usual are delimiter: ";" and quote: \'"\'' })
}
