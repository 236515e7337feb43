import {
  AuthError,
  ConfigError,
  type ErrorCode,
  isTlsFault,
  PolderError,
  SourceError,
  TransientError,
  tlsRemedy,
} from '../sdk/index.ts'

/** What happened, as far as both engines know it. */
export type FaultKind =
  | 'unreachable'
  | 'login'
  | 'grant'
  | 'noDatabase'
  | 'gone'
  | 'stopped'
  | 'conflict'
  | 'tls'
  | 'query'

interface Told {
  connection: string
  from?: string
  /** `host:port` */
  server: string
  /** The driver's code and, where it can hold no value of a row, its message. */
  words: string
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
])

/** The kinds that come from Node, below any engine. */
export function socketFault(code: unknown): FaultKind | undefined {
  if (typeof code !== 'string') return undefined
  if (UNREACHABLE.has(code)) return 'unreachable'
  return isTlsFault(code) ? 'tls' : undefined
}

export const isOurs = (error: unknown): error is PolderError => error instanceof PolderError

type Maker = (told: Told) => { code: ErrorCode; problem: string; remedy: string }

const about = ({ from }: Told): string => (from === undefined ? '' : ` while reading "${from}"`)

const MAKERS: Record<FaultKind, [new (code: ErrorCode, details: Details) => PolderError, Maker]> = {
  unreachable: [
    TransientError,
    (it) => ({
      code: 'E401',
      problem: `Connection "${it.connection}" does not reach ${it.server}${about(it)}: ${it.words}.`,
      remedy: `Check host, port and network: polder connect test ${it.connection}`,
    }),
  ],
  login: [
    AuthError,
    (it) => ({
      code: 'E402',
      problem: `${it.server} refuses the login of connection "${it.connection}": ${it.words}.`,
      remedy:
        'Check user, password, the hosts that the account may come from, and whether it must be encrypted (ssl).',
    }),
  ],
  grant: [
    AuthError,
    (it) => ({
      code: 'E403',
      problem: `The account may not read "${it.from ?? it.connection}": ${it.words}.`,
      remedy: `Let an administrator grant SELECT on it to the account of "${it.connection}".`,
    }),
  ],
  noDatabase: [
    ConfigError,
    (it) => ({
      code: 'E414',
      problem: `Connection "${it.connection}" names a database that ${it.server} does not have: ${it.words}.`,
      remedy: 'Correct the database in config/connections.yaml.',
    }),
  ],
  gone: [
    SourceError,
    (it) => ({
      code: 'E409',
      problem: `"${it.from ?? it.connection}" changed its shape while it was read: ${it.words}.`,
      remedy: `See what it has now: polder connect discover ${it.connection}`,
    }),
  ],
  stopped: [
    TransientError,
    (it) => ({
      code: 'E410',
      problem: `${it.server} ended the query${about(it)}: ${it.words}.`,
      remedy: 'Raise statement_timeout_seconds, or ask who ends long queries there.',
    }),
  ],
  conflict: [
    TransientError,
    (it) => ({
      code: 'E410',
      problem: `${it.server} ended the query${about(it)}: ${it.words}.`,
      remedy: 'It is a standby: set hot_standby_feedback on there, or raise max_standby_streaming_delay.',
    }),
  ],
  tls: [
    ConfigError,
    (it) => ({
      code: 'E415',
      problem: `Connection "${it.connection}" gets no encrypted connection to ${it.server}: ${it.words}.`,
      remedy: tlsRemedy(it.words, 'ssl: verify'),
    }),
  ],
  query: [
    SourceError,
    (it) => ({
      code: 'E408',
      problem: `${it.server} cannot run the query${about(it)}: ${it.words}.`,
      remedy: 'A view may fail on a row: run the view in the database itself.',
    }),
  ],
}

interface Details {
  problem: string
  remedy: string
  cause?: unknown
}

/** @param cause kept only where its message can hold no value of a row */
export function sqlFault(kind: FaultKind, told: Told, cause?: unknown): PolderError {
  const [Kind, make] = MAKERS[kind]
  const { code, ...details } = make(told)
  return new Kind(code, { ...details, cause })
}
