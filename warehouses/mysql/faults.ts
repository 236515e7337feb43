import { isTlsFault } from '../../sdk/index.ts'
import type { Fault } from '../engine.ts'

/** By server error number. Source: https://mariadb.com/kb/en/mariadb-error-codes/ */
const numbers: Record<number, Fault> = {
  1020: 'retry',
  1205: 'retry',
  1213: 'retry',
  1062: 'duplicate',
  1050: 'exists',
  1060: 'exists',
  1061: 'exists',
  1044: 'denied',
  1045: 'denied',
  1095: 'denied',
  1142: 'denied',
  1143: 'denied',
  1227: 'denied',
  1370: 'denied',
  1698: 'denied',
  1040: 'lost',
  1053: 'lost',
  1152: 'lost',
  1158: 'lost',
  1159: 'lost',
  1160: 'lost',
  1161: 'lost',
  1317: 'lost',
  1927: 'lost',
  4031: 'lost',
  1021: 'fatal',
  1030: 'fatal',
  1114: 'fatal',
  1048: 'refused',
  1264: 'refused',
  1265: 'refused',
  1292: 'refused',
  1366: 'refused',
  1406: 'refused',
  1411: 'refused',
  3140: 'refused',
  3159: 'tls',
  1792: 'readonly',
  1836: 'readonly',
  3157: 'refused',
}

const LOST_CODES = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** 1290 is said of any option of the server that forbids a statement. */
const READ_ONLY = /--(?:super-)?read[-_]only/

const LOST_MESSAGE = /closed state|Connection lost|Can't add new command|read ECONN|write EPIPE/

interface ServerError {
  errno?: number
  code?: string
  message: string
  sqlMessage?: string
}

export function fault(error: unknown): Fault | undefined {
  const { errno, code, message } = (error ?? {}) as ServerError
  if (errno === 1290) return READ_ONLY.test(message) ? 'readonly' : undefined
  const known = errno === undefined ? undefined : numbers[errno]
  if (known !== undefined) return known
  if (isTlsFault(code)) return 'tls'
  return LOST_CODES.has(code ?? '') || LOST_MESSAGE.test(message ?? '') ? 'lost' : undefined
}

export const spoke = (error: unknown): boolean => typeof (error as ServerError).code === 'string'

const WITHOUT_VALUES: ReadonlySet<Fault | undefined> = new Set([
  'lost',
  'denied',
  'tls',
  'readonly',
  'fatal',
  'retry',
  'exists',
])

/** Messages of data errors carry values, those of syntax pieces of the statement; the number stands for them. */
export function words(error: unknown): string {
  const { errno, message, sqlMessage } = error as ServerError
  if (errno === undefined || errno < 0 || WITHOUT_VALUES.has(fault(error)))
    return (sqlMessage ?? message).replace(/\.$/, '')
  return `server error ${errno}${SCHEMA_ERRORS.has(errno) ? ` (${sqlMessage ?? message})` : ''}`
}

/** Unknown database, table or column; their messages hold names only. */
const SCHEMA_ERRORS: ReadonlySet<number> = new Set([1049, 1051, 1054, 1072, 1091, 1146, 1356])

const COLUMN = /for column (?:`[^`]*`\.`[^`]*`\.)?[`']([^`']+)[`']/

export const refusedColumn = (error: unknown): string | undefined =>
  COLUMN.exec((error as ServerError).message ?? '')?.[1]
