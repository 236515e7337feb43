/**
 * MariaDB 10.6+ (tested on 10.11) and MySQL 8.0.19+ (written after its documentation, never run against a server).
 * Pure text. Source: https://mariadb.com/kb/en/create-table/, https://dev.mysql.com/doc/refman/8.0/en/create-table.html
 */
import type { Expr, Stored } from '../../core/expr.ts'
import type { ColumnType } from '../../core/unified.ts'
import type { JoinedUpdate, PartTable, SqlDialect, TempTable } from '../engine.ts'
import { bug } from '../errors.ts'
import { spacedInstant } from '../instants.ts'
import { knownPushed } from './link-pushed.ts'
import { lyingColumn } from './lying.ts'

export type Flavour = 'mariadb' | 'mysql'

export const maxNameBytes = 64

const MAX_TABLE_COMMENT = 2048
const MAX_COLUMN_COMMENT = 1024

export const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const relation = (schema: string, name: string): string => `${quote(schema)}.${quote(name)}`

// The session's sql_mode keeps backslash escapes on.
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** Binary collations that do not pad: 'a' and 'a ' differ. */
const collations = { mariadb: 'utf8mb4_nopad_bin', mysql: 'utf8mb4_0900_bin' }

export const collation = (flavour: Flavour): string => collations[flavour]

// Without statistics of the temporary table MariaDB took the slot alone for the key: a merge grew with its square.
const lookUp = { source: ' force index (`by_source`)', id: ' force index (primary)' }

function update({ target, from, on, by, set }: JoinedUpdate): string {
  const assignments = set.map(([column, sql]) => `t.${quote(column)} = ${sql}`)
  return `update ${from} as s straight_join ${target} as t${lookUp[by]} on ${on} set ${assignments.join(', ')}`
}

function castName(of: ColumnType, flavour: Flavour): string {
  switch (of.kind) {
    case 'id':
      return 'char(191)'
    case 'text':
      return 'char'
    case 'integer':
    case 'boolean':
      return 'signed'
    case 'decimal':
      return `decimal(${of.precision}, ${of.scale})`
    case 'timestamp':
      return 'datetime(6)'
    case 'json':
      return flavour === 'mysql' ? 'json' : 'char'
    default:
      return of.kind
  }
}

/** Does an expression have its column's type already? A cast would copy each value. */
function isDeclared({ kind }: ColumnType, sql: string, collation: string): boolean {
  if (kind === 'text') return sql.endsWith(` collate ${collation})`)
  if (kind === 'integer') return /^cast\([^()]* as signed\)$/.test(sql)
  // Only a column of dates is printed bare where a date is wanted.
  if (kind === 'date') return /^`[^`]+`$/.test(sql)
  return kind === 'timestamp' && /^cast\([^()]* as datetime\(6\)\)$/.test(sql)
}

/** A clock of UTC that is stored as instants are: bare, an index on it serves. */
function instantColumn({ kind }: ColumnType, value: Expr): (Expr & { op: 'column' }) | undefined {
  if (kind !== 'timestamp' || value.op !== 'cast' || value.to.kind !== 'timestamp') return undefined
  const { item } = value
  return item.op === 'column' && item.stored.kind === 'datetime' && item.stored.micros ? item : undefined
}

/** A column of whole numbers whose text is taken; undefined for anything else. */
export const columnInText = (sql: string): string | undefined =>
  /^\(cast\((`[^`]+`) as char character set utf8mb4\) collate \w+\)$/.exec(sql)?.[1]

/** From column to column, with no expression between: a twelfth less work for an insert of texts. */
function taken({ kind }: ColumnType, value: Expr): string | undefined {
  // A datetime as an instant of UTC is what it was.
  const from = value.op === 'cast' && value.to.kind === 'timestamp' ? value.item : value
  if (from.op !== 'column') return undefined
  const { stored } = from
  const isSame =
    kind === 'timestamp'
      ? stored.kind === 'datetime' && value.op === 'cast'
      : kind === stored.kind && (kind === 'date' || (stored.kind === 'text' && stored.utf8 && !stored.fixed))
  return isSame ? quote(from.name) : undefined
}

/** Of the same kind as the column, or its index would not serve. */
function place({ kind }: Stored, text: string): string {
  if (kind === 'integer' || kind === 'decimal') {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw bug('A position is no number.')
    return text
  }
  if (kind === 'date') return `cast(${literal(text)} as date)`
  if (kind === 'text') return `_utf8mb4${literal(text)}`
  return `cast(${literal(text.replace('T', ' ').replace('Z', ''))} as datetime(6))`
}

const comment = (text: string, longest: number): string => literal([...text].slice(0, longest).join(''))

