import { MARK_TYPES } from '../core/mark.ts'
import { ConfigError, type DatasetRequest, SourceError } from '../sdk/index.ts'
import { findColumn, findTable } from './sql-names.ts'
import type { SqlColumn, SqlEngine, SqlSession, SqlTable } from './sql-types.ts'

export interface Source {
  engine: SqlEngine
  connection: string
  /** Tables by the `from` that named them. */
  known: Map<string, SqlTable>
}

/** What the catalogs say of a dataset. */
export interface Looked {
  table: SqlTable
  columns: SqlColumn[]
  /** The primary key. */
  key: string[]
  mark?: SqlColumn
}

/** Does `work` on a short connection; the driver's errors become ours. */
export async function inSession<T>(
  engine: SqlEngine,
  from: string | undefined,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  try {
    const session = await engine.connect()
    let isSound = false
    try {
      const result = await work(session)
      isSound = true
      return result
    } finally {
      await (isSound && engine.done ? engine.done(session) : session.close())
    }
  } catch (error) {
    throw engine.fault(error, from)
  }
}

/**
 * Finds the table and what the request names of it.
 * @throws {ConfigError} E404–E407; {AuthError} E403
 */
export async function look(session: SqlSession, dataset: DatasetRequest, source: Source): Promise<Looked> {
  const { engine, connection, known } = source
  const table = findTable(dataset.from, await session.tables({ estimates: false }), engine, connection)
  known.set(dataset.from, table)
  const columns = await session.columns(table)
  if (columns.length === 0) throw noColumns(dataset)
  const key = await session.key(table)
  const column = (name: string) => findColumn(name, columns, dataset.from, connection)
  for (const name of dataset.key ?? []) column(name)
  const mark = dataset.cursor === undefined ? undefined : column(dataset.cursor)
  if (mark && !MARK_TYPES.includes(mark.type)) throw noMark(mark, dataset)
  return { table, columns, key, ...(mark ? { mark } : {}) }
}

const noColumns = (dataset: DatasetRequest): SourceError =>
  new SourceError('E408', {
    problem: `The server tells no columns of "${dataset.from}".`,
    remedy: 'A view over a table that is gone has none: run the view in the database itself.',
  })

const noMark = (column: SqlColumn, dataset: DatasetRequest): ConfigError =>
  new ConfigError('E407', {
    problem: `"${column.name}" of "${dataset.from}" is ${column.sourceType}, which cannot be a cursor.`,
    remedy:
      'Choose a number, date or time that grows with every change, or leave cursor out to read in full.',
  })
