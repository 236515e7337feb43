/** DuckDB 1.5. Pure text. Source: https://duckdb.org/docs/stable/sql/introduction */
import type { Stored } from '../../core/expr.ts'
import type { ColumnType } from '../../core/unified.ts'
import { describe, differs, literal, quote, relation, update } from '../ansi.ts'
import type { PartTable, SqlDialect, TempTable } from '../engine.ts'

function type(of: ColumnType): string {
  switch (of.kind) {
    case 'id':
    case 'text':
      return 'varchar'
    case 'integer':
      return 'bigint'
    case 'decimal':
      return `decimal(${of.precision}, ${of.scale})`
    case 'timestamp':
      return 'timestamptz'
    default:
      return of.kind
  }
}

const storedType = (of: ColumnType): string =>
  of.kind === 'timestamp' ? 'TIMESTAMP WITH TIME ZONE' : type(of).toUpperCase().replace(', ', ',')

const temp = (_internal: string, name: string): string => `temp.main.${quote(name)}`

/** The driver drops a byte order mark at the head of a text, so such a text gets another one before it. */
const exact = (sql: string, of: ColumnType): string =>
  of.kind === 'text' || of.kind === 'id'
    ? `case when starts_with(${sql}, chr(65279)) then chr(65279) || ${sql} else ${sql} end as ${sql}`
    : sql

/** Staged JSON is text: the type is an alias which data chunks do not know. */
const stagedType = (of: ColumnType): string => (of.kind === 'json' ? 'varchar' : type(of))

function createTemp(internal: string, table: TempTable): string {
  const columns = table.columns.map((it) => `${quote(it.name)} ${stagedType(it.type)}`)
  return `create temporary table ${temp(internal, table.name)} (${columns.join(', ')})`
}

const dropTemp = (internal: string, table: TempTable): string =>
  `drop table if exists ${temp(internal, table.name)}`

// No key and no index: a text key halves the speed, and joins hash.
function createPart({ relation: part, columns, sliced }: PartTable): string[] {
  const lines = columns.map(
    (it) => `${quote(it.name)} ${type(it.type)}${it.name === 'id' ? ' not null' : ''}`,
  )
  const slot = sliced ? ['"slot" integer not null'] : []
  return [`create table if not exists ${part} (${[...slot, ...lines, '"_version" varchar'].join(', ')})`]
}

const PLACES: Record<Stored['kind'], string> = {
  text: 'varchar',
  integer: 'hugeint',
  decimal: 'decimal(38, 10)',
  double: 'double',
  boolean: 'boolean',
  date: 'date',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
}

export const duckdb: SqlDialect = {
  name: 'duckdb',
  quote,
  relation,
  type,
  storedType,
  cast: (of, sql) => `cast(${sql} as ${type(of)})`,
  declared: (of, sql) => `cast(${sql} as ${type(of)})`,
  literal,
  instant: (canonical) => `timestamptz ${literal(canonical)}`,
  now: 'now()',
  later: (milliseconds) => `now() + interval '${milliseconds} milliseconds'`,
  differs,
  bytewise: (sql) => sql,
  exact,
  drive: 'join',
  lookUp: { source: '', id: '' },
  update,
  shareLock: '',
  updateLock: '',
  joinTarget: [],
  joinStaging: [],
  joinSeen: { before: [], after: [] },
  temp,
  createTemp,
  dropTemp,
  // Deleted rows of a temporary table keep their room.
  clearTemp: (internal, table) => [dropTemp(internal, table), createTemp(internal, table)],
  createSchema: (schema) => `create schema if not exists ${quote(schema)}`,
  columnsOf:
    'select column_name as name, data_type as type from duckdb_columns() ' +
    'where database_name = current_database() and schema_name = ? and table_name = ? order by column_index',
  ddlLock: '',
  viewsAreFixed: false,
  createPart,
  indexPart: () => [],
  lacksIndexes: '',
  addColumn: (part, column) =>
    `alter table ${part} add column if not exists ${quote(column.name)} ${type(column.type)}`,
  describe,
  place: ({ kind }, text) => `cast(${literal(text)} as ${PLACES[kind]})`,
  // As connectors write marks: another server reads no `+00` behind an instant.
  placeText: (sql, { kind }) =>
    kind === 'timestamp'
      ? `(strftime(make_timestamp(epoch_us(${sql})), '%Y-%m-%d %H:%M:%S.%f') || 'Z')`
      : `cast(${sql} as varchar)`,
  refuse: () => 'null',
  comparesRows: false,
  copies: 'after',
  holdsTables: false,
  lookups: { instants: true, settle: () => [] },
  seenIndex: () => '',
}
