import type { Stored } from '../../core/expr.ts'
import type { ServerAddress } from '../../core/reach.ts'
import type { TypeLine } from '../stored.ts'

/** How values of a source's type come into a column of a private table. */
export interface Form {
  /** Of the column here. */
  type: string
  /** What the source is asked for, over its quoted column: nothing that a setting of the session changes. */
  there(column: string): string
  /** Makes the value of what came; NULL where it cannot be the same. Absent: it is the value. */
  here?(came: string): string
}

/** A whole spelling of a type, what it is then, and its form. */
export type ServerLine = [
  pattern: RegExp,
  stored: TypeLine[1],
  form: (...numbers: number[]) => Form | undefined,
]

/** What tells one kind of server from another. */
export interface ServerKind {
  /** As DuckDB calls it, in ATTACH and in secrets. */
  type: 'postgres' | 'mysql'
  title: string
  extension: string
  /** May texts hold U+0000? */
  nul: boolean
  lines: ServerLine[]
  /** Once the extension is there. */
  settings: string[]
  /** Of the connection, beside the secret. */
  attach(address: ServerAddress): string
  quote(name: string): string
  place(stored: Stored, text: string): string
  comparesRows: boolean
  /** Can it be told how long a query may run? */
  times: boolean
  /** Conditions of the session without which values would be others: where they fail, no row comes. */
  holds: string[]
  /** A relation of DuckDB. @param sql  for the source */
  query(server: string, sql: string): string
  /** For the source: one row where its server holds this mark. */
  sees(mark: bigint): string
}

export const asIs = (type: string): Form => ({ type, there: (it) => it })

/** What comes as text, and is no value where the cast fails. */
export const tried = (type: string, there: Form['there'], more = ''): Form => ({
  type,
  there,
  here: (it) => `try_cast(${it}${more} as ${type})`,
})

const MAX_DIGITS = 38

/** DuckDB has no other decimals. */
export const decimal = (there: Form['there'], precision: number, scale: number): Form | undefined =>
  precision <= MAX_DIGITS && scale <= precision ? tried(`decimal(${precision}, ${scale})`, there) : undefined
