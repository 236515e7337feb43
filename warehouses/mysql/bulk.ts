import { Readable } from 'node:stream'
import type { Connection as Driver, ResultSetHeader } from 'mysql2/promise'
import type { Column } from '../../core/batch.ts'
import { delimitedText, type ToText } from '../delimited.ts'
import type { TempTable } from '../engine.ts'
import { bug } from '../errors.ts'
import { quote } from './dialect.ts'
import { textOf } from './values.ts'

export interface BulkInto {
  /** The quoted temporary table. */
  relation: string
  /** An all-text twin beside it, quoted. */
  text: string
  collation: string
}

const INSERT_ROWS = 500

/**
 * LOAD DATA LOCAL ignores strict mode, so the text lands in an all-text table, whole and without a warning, and a
 * strict INSERT … SELECT gives it its types.
 */
export async function loadLocal(
  driver: Driver,
  into: BulkInto,
  table: TempTable,
  columns: Column[],
  rows: number,
) {
  const names = table.columns.map((it) => quote(it.name)).join(', ')
  const types = table.columns.map((it) => `${quote(it.name)} longtext`).join(', ')
  await driver.query(`drop temporary table if exists ${into.text}`)
  await driver.query(
    `create temporary table ${into.text} (${types}) engine = InnoDB default character set utf8mb4 collate ${into.collation}`,
  )
  const lines = bytes(delimitedText(columns, textsOf(table), rows))
  const [{ info }] = await driver.query<ResultSetHeader>({
    sql:
      `load data local infile 'rows' into table ${into.text} character set utf8mb4 ` +
      `fields terminated by '\\t' escaped by '\\\\' lines terminated by '\\n' (${names})`,
    infileStreamFactory: () => Readable.from(lines),
  })
  if (!info.startsWith(`Records: ${rows} `) || !info.endsWith('Warnings: 0'))
    throw bug(`LOAD DATA of ${rows} rows gave: ${info}`)
  await driver.query(`insert into ${into.relation} (${names}) select ${names} from ${into.text}`)
  await driver.query(`drop temporary table if exists ${into.text}`)
}

function* bytes(chunks: Iterable<string>): Generator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk, 'utf8')
}

const textsOf = (table: TempTable): ToText[] => table.columns.map((it) => textOf(it.type))

/** For servers with local_infile off: strict INSERTs of many rows. */
export async function insertRows(
  driver: Driver,
  into: BulkInto,
  table: TempTable,
  columns: Column[],
  rows: number,
) {
  const names = table.columns.map((it) => quote(it.name)).join(', ')
  const texts = textsOf(table)
  for (let start = 0; start < rows; start += INSERT_ROWS) {
    const values: (string | null)[][] = []
    for (let row = start; row < Math.min(rows, start + INSERT_ROWS); row++)
      values.push(columns.map((column, i) => (column[row] === null ? null : texts[i]!(column[row]!))))
    await driver.query(`insert into ${into.relation} (${names}) values ?`, [values])
  }
}
