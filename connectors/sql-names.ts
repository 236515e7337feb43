import { didYouMean } from '../core/text.ts'
import { AuthError, ConfigError } from '../sdk/index.ts'
import type { SqlColumn, SqlEngine, SqlTable } from './sql-types.ts'

/** `schema.table`, as datasets are named. */
export const tableText = (table: Pick<SqlTable, 'schema' | 'name'>): string => `${table.schema}.${table.name}`

/**
 * The table that `from` names: `table` or `schema.table`, exactly as written, else in any case if only one fits.
 * Compared as whole texts, so names may hold dots.
 * @throws {ConfigError} E404 unknown, E406 several fit; {AuthError} E403 not granted
 */
export function findTable(
  from: string,
  tables: SqlTable[],
  engine: Pick<SqlEngine, 'defaultSchema' | 'grant'>,
  connection: string,
): SqlTable {
  const names = (table: SqlTable) =>
    table.schema === engine.defaultSchema ? [tableText(table), table.name] : [tableText(table)]
  const folded = from.toLowerCase()
  const exact = tables.filter((it) => names(it).includes(from))
  const found = exact.length
    ? exact
    : tables.filter((it) => names(it).some((name) => name.toLowerCase() === folded))
  if (found.length > 1) throw severalFit(from, found)
  const [table] = found
  if (!table) throw unknownTable(from, tables.filter((it) => it.readable).flatMap(names), connection)
  if (!table.readable) throw notGranted(table, engine)
  return table
}

function severalFit(from: string, found: SqlTable[]): ConfigError {
  return new ConfigError('E406', {
    problem: `"${from}" may be ${found.map((it) => `"${tableText(it)}"`).join(' or ')}.`,
    remedy: 'Write one of them, in its own case.',
  })
}

function unknownTable(from: string, names: string[], connection: string): ConfigError {
  return new ConfigError('E404', {
    problem: `Connection "${connection}" has no dataset "${from}" that its account may read.`,
    remedy: `${didYouMean(from, names)}See: polder connect discover ${connection}`,
  })
}

const notGranted = (table: SqlTable, engine: Pick<SqlEngine, 'grant'>): AuthError =>
  new AuthError('E403', {
    problem: `The account may not read "${tableText(table)}".`,
    remedy: `Let an administrator run: ${engine.grant(table)}`,
  })

/**
 * The column called `name`, in exactly this spelling.
 * @throws {ConfigError} E405 with the nearest name
 */
export function findColumn(name: string, columns: SqlColumn[], from: string, connection: string): SqlColumn {
  const found = columns.find((it) => it.name === name)
  if (found) return found
  const names = columns.map((it) => it.name)
  throw new ConfigError('E405', {
    problem: `Dataset "${from}" has no field "${name}".`,
    remedy: `${didYouMean(name, names)}See: polder connect discover ${connection} ${from}`,
  })
}
