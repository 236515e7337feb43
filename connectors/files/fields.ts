import type { Field, Json, RowSchema } from '../../sdk/index.ts'
import { csvColumns } from './csv.ts'
import type { Format } from './format.ts'
import { jsonRows } from './json.ts'
import { inferFields, jsonlRows } from './jsonl.ts'
import type { FoundFile } from './listing.ts'
import { parquetFields } from './parquet.ts'

type OpenFormat = Extract<Format, { decode: unknown }>

const SAMPLE_ROWS = 1000
/** Few large rows tell enough. */
const SAMPLE_BYTES = 8_000_000

/** JSON: rows may have more fields than a sample shows. */
export const isOpen = (format: Format): format is OpenFormat =>
  format.kind === 'jsonl' || format.kind === 'json'

export const objectRows = ({ kind }: OpenFormat) => (kind === 'json' ? jsonRows : jsonlRows)

/** The fields of all files of a dataset, in the order in which they first appear. */
export const fieldsOf = async (dataset: { files: FoundFile[]; format: Format }, signal: AbortSignal) =>
  (await schemaOf(dataset, signal)).fields

/** The fields, and of how many rows they were taken where only a sample tells them. */
export async function schemaOf(
  { files, format }: { files: FoundFile[]; format: Format },
  signal: AbortSignal,
): Promise<RowSchema> {
  if (isOpen(format)) {
    const rows = await sample(files, format, signal)
    return { fields: inferFields(rows), open: true, sampled: rows.length }
  }
  const all = new Map<string, Field>()
  for (const file of files) {
    const own = await ownFields(file, format, signal)
    // A file before the first that has the field is older than it; one after that has lost it.
    for (const [name, field] of all)
      if (!own.some((it) => it.name === name)) all.set(name, { ...field, optional: true })
    for (const field of own) {
      const other = all.get(field.name)
      all.set(
        field.name,
        other && other.type !== field.type ? { ...other, type: 'unknown' } : (other ?? field),
      )
    }
  }
  return { fields: [...all.values()] }
}

async function ownFields(file: FoundFile, format: Format, signal: AbortSignal): Promise<Field[]> {
  if (format.kind !== 'csv') return parquetFields(file)
  const names = await csvColumns(file, format.csv, signal)
  return names.map((name) => ({ name, type: 'text', sourceType: 'csv', nullable: true }))
}

async function sample(
  files: FoundFile[],
  format: OpenFormat,
  signal: AbortSignal,
): Promise<{ [name: string]: Json }[]> {
  const rows: { [name: string]: Json }[] = []
  let bytes = 0
  for (const [index, file] of files.entries())
    for await (const portion of objectRows(format)(file, index, format.decode, signal)) {
      for (const row of portion) {
        if (row.values && !Array.isArray(row.values)) rows.push(row.values)
        bytes += row.size
      }
      if (rows.length >= SAMPLE_ROWS || bytes >= SAMPLE_BYTES) return rows.slice(0, SAMPLE_ROWS)
    }
  return rows
}
