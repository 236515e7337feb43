import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'
import { noteReader, spillFolder, writerOf } from '../../sdk/index.ts'
import { allChunks } from '../duckdb-chunks.ts'
import type { Raw, Statement } from '../sql-types.ts'

/** An open database that nothing is written to. */
export interface OpenDatabase {
  version(): Promise<string>
  all(statement: Statement): Promise<Raw[][]>
  stream(statement: Statement): AsyncGenerator<Raw[][]>
  close(): Promise<void>
}

/** Nothing is fetched; what is written are parts of a sort that needs more memory. */
const SETTINGS = {
  access_mode: 'READ_ONLY',
  // A sort of wide rows by two threads needs more than it has, whatever lies on the disk.
  threads: '1',
  memory_limit: '512MB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
}

interface Opened {
  instance: DuckDBInstance
  users: number
  gone(): void
}

/** One instance for all readers of a file: the first to close would let go of the locks of the others. */
const opened = new Map<string, Promise<Opened>>()

export async function openDatabase(path: string): Promise<OpenDatabase> {
  const writer = await writerOf(path)?.catch(() => undefined)
  if (writer) return databaseOf(await writer.connect(), () => {})
  const found = opened.get(path) ?? open(path)
  opened.set(path, found)
  const shared = await found
  shared.users += 1
  const leave = () => {
    shared.users -= 1
    if (shared.users > 0) return
    opened.delete(path)
    shared.instance.closeSync()
    shared.gone()
  }
  try {
    return await databaseOf(await shared.instance.connect(), leave)
  } catch (error) {
    leave()
    throw error
  }
}

async function open(path: string): Promise<Opened> {
  const spill = spillFolder()
  const noted = noteReader(path)
  const gone = () => {
    noted()
    spill.remove()
  }
  try {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(path, { ...SETTINGS, temp_directory: spill.path })
    return { instance, users: 0, gone }
  } catch (error) {
    opened.delete(path)
    gone()
    throw error
  }
}

async function databaseOf(connection: DuckDBConnection, leave: () => void): Promise<OpenDatabase> {
  // What a cast of an instant prints depends on it.
  await connection.run(`set timezone = 'UTC'`)
  const all = async ({ sql, binds }: Statement) =>
    (await connection.runAndReadAll(sql, binds as DuckDBValue[])).getRows().map((it) => it.map(asRaw))
  let isOpen = true
  return {
    version: async () => String((await all({ sql: 'select version()', binds: [] }))[0]![0]).replace(/^v/, ''),
    all,
    stream: (statement) => streamed(connection, statement),
    close: async () => {
      if (!isOpen) return
      isOpen = false
      connection.closeSync()
      leave()
    },
  }
}

async function* streamed(connection: DuckDBConnection, { sql, binds }: Statement): AsyncGenerator<Raw[][]> {
  const values = binds as DuckDBValue[]
  // Counted and read as they are at one moment; ends with the connection.
  await connection.run('begin transaction read only')
  const counted = await connection.runAndReadAll(`select count(*) from (${sql}) as counted`, values)
  const result = await connection.stream(sql, values)
  for await (const chunk of allChunks(result, Number(counted.getRows()[0]![0])))
    yield chunk.getRows().map((it) => it.map(asRaw))
}

/** Columns select what comes as one of these; see `types.ts`. */
const asRaw = (value: DuckDBValue): Raw => (typeof value === 'boolean' ? Number(value) : (value as Raw))
