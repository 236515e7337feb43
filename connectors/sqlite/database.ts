import { setImmediate as rest } from 'node:timers/promises'
import type { BindValues, Database, SQLiteValue } from 'node-sqlite3-wasm'
import type { Located } from '../sql-file.ts'
import type { Raw, Statement } from '../sql-types.ts'
import { type Snapshot, snapshot } from './snapshot.ts'

/** An open database that nothing can be written to. */
export interface OpenDatabase {
  all(statement: Statement): Raw[][]
  /** In portions, with a rest for other work between them; a file that changes meanwhile fails. */
  stream(statement: Statement): AsyncGenerator<Raw[][]>
  close(): Promise<void>
}

const CHUNK_ROWS = 500
const CHUNK_BYTES = 2_000_000

export async function openDatabase(file: Located): Promise<OpenDatabase> {
  const { default: sqlite } = await import('node-sqlite3-wasm')
  const taken = await snapshot(file)
  let database: Database | undefined
  const close = async () => {
    if (database?.isOpen) database.close()
    await taken.drop()
  }
  try {
    database = new sqlite.Database(taken.path, { readOnly: !taken.isCopy })
    // Without memory shared with other processes, a log is read only by a connection that has the file to itself.
    if (taken.isCopy) database.exec('pragma locking_mode = exclusive')
    database.exec('pragma query_only = 1')
    const opened = database
    return {
      all: (statement) => [...rowsOf(opened, statement)],
      stream: (statement) => streamed(opened, statement, taken),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function* rowsOf(database: Database, { sql, binds }: Statement): Generator<Raw[]> {
  // `\?` is a question mark of a name, which the query builder would have filled.
  const statement = database.prepare(sql.replaceAll('\\?', '?'))
  try {
    for (const row of statement.iterate(binds as BindValues)) yield Object.values(row).map(asRaw)
  } finally {
    statement.finalize()
  }
}

const asRaw = (value: SQLiteValue): Raw =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

async function* streamed(
  database: Database,
  statement: Statement,
  { check }: Snapshot,
): AsyncGenerator<Raw[][]> {
  const rows = rowsOf(database, statement)
  try {
    for (;;) {
      const some = take(rows)
      // Pages are read without locks: rows count only if the file is still the same after them.
      await check()
      if (some.length === 0) return
      yield some
      await rest()
    }
  } finally {
    rows.return(undefined)
  }
}

function take(rows: Generator<Raw[]>): Raw[][] {
  const taken: Raw[][] = []
  let bytes = 0
  while (taken.length < CHUNK_ROWS && bytes < CHUNK_BYTES) {
    const { value, done } = rows.next()
    if (done) break
    taken.push(value)
    for (const it of value) if (typeof it === 'string' || Buffer.isBuffer(it)) bytes += it.length
  }
  return taken
}
