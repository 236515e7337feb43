import { didYouMean } from '../../core/text.ts'
import {
  type Batch,
  batches,
  type Checkpoint,
  ConfigError,
  type DatasetFacts,
  type DatasetRequest,
  type Field,
  type Json,
  type Range,
  type ReadAsk,
  type SourceReader,
} from '../../sdk/index.ts'
import { csvColumns, csvRows } from './csv.ts'
import { fileRows } from './file-rows.ts'
import { type Format, type FormatOptions, formatOf, isKnown } from './format.ts'
import { inferFields, jsonlRows } from './jsonl.ts'
import { type FoundFile, fileNames, findFiles, listPrint, type Place, placeOf } from './listing.ts'
import type { FileRow } from './rows.ts'

export interface FilesOptions extends FormatOptions {
  path: string
}

export function filesReader(options: FilesOptions, root: string, connection: string): SourceReader {
  const place = () => placeOf(options.path, root, connection)
  const open = (dataset: DatasetRequest) => openDataset(dataset, place, options)
  return {
    test: async () => `${(await names(await place(), options)).length} files`,
    datasets: async () =>
      (await names(await place(), options)).map((name) => ({ from: name, kind: 'file' as const })),
    describe: async (dataset) => describe(dataset, await open(dataset)),
    split: async (dataset) => {
      const { files } = await open(dataset)
      const data = { files: listPrint(files), file: null, row: 0 }
      return {
        highWater: { v: 1, position: { kind: 'file', data }, readStartedAt: now() },
        ranges: [{ id: '0' }],
      }
    },
    read: (dataset, range, from, ask) => read(dataset, open, range, from, ask),
    close: async () => {},
  }
}

async function names(place: Place, options: FilesOptions): Promise<string[]> {
  const all = await fileNames(place)
  return options.format === undefined ? all.filter(isKnown) : all
}

/** A file's own time tells nothing of when its rows changed; the clock here is the source's. */
const now = (): string => new Date().toISOString().replace('Z', '000Z')

interface Dataset {
  files: FoundFile[]
  format: Format
  connection: string
}

async function openDataset(
  dataset: DatasetRequest,
  place: () => Promise<Place>,
  options: FilesOptions,
): Promise<Dataset> {
  if (dataset.cursor !== undefined) throw noCursor(dataset)
  const at = await place()
  const files = await findFiles(dataset.from, at)
  return { files, format: formatOf(files, options), connection: at.connection }
}

const noCursor = (dataset: DatasetRequest): ConfigError =>
  new ConfigError('E407', {
    problem: `"${dataset.from}" is a file, and files are read in full.`,
    remedy: 'Leave cursor out; unchanged rows are recognised by their key.',
  })

const SAMPLE_ROWS = 1000
const never = new AbortController().signal

async function describe(dataset: DatasetRequest, opened: Dataset): Promise<DatasetFacts> {
  const fields = await fieldsOf(opened, never)
  const open = opened.format.kind === 'jsonl'
  if (!open) for (const name of dataset.key ?? []) checkField(name, fields, dataset, opened)
  const facts = { from: dataset.from, key: [], keyProven: false, kind: 'file' as const }
  return { ...facts, schema: open ? { fields, open } : { fields } }
}

async function fieldsOf({ files, format }: Dataset, signal: AbortSignal): Promise<Field[]> {
  if (format.kind === 'jsonl') return inferFields(await sample(files, format.decode, signal))
  const all = new Set<string>()
  for (const file of files) for (const name of await csvColumns(file, format.csv, signal)) all.add(name)
  return [...all].map((name) => ({ name, type: 'text', sourceType: 'csv', nullable: true }))
}

async function sample(files: FoundFile[], decode: (bytes: string) => string, signal: AbortSignal) {
  const rows: { [name: string]: Json }[] = []
  for (const [index, file] of files.entries())
    for await (const portion of jsonlRows(file, index, decode, signal)) {
      for (const { values } of portion) if (values && !Array.isArray(values)) rows.push(values)
      if (rows.length >= SAMPLE_ROWS) return rows.slice(0, SAMPLE_ROWS)
    }
  return rows
}

function checkField(name: string, fields: Field[], dataset: DatasetRequest, { connection }: Dataset): void {
  const known = fields.map((it) => it.name)
  if (known.includes(name)) return
  throw new ConfigError('E405', {
    problem: `Dataset "${dataset.from}" has no field "${name}".`,
    remedy: `${didYouMean(name, known)}See: polder connect discover ${connection} ${dataset.from}`,
  })
}

async function* read(
  dataset: DatasetRequest,
  open: (dataset: DatasetRequest) => Promise<Dataset>,
  range: Range,
  from: Checkpoint | null,
  ask: ReadAsk,
): AsyncGenerator<Batch> {
  ask.signal.throwIfAborted()
  const opened = await open(dataset)
  const { files, format } = opened
  const known = await fieldsOf(opened, ask.signal)
  const fields = chosen(known, dataset, ask.fields, opened)
  const files_ = listPrint(files)
  const clock = { files: files_, readStartedAt: from?.readStartedAt ?? now() }
  const all = ask.fields.includes('*') && format.kind === 'jsonl'
  const start = startOf(from ?? (range.from ? { position: range.from } : null), files, files_)
  yield* batches(
    allRows(opened, fields, start, ask.signal),
    fileRows({ files, fields, open: format.kind === 'jsonl', growing: all, clock }),
    range,
    ask,
  )
}

function chosen(known: Field[], dataset: DatasetRequest, wanted: string[], opened: Dataset): Field[] {
  if (wanted.includes('*')) return known
  const names = [...new Set([...wanted, ...(dataset.key ?? [])])]
  if (opened.format.kind === 'csv') for (const name of names) checkField(name, known, dataset, opened)
  const added = names.filter((name) => !known.some((it) => it.name === name))
  const fields = known.filter((it) => names.includes(it.name))
  return [
    ...fields,
    ...added.map((name) => ({ name, type: 'unknown' as const, sourceType: 'json', nullable: true })),
  ]
}

interface Start {
  file: number
  /** Rows of that file already read. */
  row: number
}

/** Where to go on; from the beginning when the files are not those that the position was taken in. */
function startOf(from: Pick<Checkpoint, 'position'> | null, files: FoundFile[], print: string): Start {
  const beginning = { file: 0, row: 0 }
  if (from?.position.kind !== 'file') return beginning
  const { files: then, file, row } = from.position.data as { files: string; file: string | null; row: number }
  if (then !== print || file === null) return beginning
  return { file: files.findIndex((it) => it.name === file), row }
}

async function* allRows(
  { files, format }: Dataset,
  fields: Field[],
  start: Start,
  signal: AbortSignal,
): AsyncGenerator<FileRow[]> {
  const names = fields.map((it) => it.name)
  for (const [index, file] of files.entries()) {
    if (index < start.file) continue
    const rows =
      format.kind === 'csv'
        ? csvRows({ file, index, fields: names }, format.csv, signal)
        : jsonlRows(file, index, format.decode, signal)
    for await (const portion of rows)
      yield index === start.file && start.row > 0 ? portion.filter((it) => it.row > start.row) : portion
  }
}
