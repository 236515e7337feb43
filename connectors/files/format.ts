import { ConfigError } from '../../sdk/index.ts'
import type { CsvFormat } from './csv.ts'
import type { FoundFile } from './listing.ts'
import { decoder, type Encoding } from './text.ts'

export interface FormatOptions {
  format?: 'csv' | 'jsonl'
  delimiter?: string
  quote: string
  header: boolean
  encoding: Encoding
  null: string
}

export type Format = { kind: 'csv'; csv: CsvFormat } | { kind: 'jsonl'; decode: (bytes: string) => string }

const ENDINGS: Record<string, { kind: 'csv' | 'jsonl'; delimiter?: string }> = {
  csv: { kind: 'csv', delimiter: ',' },
  tsv: { kind: 'csv', delimiter: '\t' },
  jsonl: { kind: 'jsonl' },
  ndjson: { kind: 'jsonl' },
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
  const decode = decoder(options.encoding)
  if (first!.kind === 'jsonl') return { kind: 'jsonl', decode }
  const { quote, header, null: nullText } = options
  const csv = { delimiter: first!.delimiter ?? ',', quote, header, nullText, decode }
  checkDialect(csv)
  return { kind: 'csv', csv }
}

function chosen({ name }: FoundFile, { format, delimiter }: FormatOptions) {
  const known = ENDINGS[endingOf(name)]
  const kind = format ?? known?.kind
  if (kind === 'jsonl') return { kind }
  if (kind === 'csv') return { kind, delimiter: delimiter ?? known?.delimiter ?? ',' }
  throw new ConfigError('E426', {
    problem: `The name "${name}" does not tell its format.`,
    remedy: 'State it in config/connections.yaml: format: csv or format: jsonl',
  })
}

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
