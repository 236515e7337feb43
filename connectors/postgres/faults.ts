import { type FaultKind, isOurs, socketFault, sqlFault } from '../sql-faults.ts'

/** By SQLSTATE, its class last. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const KINDS: Record<string, FaultKind> = {
  '28': 'login',
  '3D000': 'noDatabase',
  '42501': 'grant',
  '42P01': 'gone',
  '42703': 'gone',
  '3F000': 'gone',
  '57014': 'stopped',
  '08': 'unreachable',
  '57P': 'unreachable',
  '53': 'unreachable',
  '40': 'unreachable',
  '55P03': 'unreachable',
}

/** Messages of these classes repeat values of rows. */
const WITH_VALUES = /^2[23]/

/** What the driver says itself, without a code. */
const LOST = /Connection terminated|timeout expired|Client was closed|not queryable|socket hang up/i
const NO_SSL = /server does not support SSL|establishing an SSL connection/i
/** What is said where the server takes encrypted connections only. */
const IN_THE_CLEAR = /no encryption$/

export function pgFault(error: unknown, told: { connection: string; server: string; from?: string }): Error {
  if (isOurs(error) || !(error instanceof Error)) return error as Error
  const code = (error as { code?: unknown }).code
  const kind =
    conflictKind(error.message) ??
    socketFault(code) ??
    encryptionKind(error, code) ??
    stateKind(code) ??
    messageKind(error.message)
  if (!kind) return error
  const hidden = typeof code === 'string' && WITH_VALUES.test(code)
  const words = hidden ? `SQLSTATE ${code}` : plainMessage(error, code)
  return sqlFault(kind, { ...told, words }, hidden ? undefined : error)
}

const encryptionKind = ({ message }: Error, code: unknown): FaultKind | undefined =>
  code === '28000' && IN_THE_CLEAR.test(message) ? 'tls' : undefined

/** A standby that has to replay what a query still needs. */
const CONFLICT = /due to conflict with recovery/
const conflictKind = (message: string): FaultKind | undefined =>
  CONFLICT.test(message) ? 'conflict' : undefined

function stateKind(code: unknown): FaultKind | undefined {
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return undefined
  return KINDS[code] ?? KINDS[code.slice(0, 3)] ?? KINDS[code.slice(0, 2)] ?? 'query'
}

function messageKind(message: string): FaultKind | undefined {
  if (LOST.test(message)) return 'unreachable'
  return NO_SSL.test(message) ? 'tls' : undefined
}

const plainMessage = (error: Error, code: unknown): string =>
  (error.message || String(code)).replace(/\.$/, '')
