import { ConfigError, option } from '../sdk/index.ts'

/** The options that SQL connectors share. */
export const sqlOptions = (example: string) => ({
  url: option.url('Where the database is; the password by reference', { required: false, example }),
  host: option.text('Server, where no url is given', { required: false }),
  port: option.integer('Port, where it is not the usual one', { required: false }),
  database: option.text('Database', { required: false }),
  user: option.text('Account; it needs no more than SELECT', { required: false }),
  password: option.secret('Password of the account', { required: false }),
  ssl: option.choice('Encryption; verify also checks the certificate', SSL, { required: false }),
  timezone: option.timezone('Zone of times that carry none', { required: false }),
  statement_timeout_seconds: option.integer('The server ends a query that runs longer; 0: never', {
    default: 0,
  }),
})

const SSL = ['disable', 'require', 'verify'] as const
type Ssl = (typeof SSL)[number]

export interface SqlOptions {
  url?: string
  host?: string
  port?: number
  database?: string
  user?: string
  password?: string
  ssl?: Ssl
  timezone?: string
  statement_timeout_seconds: number
}

export interface Address {
  host: string
  port: number
  database?: string
  user?: string
  password?: string
  /** As both drivers take it. */
  ssl: false | { rejectUnauthorized: boolean }
}

/**
 * Where to connect: the URL, with single options winning over its parts.
 * @throws {ConfigError} E411 neither url nor host, E412 not such a URL (which is not printed: it may hold a password)
 */
export function addressOf(
  options: SqlOptions,
  server: { protocols: string[]; port: number },
  connection: string,
): Address {
  const url = options.url === undefined ? undefined : parseUrl(options.url, server.protocols, connection)
  const host = options.host ?? url?.searchParams.get('host') ?? decoded(url?.hostname)
  if (!host) {
    throw new ConfigError('E411', {
      problem: `Connection "${connection}" says neither url nor host.`,
      remedy: `Write url: ${server.protocols[0]}://user:\${env:PASSWORD}@host/database`,
    })
  }
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: options.port ?? (Number(url?.port) || server.port),
    database: options.database ?? decoded(url?.pathname.slice(1)),
    user: options.user ?? decoded(url?.username),
    password: options.password ?? decoded(url?.password),
    ssl: sslOf(options.ssl ?? urlSsl(url, connection)),
  }
}

function parseUrl(text: string, protocols: string[], connection: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && protocols.includes(url.protocol.slice(0, -1))) return url
  throw new ConfigError('E412', {
    problem: `The url of connection "${connection}" is not of the form ${protocols[0]}://user@host:port/database.`,
    remedy: 'Percent-encode special characters of the password, or write host, user and password apart.',
  })
}

const decoded = (text: string | undefined): string | undefined =>
  text ? decodeURIComponent(text) : undefined

/** The words of libpq and MySQL, which many URLs carry. */
const URL_SSL: Record<string, Ssl> = {
  disable: 'disable',
  disabled: 'disable',
  allow: 'disable',
  prefer: 'disable',
  preferred: 'disable',
  require: 'require',
  required: 'require',
  true: 'require',
  'verify-ca': 'verify',
  'verify-full': 'verify',
  'verify-identity': 'verify',
  verify: 'verify',
  false: 'disable',
}

const SSL_WORDS = ['sslmode', 'ssl-mode', 'ssl', 'useSSL', 'requireSSL']

function urlSsl(url: URL | undefined, connection: string): Ssl {
  const word = SSL_WORDS.map((it) => url?.searchParams.get(it)).find((it) => it)
  if (!word) return 'disable'
  const known = word.toLowerCase().replaceAll('_', '-')
  if (Object.hasOwn(URL_SSL, known)) return URL_SSL[known]!
  throw new ConfigError('E412', {
    problem: `The url of connection "${connection}" asks for the unknown encryption "${word}".`,
    remedy: 'Leave it out of the url and write ssl: disable, require or verify.',
  })
}

const sslOf = (ssl: Ssl): Address['ssl'] =>
  ssl === 'disable' ? false : { rejectUnauthorized: ssl === 'verify' }
