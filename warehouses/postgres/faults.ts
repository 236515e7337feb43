import { isTlsFault } from '../../sdk/index.ts'
import type { Fault } from '../engine.ts'

/** Source: https://www.postgresql.org/docs/current/errcodes-appendix.html and Node's system errors. */
const exact: Record<string, Fault> = {
  '40001': 'retry',
  '40P01': 'retry',
  '55P03': 'retry',
  '23505': 'duplicate',
  '42501': 'denied',
  '25006': 'readonly',
  '42P07': 'exists',
  '42701': 'exists',
  '2BP01': 'depended',
  '25P03': 'lost',
  '57P01': 'lost',
  '57P02': 'lost',
  '57P03': 'lost',
  '57P05': 'lost',
  '53300': 'lost',
  '53100': 'fatal',
  '53200': 'retry',
  ECONNREFUSED: 'lost',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ETIMEDOUT: 'lost',
  EHOSTUNREACH: 'lost',
  ENETUNREACH: 'lost',
  ENOTFOUND: 'lost',
  EAI_AGAIN: 'lost',
}

const classes: Record<string, Fault> = {
  '08': 'lost',
  '22': 'refused',
  '23': 'refused',
  '28': 'denied',
  '58': 'fatal',
  XX: 'fatal',
}

interface ServerError {
  code?: string
  message: string
  where?: string
  column?: string
}

const LOST_MESSAGE =
  /Connection terminated|timeout expired|Client has encountered a connection error|not queryable/

const NO_TLS = /SSL connections?$|no encryption$/

export function fault(error: unknown): Fault | undefined {
  const { code, message } = (error ?? {}) as ServerError
  if (isTlsFault(code) || ((code === undefined || code === '28000') && NO_TLS.test(message ?? '')))
    return 'tls'
  if (code !== undefined) return exact[code] ?? (code.length === 5 ? classes[code.slice(0, 2)] : undefined)
  return LOST_MESSAGE.test(message ?? '') ? 'lost' : undefined
}

export const spoke = (error: unknown): boolean => typeof (error as ServerError).code === 'string'

/** Messages of data errors carry values; those of names, rights and storage do not. */
export function words(error: unknown): string {
  const { code, message } = error as ServerError
  return code !== undefined && /^2[23]/.test(code) ? `PostgreSQL error ${code}` : message.replace(/\.$/, '')
}

const COPY_COLUMN = /^COPY [^,]+, line \d+, column ([^:]+)/

export function refusedColumn(error: unknown): string | undefined {
  const { where, column } = error as ServerError
  return column ?? (where ? COPY_COLUMN.exec(where)?.[1] : undefined)
}
