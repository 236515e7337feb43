import { didYouMean, plural } from '../../core/text.ts'
import {
  type Batch,
  batches,
  type Checkpoint,
  ConfigError,
  type DatasetFacts,
  type DatasetRequest,
  type Field,
  type Range,
  type ReadAsk,
  type SourceReader,
} from '../../sdk/index.ts'
import { addressOf } from './address.ts'
import { csvRows } from './csv.ts'
import { fieldsOf, isOpen, objectRows, schemaOf } from './fields.ts'
import { fileRows } from './file-rows.ts'
import { type Format, type FormatOptions, formatOf, isKnown } from './format.ts'
import { type FoundFile, fileNames, findFiles, listPrint, type Place, placeOf } from './listing.ts'
import { type ParquetTarget, parquetRows } from './parquet.ts'
import type { FileRow } from './rows.ts'

export interface FilesOptions extends FormatOptions {
  path: string
}

export function filesReader(options: FilesOptions, root: string, connection: string): SourceReader {
  const place = () => placeOf(options.path, root, connection)
  const open = (dataset: DatasetRequest) => openDataset(dataset, place, options)
  return {
    test: async () => plural((await names(await place(), options)).length, 'file'),
    datasets: async () =>
      (await names(await place(), options)).map((name) => ({ from: name, kind: 'file' as const })),
    describe: async (dataset) => describe(dataset, await open(dataset)),
    split: async (dataset) => {
      const { print } = await open(dataset)
      const position = { kind: 'file' as const, data: { files: print, file: null, row: 0 } }
      return {
        highWater: { v: 1, position, highWater: print, readStartedAt: now() },
        ranges: [{ id: '0' }],
      }
    },
    read: (dataset, range, from, ask) => read(dataset, open, range, from, ask),
    address: async (dataset) => addressOf(await open(dataset), options),
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
  /** Of the files and how they are read. */
  print: string
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
  const { path: _, ...how } = options
  return { files, print: listPrint(files, how), format: formatOf(files, options), connection: at.connection }
}

const noCursor = (dataset: DatasetRequest): ConfigError =>
  new ConfigError('E407', {
    problem: `"${dataset.from}" is a file, and files are read in full.`,
    remedy: 'Leave cursor out; unchanged rows are recognised by their key.',
  })

const never = new AbortController().signal

async function describe(dataset: DatasetRequest, opened: Dataset): Promise<DatasetFacts> {
  const schema = await schemaOf(opened, never)
  const { fields } = schema
  if (!schema.open) for (const name of dataset.key ?? []) checkField(name, fields, dataset, opened)
  const facts = { from: dataset.from, key: [], keyProven: false, kind: 'file' as const }
  return { ...facts, schema }
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
  openIt: (dataset: DatasetRequest) => Promise<Dataset>,
  range: Range,
  from: Checkpoint | null,
  ask: ReadAsk,
): AsyncGenerator<Batch> {
  ask.signal.throwIfAborted()
  const opened = await openIt(dataset)
  const { files, format, print } = opened
  const known = await fieldsOf(opened, ask.signal)
  const fields = chosen(known, dataset, ask.fields, opened)
  const clock = { files: print, readStartedAt: from?.readStartedAt ?? now() }
  const open = isOpen(format)
  const growing = ask.fields.includes('*') && open
  const start = startOf(from ?? (range.from ? { position: range.from } : null), files, print)
  yield* batches(
    allRows(opened, fields, start, ask.signal),
    fileRows({ files, fields, open, growing, clock }),
    range,
    ask,
  )
}

function chosen(known: Field[], dataset: DatasetRequest, wanted: string[], opened: Dataset): Field[] {
  if (wanted.includes('*')) return known
  const names = [...new Set([...wanted, ...(dataset.key ?? [])])]
  if (!isOpen(opened.format)) for (const name of names) checkField(name, known, dataset, opened)
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
    const after = index === start.file ? start.row : 0
    const rows = rowsOf({ file, index, fields: names, after }, format, signal)
    for await (const portion of rows) yield after > 0 ? portion.filter((it) => it.row > after) : portion
  }
}

/** Parquet passes over rows by itself; of a text file they must be read to be counted. */
function rowsOf(target: ParquetTarget, format: Format, signal: AbortSignal): AsyncGenerator<FileRow[]> {
  if (format.kind === 'parquet') return parquetRows(target, signal)
  if (format.kind === 'csv') return csvRows(target, format.csv, signal)
  return objectRows(format)(target.file, target.index, format.decode, signal)
}
