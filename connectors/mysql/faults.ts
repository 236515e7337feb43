import { type FaultKind, isOurs, socketFault, sqlFault } from '../sql-faults.ts'

/** By error number. @see https://mariadb.com/kb/en/mariadb-error-codes/ */
const KINDS: Record<number, FaultKind> = {
  1045: 'login',
  1044: 'login',
  1698: 'login',
  1130: 'login',
  1251: 'login',
  4151: 'login',
  1049: 'noDatabase',
  1142: 'grant',
  1143: 'grant',
  1370: 'grant',
  1146: 'gone',
  1054: 'gone',
  1412: 'gone',
  1040: 'unreachable',
  1053: 'unreachable',
  1077: 'unreachable',
  1152: 'unreachable',
  1159: 'unreachable',
  1161: 'unreachable',
  1184: 'unreachable',
  1203: 'unreachable',
  1205: 'unreachable',
  1213: 'unreachable',
  1226: 'unreachable',
  1927: 'unreachable',
  3024: 'stopped',
  1317: 'stopped',
  1969: 'stopped',
  3159: 'tls',
}

/** Messages of these classes of SQLSTATE repeat values of rows. */
const WITH_VALUES = /^2[23]/

export function mysqlFault(
  error: unknown,
  told: { connection: string; server: string; from?: string },
): Error {
  if (isOurs(error) || !(error instanceof Error)) return error as Error
  const { errno, code, sqlState } = error as { errno?: number; code?: string; sqlState?: string }
  const kind = socketFault(code) ?? driverFault(code) ?? serverFault(errno, sqlState)
  if (!kind) return error
  const hidden = sqlState !== undefined && WITH_VALUES.test(sqlState)
  const words = hidden ? `${code} (SQLSTATE ${sqlState})` : (error.message || String(code)).replace(/\.$/, '')
  return sqlFault(kind, { ...told, words }, hidden ? undefined : error)
}

const driverFault = (code: string | undefined): FaultKind | undefined =>
  code?.startsWith('PROTOCOL_') ? 'unreachable' : undefined

/** Numbers below 1000 are the operating system's. */
const serverFault = (errno: number | undefined, sqlState: string | undefined): FaultKind | undefined =>
  errno === undefined || sqlState === undefined ? undefined : (KINDS[errno] ?? 'query')
