import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Row } from '../../core/value.ts'
import { literal as ansiLiteral, quote } from '../../warehouses/ansi.ts'
import { freshMysql, loadSql, queryAt, type TestDatabase } from '../support/databases.ts'
import { CHECKOUT } from '../support/source-files.ts'
import { unifiedTables } from '../support/unified.ts'
import { CONNECTION, type Pair, type Stand } from './pairs.ts'
import type { Suite, Words } from './roads.ts'

export const DATA = join(CHECKOUT, '..', 'shared', 'data', 'sql')

/** A published database as MariaDB, with its pipeline in `tests/journeys/projects`. */
export interface Sample {
  name: 'northwind' | 'sakila'
  files: string[]
  /** Some of the rows are enough. */
  trim: string[]
}

export const SAMPLES: Sample[] = [
  {
    name: 'northwind',
    files: ['northwind/northwind-mysql.sql'],
    trim: ['delete from orders where order_id > 10400', 'delete from order_details where order_id > 10400'],
  },
  {
    name: 'sakila',
    files: ['sakila/sakila-mysql-schema.sql', 'sakila/sakila-mysql-data.sql'],
    trim: [
      'delete from payment where payment_id > 400',
      'delete from rental where rental_id > 400',
      'delete from inventory where inventory_id > 400',
      'delete from film where film_id > 200',
    ],
  },
]

export async function loaded({ name, files, trim }: Sample): Promise<TestDatabase> {
  const database = await freshMysql(name)
  for (const it of files) await loadSql(database.url, join(DATA, it), name)
  for (const sql of trim) await database.query(`set foreign_key_checks = 0; ${sql}`)
  return database
}

/** Names of the tables and views that a pipeline reads. */
export const tablesOf = (pipeline: string): string[] => [
  ...new Set([...pipeline.matchAll(/^ {4}from: (?:public\.)?(\w+)$/gm)].map((it) => it[1]!)),
]

export const pipelineOf = ({ name }: Sample): Promise<string> =>
  readFile(join(CHECKOUT, 'tests/journeys/projects', name, 'pipelines', `${name}.yaml`), 'utf8')

interface Column {
  name: string
  type: string
  primary: boolean
}

/** The columns of a table or view of MariaDB that other engines have as well. */
async function columnsOf({ url, name }: TestDatabase, table: string): Promise<Column[]> {
  const rows = await queryAt<Row>(
    url,
    `select column_name as name, data_type as kind, numeric_precision as digits, numeric_scale as places, ` +
      `column_key as part from information_schema.columns where table_schema = '${name}' and table_name = '${table}' ` +
      'order by ordinal_position',
  )
  return rows.flatMap(({ name, kind, digits, places, part }) => {
    const type = kind === 'decimal' ? `decimal(${digits}, ${places})` : TYPES[String(kind)]
    return type === undefined ? [] : [{ name: String(name), type, primary: part === 'PRI' }]
  })
}

const whole = 'bigint'
const text = 'varchar'
const TYPES: Record<string, string | undefined> = {
  tinyint: whole,
  smallint: whole,
  mediumint: whole,
  int: whole,
  bigint: whole,
  year: whole,
  float: 'double precision',
  double: 'double precision',
  char: text,
  varchar: text,
  text,
  enum: text,
  set: text,
  date: 'date',
  datetime: 'timestamp',
  timestamp: 'timestamp with time zone',
}

const ROWS_PER_INSERT = 500

/** Statements that make the same table in PostgreSQL or DuckDB. */
export async function translated(database: TestDatabase, table: string): Promise<string[]> {
  const columns = await columnsOf(database, table)
  const keys = columns.filter((it) => it.primary).map((it) => quote(it.name))
  const lines = columns.map((it) => `${quote(it.name)} ${it.type}`)
  if (keys.length > 0) lines.push(`primary key (${keys.join(', ')})`)
  const list = columns.map((it) => `cast(\`${it.name}\` as char) as \`${it.name}\``)
  const rows = await queryAt<Row>(
    database.url,
    `select ${list.join(', ')} from \`${database.name}\`.\`${table}\``,
  )
  const values = rows.map(
    (row) =>
      `(${columns
        .map((it) => {
          const value = row[it.name]
          if (value === null || value === undefined) return 'null'
          return it.type === 'timestamp with time zone' ? `'${value}+00'` : ansiLiteral(String(value))
        })
        .join(', ')})`,
  )
  const inserts = Array.from({ length: Math.ceil(values.length / ROWS_PER_INSERT) }, (_, i) => {
    const some = values.slice(i * ROWS_PER_INSERT, (i + 1) * ROWS_PER_INSERT)
    return `insert into ${quote(table)} values ${some.join(', ')}`
  })
  return [`create table ${quote(table)} (${lines.join(', ')})`, ...inserts]
}

/** Of a file nobody knows the key. */
async function keyLines(database: TestDatabase, tables: string[]): Promise<Map<string, string>> {
  const lines = new Map<string, string>()
  for (const it of tables) {
    const keys = (await columnsOf(database, it))
      .filter((column) => column.primary)
      .map((column) => column.name)
    if (keys.length > 0) lines.set(it, `    key: [${keys.join(', ')}]\n`)
  }
  return lines
}

/** The pipelines of all samples. */
export async function suiteOf(pair: Pair, stand: Stand, databases: TestDatabase[]): Promise<Suite> {
  const said = await Promise.all(SAMPLES.map((it, i) => pipelineFor(it, pair, stand, databases[i]!)))
  return {
    datasets: said.flatMap((it) => it.datasets),
    tables: unifiedTables,
    files: (words) =>
      Object.fromEntries(SAMPLES.map(({ name }, i) => [`pipelines/${name}.yaml`, said[i]!.text(words)])),
    says: (dataset) => dataset,
  }
}

async function pipelineFor(sample: Sample, pair: Pair, stand: Stand, database: TestDatabase) {
  const given = await pipelineOf(sample)
  const keys = pair.files ? await keyLines(database, tablesOf(given)) : new Map<string, string>()
  const base = given.replace(/^connection: \w+/m, `connection: ${CONNECTION}`)
  const text = ({ load, contract }: Words): string => {
    const placed = base.replace(
      /^( {2}(\w+):\n)( {4}from: )(?:public\.)?(\w+)\n((?: {4}key: .*\n)?)/gm,
      (_, head, dataset, from, table, key) =>
        `${head}    load: ${load[`${sample.name}.${dataset}`]}\n` +
        `${from}${stand.from(table)}\n${key || (keys.get(table) ?? '')}`,
    )
    // Files have no marks to go on from.
    const marked = pair.files ? placed.replace(/^ {4}cursor: .*\n/gm, '') : placed
    return `contract: ${contract}\n${marked}`
  }
  const datasets = [...given.matchAll(/^ {2}(\w+):\n {4}from: /gm)].map((it) => `${sample.name}.${it[1]}`)
  return { text, datasets }
}
