import { PolderError, SourceError, TransientError } from '../../sdk/index.ts'
import { sqlFault } from '../sql-faults.ts'

/** DuckDB has no error numbers: its messages begin with their class. */
const HELD = /Conflicting lock is held in (.*?) ?\(PID (\d+)\)/
const NONE = /not a valid DuckDB database|[Cc]orrupt|checksum|^Serialization Error|version number/
const GONE = /^(Catalog|Binder) Error/
const ITS_OWN = /^(?:[A-Z][A-Za-z]*(?: [A-Z][A-Za-z]*)*) Error: /

export function duckdbFault(
  error: unknown,
  told: { connection: string; file: string; from?: string },
): unknown {
  if (error instanceof PolderError || !(error instanceof Error) || !ITS_OWN.test(error.message)) return error
  const { connection, file, from } = told
  const held = HELD.exec(error.message)
  if (held) {
    return new TransientError('E434', {
      problem: `"${file}" of connection "${connection}" is open in another process: ${held[1]}, process id ${held[2]}.`,
      remedy: 'Wait for that process or stop it: while it may write, DuckDB lets nobody else in.',
    })
  }
  if (NONE.test(error.message)) {
    return new SourceError('E435', {
      problem: `"${file}" of connection "${connection}" is no DuckDB file that can be read (${classOf(error)}).`,
      remedy: `Open it with the duckdb program; one of a newer version is written anew by: EXPORT DATABASE`,
    })
  }
  // Messages of a query may quote values of rows; those of the catalog name only what it has.
  const isGone = GONE.test(error.message)
  const words = isGone ? firstLine(error) : `DuckDB ${classOf(error)}`
  return sqlFault(isGone ? 'gone' : 'query', { connection, server: file, words, ...(from ? { from } : {}) })
}

const firstLine = ({ message }: Error): string => message.split('\n')[0]!.replace(/\.$/, '')
const classOf = ({ message }: Error): string => message.split(':')[0]!