export function mysqlDialect(flavour: Flavour): SqlDialect {
  const text = `character set utf8mb4 collate ${collations[flavour]}`
  const tableSuffix = `engine = InnoDB default ${text}`

  function type(of: ColumnType): string {
    switch (of.kind) {
      case 'id':
        return `varchar(191) ${text}`
      case 'text':
        return `longtext ${text}`
      case 'integer':
        return 'bigint'
      case 'boolean':
        return 'tinyint(1)'
      case 'timestamp':
        return 'datetime(6)'
      case 'json':
        // MariaDB's json_valid refuses more than 31 levels, so its columns carry no such check.
        return flavour === 'mysql' ? 'json' : `longtext ${text}`
      case 'decimal':
        return `decimal(${of.precision}, ${of.scale})`
      default:
        return of.kind
    }
  }

  const column = (it: PartTable['columns'][number]): string =>
    `${quote(it.name)} ${type(it.type)}${it.name === 'id' ? ' not null' : ''} ` +
    `comment ${comment(it.description, MAX_COLUMN_COMMENT)}`

  function createPart({ relation: part, columns, sliced, description }: PartTable): string[] {
    const slot = sliced ? ['`slot` int not null'] : []
    const key = sliced ? '`slot`, ' : ''
    const lines = [
      ...slot,
      ...columns.map(column),
      `\`_version\` text ${text}`,
      `primary key (${key}\`id\`)`,
      `key \`by_source\` (${key}\`source_id\`)`,
    ]
    return [
      `create table if not exists ${part} (${lines.join(', ')}) ${tableSuffix} ` +
        `comment = ${comment(description, MAX_TABLE_COMMENT)}`,
    ]
  }

  function createTemp(internal: string, table: TempTable): string {
    const lines = table.columns.map((it) => `${quote(it.name)} ${type(it.type)}`)
    // A second index beside the order of the rows would cost a quarter of a bulk load.
    if (table.index && table.unique) lines.push(`primary key (${quote(table.index)}, ${quote(table.unique)})`)
    else if (table.index) lines.push(`key (${quote(table.index)})`)
    return `create temporary table ${relation(internal, table.name)} (${lines.join(', ')}) ${tableSuffix}`
  }

  const dropTemp = (internal: string, table: TempTable): string =>
    `drop temporary table if exists ${relation(internal, table.name)}`

  function storedType(of: ColumnType): string {
    if (of.kind === 'decimal') return type(of).replace(', ', ',')
    return type(of).split(' ')[0]!
  }

  return {
    name: 'mysql',
    quote,
    relation,
    type,
    storedType,
    cast: (of, sql) => `cast(${sql} as ${castName(of, flavour)})`,
    // Each value of a view over a view passes both: a seventh of a whole scan.
    inlined: {
      keep: (selects, name, select) =>
        `replace into ${selects} (name, query) values (${literal(name)}, ${literal(select)})`,
    },
    asksByRow: (table, query) => query.rows.length === 1 && knownPushed(table, query).there.length > 0,
    declared: (of, sql, value) => {
      const own = value && (lyingColumn(of, value) ?? instantColumn(of, value))
      if (own) return quote(own.name)
      const name = castName(of, flavour)
      // JSON is a longtext there, of this collation.
      const collate = of.kind === 'json' ? 'utf8mb4_bin' : collations[flavour]
      if (isDeclared(of, sql, collate)) return sql
      return name.startsWith('char')
        ? `cast(${columnInText(sql) ?? sql} as ${name} character set utf8mb4) collate ${collate}`
        : `cast(${sql} as ${name})`
    },
    taken,
    literal,
    instant: (canonical) => `timestamp${literal(spacedInstant(canonical))}`,
    now: 'utc_timestamp(6)',
    later: (milliseconds) => `date_add(utc_timestamp(6), interval ${milliseconds * 1000} microsecond)`,
    differs: (a, b) => `not (${a} <=> ${b})`,
    bytewise: (sql) => sql,
    // As text: the driver's own reading of doubles loses the last digit of some. 40: a sort cuts texts at 22 characters.
    exact: (sql, of) => (of.kind === 'double' ? `cast(${sql} as char(40)) as ${sql}` : sql),
    drive: 'straight_join',
    lookUp,
    update,
    shareLock: ' lock in share mode',
    updateLock: ' for update',
    joinTarget: [],
    joinStaging: [],
    joinSeen: { before: [], after: [] },
    temp: relation,
    createTemp,
    dropTemp,
    // TRUNCATE ends the transaction, even of a temporary table; DROP and CREATE TEMPORARY do not.
    clearTemp: (internal, table) => [dropTemp(internal, table), createTemp(internal, table)],
    createSchema: (schema) => `create database if not exists ${quote(schema)} ${text}`,
    // MySQL 8 prints bigint without its display width.
    columnsOf:
      "select column_name as name, replace(column_type, 'bigint(20)', 'bigint') as type " +
      'from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position',
    ddlLock: '',
    viewsAreFixed: false,
    createPart,
    // A clustered table is stored by its key.
    indexPart: () => [],
    lacksIndexes: '',
    addColumn: (part, it) =>
      `alter table ${part} add column ${flavour === 'mariadb' ? 'if not exists ' : ''}${column(it)}`,
    describe: () => [],
    place,
    placeText: (sql) => `cast(${sql} as char)`,
    refuse: () => 'null',
    comparesRows: false,
    copies: 'alone',
    holdsTables: true,
    // MySQL names a temporary table only once in a statement.
    ...(flavour === 'mariadb' && { lookups: { instants: false, settle: () => [] } }),
    seenIndex: (seen) =>
      flavour === 'mariadb'
        ? `create index if not exists \`by_scan\` on ${seen} (\`dataset\`, \`scan_id\`, \`source_id\`)`
        : `create index \`by_scan\` on ${seen} (\`dataset\`, \`scan_id\`, \`source_id\`)`,
  }
}
