import type { Stored } from '../core/expr.ts'
import type { Field } from '../core/field.ts'
import type { LookupLayout } from '../core/reach.ts'
import type { ColumnType } from '../core/unified.ts'
import type { LookupRows } from '../core/warehouse.ts'
import type { Connection, Engine, SqlDialect, TempTable } from './engine.ts'
import { MAX_32, MAX_64 } from './stored.ts'

const KEY = 'key'
/** What is read of the look-up lies in memory already: a second copy of it must not. */
const BLOCK_ROWS = 5000
/** Every engine has decimals of so many digits. */
const MAX_DIGITS = 38

const KEYS: Record<'integer' | 'hash', { type: ColumnType; stored: Stored }> = {
  integer: { type: { kind: 'integer' }, stored: { kind: 'integer', max: MAX_64 } },
  hash: { type: { kind: 'id' }, stored: { kind: 'text', length: 64 } },
}

/** See `WarehouseSession.lookupLayout`. */
export function lookupLayout(
  dialect: SqlDialect,
  internal: string,
  at: number,
  key: 'integer' | 'hash',
  fields: Field[],
): LookupLayout | undefined {
  const { lookups } = dialect
  if (!lookups) return undefined
  const table = `polder_lookup_${at}`
  const columns = fields.map((field, i) => {
    const held = heldAs(field, lookups.instants)
    const { sourceType, nullable } = field
    const facts = {
      name: `value_${i}`,
      stored: held?.stored,
      sourceType,
      nullable,
      ascii: 'unknown',
      nul: false,
    }
    return { facts: facts as LookupLayout['columns'][number]['facts'], ...(held && { type: held.type }) }
  })
  return { table, relation: dialect.temp(internal, table), key: { name: KEY, ...KEYS[key] }, columns }
}

/** The column that holds whatever the connector delivers of this field, as SQL then knows it. */
function heldAs(
  { type, sourceType }: Field,
  instants: boolean,
): { type: ColumnType; stored: Stored } | undefined {
  switch (type) {
    case 'text':
      return { type: { kind: 'text' }, stored: { kind: 'text' } }
    case 'integer':
      return {
        type: { kind: 'integer' },
        stored: { kind: 'integer', max: SHORT.test(sourceType) ? MAX_32 : MAX_64 },
      }
    case 'float':
      return { type: { kind: 'double' }, stored: { kind: 'double', single: false, special: false } }
    case 'boolean':
      return { type: { kind: 'boolean' }, stored: { kind: 'boolean' } }
    case 'date':
      return { type: { kind: 'date' }, stored: { kind: 'date' } }
    case 'timestamp':
      return instants ? { type: { kind: 'timestamp' }, stored: { kind: 'timestamp' } } : undefined
    case 'decimal':
      return decimal(sourceType)
    default:
      return undefined
  }
}

/** Of 32 bits in most sources; who fills the table holds every value to it. */
const SHORT = /^(?:smallint|integer|int)(?:\(\d+\))?$/i

function decimal(sourceType: string): { type: ColumnType; stored: Stored } | undefined {
  const found = /\((\d+)(?:,\s*(\d+))?\)/.exec(sourceType)
  const [precision, scale] = [Number(found?.[1]), Number(found?.[2] ?? 0)]
  if (!(precision <= MAX_DIGITS && scale <= precision)) return undefined
  return {
    type: { kind: 'decimal', precision, scale },
    stored: { kind: 'decimal', precision, scale, special: false },
  }
}

const tempTable = ({ table, key, columns }: LookupLayout): TempTable => ({
  name: table,
  columns: [
    { name: key.name, type: key.type },
    ...columns.flatMap(({ facts, type }) => (type ? [{ name: facts.name, type }] : [])),
  ],
  index: key.name,
})

/** The private tables of a loader that hold what its queries look up. */
export class LookupTables {
  private readonly context: { engine: Engine; internal: string }
  private tables: LookupRows[] = []
  /** The connection that has them. */
  private holder?: Connection

  constructor(context: { engine: Engine; internal: string }) {
    this.context = context
  }

  use(tables: LookupRows[]): void {
    this.tables = tables
    this.holder = undefined
  }

  /** They went with the connection that had them. */
  async ready(connection: Connection): Promise<void> {
    if (this.holder === connection) return
    const { dialect } = this.context.engine
    const { internal } = this.context
    for (const rows of this.tables) {
      const table = tempTable(rows.layout)
      await connection.run(dialect.dropTemp(internal, table))
      await connection.run(dialect.createTemp(internal, table))
      for (let from = 0; from < rows.rows; from += BLOCK_ROWS) {
        const to = Math.min(from + BLOCK_ROWS, rows.rows)
        await connection.bulk(table, { columns: rows.slice(from, to), rows: to - from })
      }
      for (const sql of dialect.lookups!.settle(internal, table)) await connection.run(sql)
    }
    this.holder = connection
  }

  async close(): Promise<void> {
    const { engine, internal } = this.context
    const { holder } = this
    this.holder = undefined
    if (!holder?.open) return
    for (const { layout } of this.tables)
      await holder.run(engine.dialect.dropTemp(internal, tempTable(layout))).catch(() => {})
  }
}
