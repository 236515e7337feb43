import type { UnifiedColumn } from '../core/unified.ts'
import type { Value } from '../core/value.ts'
import { canonicalValue } from './canonical.ts'
import type { Connection, SqlDialect } from './engine.ts'

/** Rows of a relation with the values of `columns`, in order of the bytes of `orderBy`. */
export async function* canonicalRows(
  connection: Connection,
  dialect: SqlDialect,
  relation: { schema: string; name: string },
  columns: UnifiedColumn[],
  orderBy: string[],
): AsyncGenerator<Value[][]> {
  for await (const rows of connection.stream(selectRows(dialect, relation, columns, orderBy)))
    yield rows.map((row) => columns.map(({ type }, i) => canonicalValue(row[i]!, type)))
}

function selectRows(
  dialect: SqlDialect,
  { schema, name }: { schema: string; name: string },
  columns: UnifiedColumn[],
  orderBy: string[],
): string {
  const types = new Map(columns.map((it) => [it.name, it.type]))
  const order = orderBy.map((it) => dialect.bytewise(dialect.quote(it), types.get(it) ?? { kind: 'text' }))
  const list = columns.map((it) => dialect.exact(dialect.quote(it.name), it.type)).join(', ')
  const sorted = order.length > 0 ? ` order by ${order.join(', ')}` : ''
  return `select ${list} from ${dialect.relation(schema, name)}${sorted}`
}
