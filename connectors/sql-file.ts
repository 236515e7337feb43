import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigError, option, type SourceAddress, type SourceReader } from '../sdk/index.ts'
import { isInside } from './inside.ts'
import { sqlReader } from './sql-reader.ts'
import type { Raw, SqlEngine, SqlSession, SqlTable, Statement } from './sql-types.ts'

/** A database file as a connection names it. */
export interface Located {
  /** Absolute, links resolved. */
  path: string
  /** As the connection says it. */
  name: string
  connection: string
}

/** A database file that is open and that nothing is written to. */
interface OpenFile {
  stream(statement: Statement): AsyncIterable<Raw[][]>
  close(): Promise<void>
}

/** What tells one kind of database file from another. */
export interface FileKind<Database extends OpenFile> extends Pick<SqlEngine, 'builder' | 'alters'> {
  open(file: Located): Promise<Database>
  session(
    database: Database,
  ): Pick<SqlSession, 'version' | 'tables' | 'estimate' | 'columns' | 'key' | 'rows'>
  address(table: SqlTable, path: string): SourceAddress
  quote(name: string): string
  /** The driver's error as one of ours, where it is the driver's. `from`: the dataset it was about. */
  fault(error: unknown, told: { connection: string; file: string; from?: string }): unknown
}

interface Opened {
  connection: string
  /** Folder of the project. */
  root: string
  options: { path: string; timezone?: string }
}

/** @param example  a path, as ./data/shop.db */
export const fileOptions = (example: string) => ({
  path: option.path(`The database file, as ${example}`),
  timezone: option.timezone('Zone of times that carry none', { required: false }),
})

/** Reads the tables of one database file in the project's folder. */
export function fileReader<Database extends OpenFile>(
  kind: FileKind<Database>,
  opened: Opened,
): SourceReader {
  return sqlReader(engineOf(kind, opened), opened.connection)
}

function engineOf<Database extends OpenFile>(kind: FileKind<Database>, opened: Opened): SqlEngine {
  const { connection, root, options } = opened
  const located = () => locate(options.path, root, connection)
  const open = async () => kind.open(await located())
  return {
    builder: kind.builder,
    rowComparison: true,
    // It runs inside this process: several connections read no faster than one.
    parallel: false,
    defaultSchema: 'main',
    timezone: options.timezone,
    settleMs: 0,
    ...(kind.alters && { alters: true }),
    connect: async () => sessionOf(kind, await open()),
    async *stream(statement, signal) {
      const database = await open()
      try {
        for await (const rows of database.stream(statement)) {
          signal.throwIfAborted()
          yield rows
        }
      } finally {
        await database.close()
      }
    },
    address: async (table) => kind.address(table, (await located()).path),
    grant: ({ name }) => `give the file's owner the right to read it, with its table ${kind.quote(name)}`,
    fault: (error, from) =>
      kind.fault(error, { connection, file: options.path, ...(from ? { from } : {}) }) as Error,
  }
}

function sessionOf<Database extends OpenFile>(kind: FileKind<Database>, database: Database): SqlSession {
  // The clock of this machine is the file's.
  const now = () => new Date().toISOString().replace('Z', '000')
  return {
    ...kind.session(database),
    now: async () => `${now()}Z`,
    localNow: async () => now(),
    // Writers are not seen from outside. SQLite has one at a time, and what it has not committed is nowhere: numbers
    // come in the order of commits. DuckDB gives the file to one process alone.
    writers: async () => undefined,
    oldestStart: async () => null,
    close: () => database.close(),
  }
}

/** @throws {ConfigError} E404 there is no such file, E421 it lies outside the project */
async function locate(name: string, root: string, connection: string): Promise<Located> {
  const path = await realpath(resolve(root, name)).catch(() => undefined)
  if (path === undefined) {
    throw new ConfigError('E404', {
      problem: `Connection "${connection}": there is no file "${name}".`,
      remedy: 'Paths are relative to the folder of polder.yaml.',
    })
  }
  if (isInside(path, await realpath(root))) return { path, name, connection }
  throw new ConfigError('E421', {
    problem: `Connection "${connection}": "${name}" lies outside the project's folder.`,
    remedy: 'Copy the file into the project.',
  })
}
