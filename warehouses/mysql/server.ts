import { isIP } from 'node:net'
import type { ConnectionOptions } from 'mysql2/promise'
import { ConfigError } from '../../core/errors.ts'
import { encryptionOf, TLS_PARAMETERS } from '../tls.ts'

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
export function address(url: unknown, root = '/'): ConnectionOptions {
  if (typeof url !== 'string' || !/^(mysql|mariadb):\/\//.test(url) || !URL.canParse(url)) throw misread()
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return {
    host,
    port: Number(port || DEFAULT_PORT),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || undefined,
    ssl: encryption(searchParams, host, root),
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

/** @throws {ConfigError} E614 where it is not understood, E616 where the driver could not check the certificate's name */
function encryption(parameters: URLSearchParams, host: string, root: string): ConnectionOptions['ssl'] {
  for (const [name] of parameters) if (!TLS_PARAMETERS.includes(name)) throw misread()
  const found = encryptionOf(parameters, root)
  if (found === undefined) throw misread()
  if (found === false) return undefined
  if (found.rejectUnauthorized && isIP(host))
    throw new ConfigError('E616', {
      problem: `The certificate of ${host} cannot be checked: the driver for MySQL and MariaDB compares names, not addresses.`,
      remedy: 'Write the host by a name that the certificate is for, or sslmode=no-verify.',
    })
  return { ...found, verifyIdentity: found.rejectUnauthorized }
}

const misread = (): ConfigError =>
  new ConfigError('E614', {
    problem: 'The url of the warehouse is no MySQL or MariaDB address.',
    remedy:
      'Write it as mysql://user@host:3306/database (or with ?sslmode=verify-full), with the password by ${env:NAME}.',
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
