/**
 * PostgreSQL 13+. Pure text.
 * Source: https://www.postgresql.org/docs/current/limits.html, …/sql-createtable.html, …/runtime-config-query.html
 */
import type { ColumnType } from '../../core/unified.ts'
import { describe, differs, literal, quote, relation, update } from '../ansi.ts'
import type { PartTable, SqlDialect, TempTable } from '../engine.ts'

export const maxNameBytes = 63 // the server cuts longer names silently

// Keys compare by bytes: every engine then has one order, and the index serves it.
const BYTES = ' collate "C"'

function bare(type: ColumnType): string {
  switch (type.kind) {
    case 'id':
      return 'varchar(191)'
    case 'integer':
      return 'bigint'
    case 'decimal':
      return `numeric(${type.precision}, ${type.scale})`
    case 'double':
      return 'double precision'
    case 'timestamp':
      return 'timestamptz'
    case 'json':
      return 'jsonb'
    default:
      return type.kind
  }
}

const type = (of: ColumnType): string => bare(of) + (of.kind === 'id' ? BYTES : '')

const collationOf = ({ kind }: ColumnType): string =>
  kind === 'id' ? BYTES : kind === 'text' ? ' collate "default"' : ''

function storedType(of: ColumnType): string {
  if (of.kind === 'id') return 'character varying(191)'
  if (of.kind === 'timestamp') return 'timestamp with time zone'
  return bare(of).replace(', ', ',')
}

const temp = (_internal: string, name: string): string => `pg_temp.${quote(name)}`

function createTemp(_internal: string, table: TempTable): string {
  const columns = table.columns.map((it) => `${quote(it.name)} ${type(it.type)}`)
  return `create temporary table ${quote(table.name)} (${columns.join(', ')})`
}

function createPart({ relation: part, columns, sliced }: PartTable): string[] {
  const lines = columns.map(
    (it) => `${quote(it.name)} ${type(it.type)}${it.name === 'id' ? ' not null' : ''}`,
  )
  const slot = sliced ? ['"slot" integer not null'] : []
  const text = [...slot, ...lines, `"_version" text${BYTES}`].join(', ')
  return [`create table if not exists ${part} (${text})`]
}

// An index and no constraint: adding a primary key would wait for everybody who reads the unified view.
function indexPart({
  relation: part,
  name,
  sliced,
}: Pick<PartTable, 'relation' | 'name' | 'sliced'>): string[] {
  const key = sliced ? '"slot", ' : ''
  return [
    `create unique index if not exists ${quote(indexName(name, 'id'))} on ${part} (${key}"id")`,
    `create index if not exists ${quote(indexName(name, 'source'))} on ${part} (${key}"source_id")`,
  ]
}

const lacksIndexes = `select pg_relation_size(c.oid) > 0 as filled from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = ? and c.relname = ?
    and (select count(*) from pg_index i where i.indrelid = c.oid and i.indisvalid) < 2`

// The relation's own name may use all 63 bytes.
const indexName = (name: string, of: 'id' | 'source'): string =>
  Buffer.byteLength(name) + 8 <= maxNameBytes
    ? `${name}__${of}`
    : `${name.slice(0, 40)}__${digest(name)}__${of.slice(0, 3)}`

/** Eight hex digits (FNV-1a): only tells names with one head apart. */
function digest(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}

export const postgres: SqlDialect = {
  name: 'postgres',
  quote,
  relation,
  type,
  storedType,
  cast: (of, sql) => `cast(${sql} as ${bare(of)})${of.kind === 'id' && sql === 'null' ? BYTES : ''}`,
  declared: (of, sql) => `cast(${sql} as ${bare(of)})${collationOf(of)}`,
  literal,
  instant: (canonical) => `timestamptz ${literal(canonical)}`,
  now: 'clock_timestamp()',
  later: (milliseconds) => `clock_timestamp() + interval '${milliseconds} milliseconds'`,
  differs,
  bytewise: (sql, of) => (of.kind === 'text' ? `${sql}${BYTES}` : sql),
  exact: (sql) => sql,
  drive: 'join',
  lookUp: { source: '', id: '' },
  update,
  shareLock: ' for share',
  updateLock: ' for update',
  // Staging has no statistics: left alone, the planner hashes the whole target for every commit.
  joinTarget: [
    'set local enable_hashjoin = off',
    'set local enable_mergejoin = off',
    'set local enable_seqscan = off',
  ],
  joinStaging: [
    'set local enable_hashjoin = on',
    'set local enable_mergejoin = on',
    'set local enable_seqscan = on',
  ],
  // Soon after a scan there are no statistics yet: a nested loop would compare each key with each.
  joinSeen: { before: ['set local enable_nestloop = off'], after: ['set local enable_nestloop = on'] },
  temp,
  createTemp,
  dropTemp: (internal, table) => `drop table if exists ${temp(internal, table.name)}`,
  clearTemp: (internal, table) => [`truncate ${temp(internal, table.name)}`],
  createSchema: (schema) => `create schema if not exists ${quote(schema)}`,
  columnsOf:
    'select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type from pg_attribute a ' +
    'join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace ' +
    'where n.nspname = ? and c.relname = ? and a.attnum > 0 and not a.attisdropped order by a.attnum',
  ddlLock: `select pg_advisory_xact_lock(hashtext('polder ddl'))`,
  viewsAreFixed: true,
  createPart,
  indexPart,
  lacksIndexes,
  addColumn: (part, column) =>
    `alter table ${part} add column if not exists ${quote(column.name)} ${type(column.type)}`,
  describe,
  // A literal without a type takes the column's.
  place: (_stored, text) => literal(text),
  placeText: (sql) => `${sql}::text`,
  // Not NULL: that error writes the whole row into the server's log. A constant would be worked out beforehand.
  refuse: (column) => `(1 / (char_length(${column}::text) * 0))::text`,
  comparesRows: true,
  copies: 'together',
  holdsTables: true,
  lookups: {
    instants: true,
    settle: (internal, { name, index }) => [
      `create index on ${temp(internal, name)} (${quote(index!)})`,
      `analyze ${temp(internal, name)}`,
    ],
  },
  seenIndex: (seen) => `create index if not exists "seen__scan" on ${seen} ("dataset", "scan_id")`,
}
