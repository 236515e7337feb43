import { PolderError, SourceError } from '../../sdk/index.ts'
import { sqlFault } from '../sql-faults.ts'

/** The driver gives no codes, only SQLite's messages. */
const DAMAGED = /malformed|not a database|disk I\/O error|unable to open/i
const GONE = /^no such (table|column)/i

export function sqliteFault(
  error: unknown,
  told: { connection: string; file: string; from?: string },
): unknown {
  if (error instanceof PolderError || !(error instanceof Error)) return error
  if (error.name !== 'SQLite3Error') return error
  const words = error.message.replace(/\.$/, '')
  if (DAMAGED.test(words)) {
    return new SourceError('E432', {
      problem: `"${told.file}" of connection "${told.connection}" cannot be read: ${words}.`,
      remedy: `Check it: sqlite3 ${told.file} "pragma integrity_check"`,
    })
  }
  const { connection, from, file } = told
  return sqlFault(
    GONE.test(words) ? 'gone' : 'query',
    { connection, server: file, words, ...(from ? { from } : {}) },
    error,
  )
}
