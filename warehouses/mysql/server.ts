import type { ConnectionOptions } from 'mysql2/promise'
import { ConfigError } from '../../core/errors.ts'

/** What every connection of one session needs to know. */
export interface Server {
  address: ConnectionOptions
  settings: string[]
  internal: string
  collation: string
  localInfile: boolean
}

const CONNECT_TIMEOUT_MS = 10_000
const DEFAULT_PORT = 3306

/** Only these options reach the driver: it has some that run code or change values. */
export function address(url: unknown): ConnectionOptions {
  if (typeof url !== 'string' || !/^(mysql|mariadb):\/\//.test(url) || !URL.canParse(url)) throw misread()
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || DEFAULT_PORT),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || undefined,
    ssl: encryption(searchParams),
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    multipleStatements: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableKeepAlive: true,
  }
}

/** `?ssl=true`: encrypted, with a certificate that the machine trusts. */
function encryption(parameters: URLSearchParams): ConnectionOptions['ssl'] {
  for (const [name, value] of parameters) if (name !== 'ssl' || !/^(true|false)$/.test(value)) throw misread()
  return parameters.get('ssl') === 'true' ? { rejectUnauthorized: true } : undefined
}

const misread = (): ConfigError =>
  new ConfigError('E614', {
    problem: 'The url of the warehouse is no MySQL or MariaDB address.',
    remedy:
      'Write it as mysql://user@host:3306/database (or with ?ssl=true), with the password by ${env:NAME}.',
  })

export const baseSettings = (collation: string): string[] => [
  `names utf8mb4 collate ${collation}`,
  `time_zone = '+00:00'`,
  `sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
  'session transaction isolation level read committed',
  // Notes too tell of changed values.
  'sql_notes = 1',
  'innodb_lock_wait_timeout = 15',
  // Wide rows and slow sources between two statements of a load.
  'net_write_timeout = 600',
  // A process that stops in the middle of LOAD DATA, which takes its lines from memory.
  'net_read_timeout = 15',
  'wait_timeout = 28800',
]
