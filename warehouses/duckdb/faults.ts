import { ConfigError, WarehouseError } from '../../core/errors.ts'
import type { Fault } from '../engine.ts'

/** DuckDB has no error numbers: its messages begin with their class. */
const patterns: [RegExp, Fault][] = [
  [/No space left on device|[Dd]isk full/, 'fatal'],
  [/[Cc]orrupt|checksum|^Serialization Error/, 'damaged'],
  [/database has been invalidated|FATAL Error|INTERNAL Error/, 'fatal'],
  [/Out of Memory Error/, 'memory'],
  [
    /^TransactionContext Error: (Conflict|Failed to commit)|^Transaction conflict|Catalog write-write conflict/,
    'retry',
  ],
  [/^Constraint Error: .*(Duplicate key|PRIMARY KEY or UNIQUE)/i, 'duplicate'],
  [/^(Conversion|Out of Range|Invalid Input|Constraint|Mismatch Type) Error/, 'refused'],
  [/^Dependency Error/, 'depended'],
  [/^Permission Error|Permission denied/, 'denied'],
  [/^IO Error/, 'fatal'],
]

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const fault = (error: unknown): Fault | undefined =>
  error instanceof TypeError ? undefined : patterns.find(([pattern]) => pattern.test(message(error)))?.[1]

export const spoke = (error: unknown): boolean => /^[A-Z]\w*(?: \w+)* Error: /.test(message(error))

/** The first line; of data errors, which carry values, only the class. */
export function words(error: unknown): string {
  const [first = ''] = message(error).split('\n')
  const kind = fault(error)
  if (kind === 'refused' || kind === 'duplicate') return `DuckDB ${first.split(':')[0]}`
  return first.replace(/\. See also .*$/, '').replace(/\.$/, '')
}

/** What servers say of themselves and of names. Whatever else they say may show values. */
const HARMLESS =
  /^(?:canceling statement|terminating connection|server closed the connection|connection to server|could not (?:connect|receive data|send data|translate host)|permission denied for|relation "[^"]*" does not exist|column "[^"]*" does not exist|too many (?:clients|connections)|sorry, too many clients|remaining connection slots|the database system is|SSL |out of memory|(?:SELECT|SHOW|EXECUTE) command denied|Table '[^']*' doesn't exist|Lost connection|(?:MySQL s|S)erver has gone away|Can't connect|Too many connections|User \S+ already has more than|User '[^']*' has exceeded|Query execution was interrupted|Connection was killed|Access denied for user)/i

/** Of an extension that reads another server: a message may hold the statement, with places of rows in it, and values. */
export function serverWords(error: unknown): string {
  const [first = ''] = message(error).split('\n')
  const own = /^([A-Z]\w*(?: \w+)* Error):/.exec(first)?.[1] ?? 'error'
  if (fault(error) === 'memory') return words(error)
  const said = /: (?:ERROR|FATAL): {1,2}(.*)|": (.*)/s.exec(first)
  const text = (said?.[1] ?? said?.[2] ?? '').replace(/^(?:ERROR|FATAL): */, '').replace(/\.$/, '')
  return HARMLESS.test(text) ? `DuckDB ${own}: ${text}` : `DuckDB ${own}`
}

const HELD = /Conflicting lock is held in (.*?) ?\(PID (\d+)\)/

/** Why the file did not open. */
export function openingError(error: unknown, path: string): Error {
  const held = HELD.exec(message(error))
  if (held)
    return new WarehouseError('E607', {
      problem: `The warehouse ${path} is open in another process: ${held[1]}, process id ${held[2]}.`,
      remedy: 'Wait for that process or stop it.',
      cause: error,
    })
  if (/different configuration/.test(message(error)))
    return new ConfigError('E607', {
      problem: `The warehouse ${path} is already open in this process with other settings.`,
      remedy: 'Give the same memory_limit and threads everywhere, or close it first.',
      cause: error,
    })
  if (/No space left/.test(message(error)))
    return new WarehouseError('E606', {
      problem: `The warehouse ${path} cannot be opened: ${words(error)}.`,
      remedy: 'Make room on its disk, then run again.',
      cause: error,
    })
  return new WarehouseError('E608', {
    problem: `The warehouse ${path} cannot be opened: ${words(error)}.`,
    remedy: 'Restore it from a backup, or begin a new one: docs/guide/damaged-warehouse.md.',
    cause: error,
  })
}
