import type { CsvMeasure, FileAddress } from '../../sdk/index.ts'
import { csvRows } from './csv.ts'
import { fieldsOf } from './fields.ts'
import type { Format, FormatOptions } from './format.ts'
import type { FoundFile } from './listing.ts'
import { isZipped } from './text.ts'

interface Opened {
  files: FoundFile[]
  format: Format
}

/** Where the files of a dataset lie and how they are written. */
export function addressOf({ files, format }: Opened, { encoding }: FormatOptions): FileAddress | undefined {
  const paths = files.map((it) => it.path)
  if (format.kind !== 'csv') return { kind: format.kind === 'parquet' ? 'parquet' : 'json', paths }
  const zipped = files.filter((it) => isZipped(it.name)).length
  if (zipped !== 0 && zipped !== files.length) return undefined
  const { delimiter, quote, header, nullText } = format.csv
  const measure = () => measureCsv({ files, format })
  const csv = { delimiter, quote, header, nullText, encoding, isZipped: zipped > 0, measure }
  return { kind: 'csv', paths, csv }
}

/** @returns the first line that is no row where there is one */
async function measureCsv({
  files,
  format,
}: {
  files: FoundFile[]
  format: Extract<Format, { kind: 'csv' }>
}): Promise<CsvMeasure | { not: string }> {
  const { signal } = new AbortController()
  const names = (await fieldsOf({ files, format }, signal)).map((it) => it.name)
  const sums = names.map(() => ({ values: 0, bytes: 0 }))
  let count = 0
  for (const [index, file] of files.entries())
    for await (const rows of csvRows({ file, index, fields: names }, format.csv, signal)) {
      count += rows.length
      for (const { broken, values, columns } of rows) {
        if (broken) return { not: `${broken.place}: ${broken.reason.replace(/\.$/, '')}` }
        for (let i = 0; i < names.length; i++) add(sums[i]!, (values as (string | null)[])[columns![i]!])
      }
    }
  return { rows: count, fields: new Map(names.map((name, i) => [name, sums[i]!])) }
}

function add(sum: { values: number; bytes: number }, value: string | null | undefined): void {
  if (value === null || value === undefined) return
  sum.values += 1
  sum.bytes += Buffer.byteLength(value)
}
