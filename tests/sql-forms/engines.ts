import { DuckDBInstance } from '@duckdb/node-api'
import type { ColumnFacts, Expr, Printed } from '../../core/expr.ts'
import type { Field } from '../../core/field.ts'
import type { Value } from '../../core/value.ts'
import { columnFacts as duckdbFacts } from '../../warehouses/duckdb/column-facts.ts'
import { DuckConnection } from '../../warehouses/duckdb/connection.ts'
import { duckdb } from '../../warehouses/duckdb/dialect.ts'
import { print as printDuckdb } from '../../warehouses/duckdb/expr.ts'
import type { Connection, SqlDialect } from '../../warehouses/engine.ts'
import { inUtf8, columnFacts as mysqlFacts } from '../../warehouses/mysql/column-facts.ts'
import { MysqlConnection } from '../../warehouses/mysql/connection.ts'
import { mysqlDialect } from '../../warehouses/mysql/dialect.ts'
import { printFor } from '../../warehouses/mysql/expr.ts'
import { address, baseSettings } from '../../warehouses/mysql/server.ts'
import { columnFacts as postgresFacts } from '../../warehouses/postgres/column-facts.ts'
import { PostgresConnection } from '../../warehouses/postgres/connection.ts'
import { postgres } from '../../warehouses/postgres/dialect.ts'
import { print as printPostgres } from '../../warehouses/postgres/expr.ts'
import { freshMysql, freshPostgres } from '../support/databases.ts'
import { delivered, type TestColumn } from './pools.ts'

export type EngineName = 'postgres' | 'duckdb' | 'mysql'

/** One engine with the test's source table in it. */
export interface TestEngine {
  name: EngineName
  dialect: SqlDialect
  facts: ColumnFacts[]
  print(expr: Expr): Printed
  connection: Connection
  /** Settings that an analyst's session may have, and what takes them back. */
  hostile: string[]
  calm: string[]
  close(): Promise<void>
}

type Kind = Pick<TestEngine, 'name' | 'dialect' | 'print' | 'hostile' | 'calm'> & {
  facts(field: Field): ColumnFacts
}

const POSTGRES_SETTINGS = [
  ['datestyle', `'SQL, DMY'`],
  ['timezone', `'Pacific/Kiritimati'`],
  ['extra_float_digits', '-10'],
  ['standard_conforming_strings', 'off'],
  ['escape_string_warning', 'off'],
  ['backslash_quote', 'off'],
  ['intervalstyle', `'postgres_verbose'`],
  ['bytea_output', `'escape'`],
  ['lc_numeric', `'C'`],
] as const
const POSTGRES = POSTGRES_SETTINGS.map(([name, value]) => `set ${name} = ${value}`)
const POSTGRES_CALM = [
  `set datestyle = 'ISO, YMD'`,
  `set timezone = 'UTC'`,
  'set extra_float_digits = 3',
  'set standard_conforming_strings = on',
]
const MYSQL = [
  `set sql_mode = 'ANSI,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO'`,
  `set time_zone = '+13:00'`,
  `set default_regex_flags = 'MULTILINE,EXTENDED,DOTALL,UNGREEDY'`,
  'set div_precision_increment = 0',
  `set lc_time_names = 'nl_NL'`,
  `set collation_connection = 'utf8mb4_unicode_ci'`,
]

const KINDS: Kind[] = [
  {
    name: 'postgres',
    dialect: postgres,
    print: printPostgres,
    facts: postgresFacts,
    hostile: POSTGRES,
    calm: POSTGRES_CALM,
  },
  {
    name: 'duckdb',
    dialect: duckdb,
    print: printDuckdb,
    facts: duckdbFacts,
    hostile: [`set timezone = 'Pacific/Kiritimati'`],
    calm: [`set timezone = 'UTC'`],
  },
  {
    name: 'mysql',
    dialect: mysqlDialect('mariadb'),
    print: printFor('mariadb'),
    // Both forms of a text are met.
    facts: (field) => (field.name.length % 2 === 0 ? mysqlFacts(field) : inUtf8(mysqlFacts(field))),
    hostile: MYSQL,
    calm: baseSettings('utf8mb4_nopad_bin').map((it) => `set ${it}`),
  },
]

export const fieldsOf = (columns: TestColumn[]): Field[] =>
  columns.map(({ name, type, postgres: sourceType }) => ({ name, type, sourceType, nullable: name !== 'id' }))

/** Opens all engines and fills table `src` with the rows; `rn` numbers them. */
export async function openEngines(columns: TestColumn[], rows: (string | null)[][]): Promise<TestEngine[]> {
  return Promise.all(
    KINDS.map(async (kind) => {
      const { connection, close } = await connect(kind.name)
      for (const sql of tableOf(kind.name, columns, rows)) await connection.run(sql)
      const own = columns.map((it) => it[kind.name])
      const facts = fieldsOf(columns).map((it, at) => kind.facts({ ...it, sourceType: own[at]! }))
      return { ...kind, connection, close, facts }
    }),
  )
}

/** An engine without a table. */
export async function emptyEngine(
  name: EngineName,
): Promise<Kind & Pick<TestEngine, 'connection' | 'close'>> {
  return { ...KINDS.find((it) => it.name === name)!, ...(await connect(name)) }
}

async function connect(name: EngineName): Promise<{ connection: Connection; close(): Promise<void> }> {
  if (name === 'duckdb') {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = new DuckConnection(await instance.connect())
    return { connection, close: () => connection.close() }
  }
  const database = name === 'postgres' ? await freshPostgres('forms') : await freshMysql('forms')
  const settings = baseSettings('utf8mb4_nopad_bin')
  const server = () => ({
    address: address(database.url),
    settings,
    internal: '',
    collation: '',
    localInfile: false,
  })
  const connection =
    name === 'postgres'
      ? await PostgresConnection.connect({ connectionString: database.url }, 'pool')
      : await MysqlConnection.connect(server())
  const close = async () => {
    await connection.close()
    await database.drop()
  }
  return { connection, close }
}

/** Statements that make and fill `src`. */
export function tableOf(name: EngineName, columns: TestColumn[], rows: (string | null)[][]): string[] {
  const kind = KINDS.find((it) => it.name === name)!
  return [createTable(kind, columns), ...rows.map((row, at) => insert(kind, columns, row, at))]
}

function createTable({ name, dialect }: Kind, columns: TestColumn[]): string {
  const lines = columns.map(
    (it) => `${dialect.quote(it.name)} ${it[name]} ${it.name === 'id' ? 'not null' : 'null'}`,
  )
  // Collations that compare in a way of their own: every form has to force its own.
  const suffix = name === 'mysql' ? ' character set utf8mb4 collate utf8mb4_general_ci' : ''
  return `create table src (rn int, ${lines.join(', ')})${suffix}`
}

function insert({ name, dialect }: Kind, columns: TestColumn[], row: (string | null)[], at: number): string {
  const values = row.map((text, i) => {
    if (text === null) return 'null'
    const isTime = columns[i]!.type === 'timestamp' || columns[i]!.type === 'datetime'
    if (name !== 'mysql') return `cast(${dialect.literal(text)} as ${columns[i]![name]})`
    return dialect.literal(isTime ? text.replace('T', ' ').replace('Z', '') : text)
  })
  return `insert into src values (${[at, ...values].join(', ')})`
}

/** Rows of the test as columns of canonical values. */
export const deliveredColumns = (columns: TestColumn[], rows: (string | null)[][]): Value[][] =>
  columns.map((it, at) => rows.map((row) => delivered(row[at]!, it.type)))
