import { Readable } from 'node:stream'
import type { Connection as Driver, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { Value } from '../../core/value.ts'
import { encodeLines, lineBytes } from '../delimited.ts'
import type { Block, Encoded, StoredTable } from '../engine.ts'
import { bug } from '../errors.ts'
import { quote } from './dialect.ts'
import { textOf, written } from './values.ts'

const INSERT_ROWS = 500

type TableColumns = StoredTable['columns']

/** What a bulk road writes, see `Connection.append`. */
export interface Rows {
  blocks: Iterable<Encoded>
  constants: Value[]
}

/** The two roads into a table: LOAD DATA LOCAL, and INSERT for servers with local_infile off. */
export interface Road {
  encode(columns: TableColumns, block: Block): Encoded
  load(driver: Driver, into: string, columns: TableColumns, given: Rows): Promise<void>
}

export const roadOf = (localInfile: boolean): Road =>
  localInfile ? { encode: encodeFile, load: loadLocal } : { encode: encodeTexts, load: insertRows }

const instants = (columns: TableColumns): boolean[] => columns.map((it) => it.type.kind === 'timestamp')

const encodeFile = (columns: TableColumns, block: Block): Encoded =>
  encodeLines(block, instants(columns), written)

/**
 * LOAD DATA LOCAL ignores strict mode: what it bends or skips instead of refusing (a value out of range, cut or misread,
 * a key that is there) it tells as a warning, and one is enough to throw.
 */
async function loadLocal(driver: Driver, into: string, columns: TableColumns, given: Rows) {
  const { constants } = given
  const blocks = [...given.blocks]
  const rows = blocks.reduce((sum, it) => sum + it.rows, 0)
  const last = instants(columns.slice(columns.length - constants.length))
  const names = columns.map((it) => quote(it.name)).join(', ')
  const [{ info }] = await driver.query<ResultSetHeader>({
    sql:
      `load data local infile 'rows' into table ${into} character set utf8mb4 ` +
      `fields terminated by '\\t' escaped by '\\\\' lines terminated by '\\n' (${names})`,
    infileStreamFactory: () => Readable.from(lineBytes(blocks, constants, last, written)),
  })
  if (info.startsWith(`Records: ${rows} `) && info.endsWith('Skipped: 0  Warnings: 0')) return
  const [[warning]] = await driver.query<Warning[]>('show warnings limit 1')
  if (warning === undefined) throw bug(`LOAD DATA of ${rows} rows gave: ${info}`)
  throw Object.assign(new Error(warning.Message), { code: 'WARNING', errno: warning.Code })
}

type Warning = RowDataPacket & { Code: number; Message: string }

/** The texts of rows, as a strict INSERT takes them. */
class Texts implements Encoded {
  readonly values: (string | null)[][]

  constructor(values: (string | null)[][]) {
    this.values = values
  }

  get rows(): number {
    return this.values.length
  }

  get bytes(): number {
    return this.values.reduce(
      (sum, it) => it.reduce((more, text) => more + TEXT_BYTES + (text?.length ?? 0), sum),
      0,
    )
  }

  without(dropped: Uint8Array): Texts {
    return new Texts(this.values.filter((_, row) => dropped[row] !== 1))
  }
}

/** Of a text beside its characters. */
const TEXT_BYTES = 24

function encodeTexts(columns: TableColumns, block: Block): Texts {
  const texts = columns.map((it) => textOf(it.type))
  return new Texts(
    Array.from({ length: block.rows }, (_, row) =>
      block.columns.map((column, i) => textOrNull(texts[i]!, column[row] ?? null)),
    ),
  )
}

const textOrNull = (text: (value: Value) => string, value: Value) => (value === null ? null : text(value))

async function insertRows(driver: Driver, into: string, columns: TableColumns, given: Rows) {
  const { blocks, constants } = given
  const last = columns.slice(columns.length - constants.length)
  const tail = constants.map((it, i) => textOrNull(textOf(last[i]!.type), it))
  const names = columns.map((it) => quote(it.name)).join(', ')
  for (const { values } of blocks as Iterable<Texts>)
    for (let start = 0; start < values.length; start += INSERT_ROWS) {
      const some = values.slice(start, start + INSERT_ROWS).map((it) => [...it, ...tail])
      await driver.query(`insert into ${into} (${names}) values ?`, [some])
    }
}
