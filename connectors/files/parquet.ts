import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'
import { type Field, PolderError, SourceError, type Value } from '../../sdk/index.ts'
import { allChunks } from '../duckdb-chunks.ts'
import { type DuckdbColumn, duckdbColumn } from '../duckdb-types.ts'
import { type FoundFile, printOf } from './listing.ts'
import { brokenRow, type FileRow, ROW_BYTES } from './rows.ts'
import { changed } from './text.ts'

/** Nothing is fetched, written or remembered: an engine in memory that reads one file. */
const SETTINGS = {
  threads: '2',
  memory_limit: '256MB',
  temp_directory: '',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  // Positions are numbers of rows in the file's own order.
  preserve_insertion_order: 'true',
}

async function inEngine<T>(file: FoundFile, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const opened = await open()
  try {
    return await work(opened.connection)
  } catch (cause) {
    throw faultOf(cause, file)
  } finally {
    close(opened)
  }
}

interface Opened {
  instance: DuckDBInstance
  connection: DuckDBConnection
}

async function open(): Promise<Opened> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', SETTINGS)
  const connection = await instance.connect()
  await connection.run(`set timezone = 'UTC'`)
  return { instance, connection }
}

function close({ instance, connection }: Opened): void {
  connection.closeSync()
  instance.closeSync()
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
/** The engine takes a path as a pattern; in brackets its signs stand for themselves. */
const literal = (path: string): string => `'${path.replace(/[*?[]/g, '[$&]').replaceAll("'", "''")}'`
const tableOf = (file: FoundFile): string =>
  `read_parquet(${literal(file.path)}, hive_partitioning = false, union_by_name = false)`

async function columnsOf(connection: DuckDBConnection, file: FoundFile): Promise<DuckdbColumn[]> {
  const described = await connection.runAndReadAll(`describe select * from ${tableOf(file)}`)
  return described.getRows().map(([name, type]) => duckdbColumn(String(name), String(type)))
}

/** @throws {SourceError} E431 no Parquet file, or a damaged one */
export async function parquetFields(file: FoundFile): Promise<Field[]> {
  const columns = await inEngine(file, (connection) => columnsOf(connection, file))
  return columns.map(({ name, type, sourceType }) => ({ name, type, sourceType, nullable: true }))
}

/** What is wanted of one file. */
export interface ParquetTarget {
  file: FoundFile
  index: number
  fields: string[]
  /** Rows of the file to pass over. */
  after: number
}

/**
 * The rows of a file behind `after`, in its order.
 * @throws {SourceError} E423 it changed while read, E431 no Parquet file, or a damaged one
 */
export async function* parquetRows(target: ParquetTarget, signal: AbortSignal): AsyncGenerator<FileRow[]> {
  const { file } = target
  if ((await printOf(file.path, file.name)) !== file.print) throw changed(file)
  const opened = await open()
  try {
    for await (const rows of streamed(opened.connection, target)) {
      signal.throwIfAborted()
      yield rows
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw faultOf(cause, file)
  } finally {
    close(opened)
  }
  if ((await printOf(file.path, file.name)) !== file.print) throw changed(file)
}

async function* streamed(connection: DuckDBConnection, target: ParquetTarget): AsyncGenerator<FileRow[]> {
  const { file, index, fields, after } = target
  const known = await columnsOf(connection, file)
  const columns = known.filter((it) => fields.includes(it.name))
  const at = fields.map((name) => columns.findIndex((it) => it.name === name))
  const selected = columns.map((it) => it.select(quote(it.name)))
  const sql = `select ${selected.join(', ') || 'null'} from ${tableOf(file)}${after > 0 ? ` offset ${after}` : ''}`
  const counted = await connection.runAndReadAll(`select count(*) from ${tableOf(file)}`)
  const expected = Math.max(0, Number(counted.getRows()[0]![0]) - after)
  const result = await connection.stream(sql)
  let row = after
  for await (const chunk of allChunks(result, expected)) {
    const raw = columns.map((_, i) => chunk.getColumnValues(i))
    const rows: FileRow[] = []
    const faults = new Map<number, string>()
    const decoded = columns.map((it, i) => decodeAll(raw[i]!, it, faults))
    for (let i = 0; i < chunk.rowCount; i++) {
      row += 1
      const place = { file: index, row, line: row, size: sizeOf(raw, i) }
      const fault = faults.get(i)
      rows.push(
        fault === undefined
          ? { ...place, values: decoded.map((it) => it[i]!), columns: at }
          : { ...place, broken: unreadable(fault, `${file.name}:${row}`, rowText(columns, raw, i)) },
      )
    }
    yield rows
  }
}

/** @param faults gets the rows of values that cannot be read, and the column */
const decodeAll = (
  values: readonly DuckDBValue[],
  { name, decode }: DuckdbColumn,
  faults: Map<number, string>,
): Value[] =>
  values.map((it, i) => {
    try {
      return it === null ? null : decode(it as string | number | bigint | boolean)
    } catch {
      faults.set(i, name)
      return null
    }
  })

const unreadable = (column: string, place: string, text: string) =>
  brokenRow('E444', `The value of "${column}" cannot be read.`, place, text)

type Raw = readonly DuckDBValue[]

const rowText = (columns: DuckdbColumn[], raw: Raw[], row: number): string =>
  JSON.stringify(Object.fromEntries(columns.map(({ name }, i) => [name, String(raw[i]![row])])))

const VALUE_BYTES = 8

function sizeOf(columns: Raw[], row: number): number {
  let size = ROW_BYTES + columns.length * VALUE_BYTES
  for (const column of columns) {
    const value = column[row]
    if (typeof value === 'string') size += value.length
  }
  return size
}

function faultOf(cause: unknown, file: FoundFile): unknown {
  if (!(cause instanceof Error) || cause instanceof PolderError) return cause
  // The engine's message may quote values of rows; its first words say of which kind the fault is.
  const kind = /^[A-Za-z ]+ Error/.exec(cause.message)?.[0] ?? 'Error'
  return new SourceError('E431', {
    problem: `"${file.name}" cannot be read as Parquet (${kind}).`,
    remedy: 'Copy or export it again. What earlier runs loaded stays.',
  })
}
