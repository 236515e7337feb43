import type { ErrorCode } from '../../core/errors.ts'
import type { Value } from '../../core/value.ts'

export const SOURCES = ['postgres', 'mysql', 'sqlite', 'parquet', 'csv', 'jsonl', 'json'] as const
export type SourceName = (typeof SOURCES)[number]

/** The source has no such value, and why. */
export interface Absent {
  absent: string
}
/** A column's type and the SQL of its one value. */
export interface SqlValue {
  type: string
  sql: string
}
/** How one value is written in each kind of source. `csv`: the field with its quotes. `json`: the JSON text. */
export interface Written {
  postgres: SqlValue | Absent
  mysql: SqlValue | Absent
  sqlite: SqlValue | Absent
  /** In DuckDB's SQL, which writes the file. */
  parquet: SqlValue | Absent
  csv: string | Buffer | Absent
  json: string | Buffer | Absent
}

export type Outcome =
  | { exact: Value }
  | { changed: Value; code: ErrorCode }
  /** `whole`: the source could not read the row, so that `invalid: missing` of a column cannot help. */
  | { reject: ErrorCode; whole?: true }

/** A value with the one outcome that it has from every source that holds it, in every warehouse. */
export interface TypeCase {
  /** Also the name of its column and the key of its row. */
  name: string
  /** Unified column type as schema files write it. */
  to: string
  zone?: string
  outcome: Outcome
  /** Canonical JSON in `attributes`, from every source but CSV, whose values are texts. */
  attribute?: string
  written: Written
}

export const exact = (value: Value): Outcome => ({ exact: value })
export const changed = (value: Value, code: ErrorCode): Outcome => ({ changed: value, code })
export const reject = (code: ErrorCode): Outcome => ({ reject: code })
export const unreadable = (code: ErrorCode): Outcome => ({ reject: code, whole: true })

export const no = (absent: string): Absent => ({ absent })
export const sql = (type: string, text: string): SqlValue => ({ type, sql: text })
export const isAbsent = (it: object | string): it is Absent => typeof it === 'object' && 'absent' in it

const NOT_GIVEN = no('other sources have no such type')

/** Only what is given; the others have no such type. */
export const only = (some: Partial<Written>): Written => ({
  postgres: NOT_GIVEN,
  mysql: NOT_GIVEN,
  sqlite: NOT_GIVEN,
  parquet: NOT_GIVEN,
  csv: NOT_GIVEN,
  json: NOT_GIVEN,
  ...some,
})

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
const control = (char: string): string => `char(${char.codePointAt(0)})`

/** A text as every source writes it; NUL and line ends included. */
export function text(value: string, types: Partial<Record<'postgres' | 'mysql', string>> = {}): Written {
  const hex = Buffer.from(value, 'utf8').toString('hex')
  return {
    postgres: value.includes('\0')
      ? no('PostgreSQL stores no NUL')
      : sql(types.postgres ?? 'text', quoted(value)),
    mysql: sql(types.mysql ?? 'text', `convert(x'${hex}' using utf8mb4)`),
    sqlite: sql('text', `cast(x'${hex}' as text)`),
    parquet: sql('varchar', value.includes('\0') ? joined(value) : quoted(value)),
    csv: `"${value.replaceAll('"', '""')}"`,
    json: JSON.stringify(value),
  }
}

const joined = (value: string): string =>
  value
    .split('\0')
    .map(quoted)
    .join(` || ${control('\0').replace('char', 'chr')} || `)
