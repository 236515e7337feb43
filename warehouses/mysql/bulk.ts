import { Readable } from 'node:stream'
import type { Connection as Driver, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { Value } from '../../core/value.ts'
import { delimitedBytes } from '../delimited.ts'
import type { Block, StoredTable } from '../engine.ts'
import { bug } from '../errors.ts'
import { quote } from './dialect.ts'
import { textOf, written } from './values.ts'

const INSERT_ROWS = 500

type TableColumns = StoredTable['columns']

/** Values as a bulk road takes them, see `Connection.append`. */
export interface Rows {
  blocks: Iterable<Block>
  constants: Value[]
}

/**
 * LOAD DATA LOCAL ignores strict mode: what it bends or skips instead of refusing (a value out of range, cut or misread,
 * a key that is there) it tells as a warning, and one is enough to throw.
 */
export async function loadLocal(driver: Driver, into: string, columns: TableColumns, given: Rows) {
  const { blocks, constants } = given
  const isInstant = columns.map((it) => it.type.kind === 'timestamp')
  let rows = 0
  const counted = function* () {
    for (const block of blocks) {
      rows += block.rows
      yield block
    }
  }
  const lines = delimitedBytes(counted(), isInstant, written, constants)
  const names = columns.map((it) => quote(it.name)).join(', ')
  const [{ info }] = await driver.query<ResultSetHeader>({
    sql:
      `load data local infile 'rows' into table ${into} character set utf8mb4 ` +
      `fields terminated by '\\t' escaped by '\\\\' lines terminated by '\\n' (${names})`,
    infileStreamFactory: () => Readable.from(lines),
  })
  if (info.startsWith(`Records: ${rows} `) && info.endsWith('Skipped: 0  Warnings: 0')) return
  const [[warning]] = await driver.query<Warning[]>('show warnings limit 1')
  if (warning === undefined) throw bug(`LOAD DATA of ${rows} rows gave: ${info}`)
  throw Object.assign(new Error(warning.Message), { code: 'WARNING', errno: warning.Code })
}

type Warning = RowDataPacket & { Code: number; Message: string }

/** As `loadLocal`, for servers with local_infile off: strict INSERTs of many rows. */
export async function insertRows(driver: Driver, into: string, columns: TableColumns, given: Rows) {
  const { blocks, constants } = given
  const texts = columns.map((it) => textOf(it.type))
  const text = (value: Value, i: number) => (value === null ? null : texts[i]!(value))
  const tail = constants.map((it, i) => text(it, columns.length - constants.length + i))
  const names = columns.map((it) => quote(it.name)).join(', ')
  for (const { columns: varying, rows } of blocks)
    for (let start = 0; start < rows; start += INSERT_ROWS) {
      const values: (string | null)[][] = []
      for (let row = start; row < Math.min(rows, start + INSERT_ROWS); row++)
        values.push([...varying.map((column, i) => text(column[row] ?? null, i)), ...tail])
      await driver.query(`insert into ${into} (${names}) values ?`, [values])
    }
}
