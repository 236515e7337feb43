import {
  type Column,
  excerptOf,
  type Field,
  type Json,
  RowError,
  type RowSchema,
  type RowsOf,
  type Value,
} from '../../sdk/index.ts'
import type { FoundFile } from './listing.ts'
import type { FileRow } from './rows.ts'

export interface FileReading {
  files: FoundFile[]
  fields: Field[]
  /** Rows are objects that may have further fields … */
  open: boolean
  /** … which are delivered too. */
  growing: boolean
  clock: { files: string; readStartedAt: string }
}

type Absent = NonNullable<RowSchema['absent']>

/** More is no table. */
const MAX_FIELDS = 10_000

/** How the rows of one reading become batches. */
export function fileRows(reading: FileReading): RowsOf<FileRow> {
  const { files, clock, open } = reading
  const fields = [...reading.fields]
  const names = new Set(fields.map((it) => it.name))
  const grow = (rows: FileRow[]) => {
    for (const [i, { values }] of rows.entries())
      for (const name of Object.keys(values as { [name: string]: Json })) {
        if (names.has(name)) continue
        if (names.size >= MAX_FIELDS) throw tooMany(i)
        names.add(name)
        fields.push({ name, type: 'unknown', sourceType: 'json', nullable: true })
      }
  }
  return {
    size: (row) => row.size,
    broken: (row) => row.broken,
    excerpt: (row) => ({
      row: excerptOf((row.values ?? null) as Json),
      place: `${files[row.file]!.name}:${row.line}`,
    }),
    decode(rows) {
      if (reading.growing) grow(rows)
      if (!open) return { schema: { fields }, columns: fields.map((_, i) => listColumn(rows, i)) }
      const absent: Absent = new Map()
      const columns = fields.map(({ name }) => objectColumn(rows, name, absent))
      return { schema: { fields: [...fields], open, absent }, columns }
    },
    samePlace: () => false,
    checkpoint: ({ file, row }) => ({
      v: 1,
      position: { kind: 'file', data: { files: clock.files, file: files[file]!.name, row } },
      readStartedAt: clock.readStartedAt,
    }),
  }
}

const tooMany = (row: number): RowError =>
  new RowError('E448', row, { problem: `The rows have more than ${MAX_FIELDS} different fields.` })

function listColumn(rows: FileRow[], field: number): Column {
  const values: Value[] = new Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const { values: fields, columns } = rows[i]!
    values[i] = (fields as Value[])[columns![field]!] ?? null
  }
  return values
}

function objectColumn(rows: FileRow[], name: string, absent: Absent): Column {
  let missing = 0
  let run = 0
  let longest = 0
  const column = rows.map(({ values }) => {
    const row = values as { [name: string]: Json }
    if (Object.hasOwn(row, name)) {
      run = 0
      return row[name] ?? null
    }
    missing += 1
    run += 1
    if (run > longest) longest = run
    return null
  })
  if (missing > 0) absent.set(name, { rows: missing, run: longest })
  return column
}
