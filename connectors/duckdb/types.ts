import type { Value } from '../../sdk/index.ts'
import { duckdbColumn } from '../duckdb-types.ts'
import type { Present, Sent, SqlColumn } from '../sql-types.ts'

export interface FoundColumn {
  name: string
  /** As `duckdb_columns()` spells it: `DECIMAL(12,2)`. */
  type: string
  nullable: boolean
  /** False: its texts may be compared by a collation. */
  isPlain: boolean
  description?: string
}

/** How a column is ordered and what a position's text is compared through. */
interface Order {
  order(ref: string): string
  bind: string
  keyText?(raw: Present): string
}

const asText = (raw: Present): string => String(raw)

export function toColumn({ name, type, nullable, isPlain, description }: FoundColumn): SqlColumn {
  const meaning = duckdbColumn(name, type)
  const { order, bind } = orderOf(type, meaning.type)
  const isText = type === 'VARCHAR'
  return {
    name,
    type: meaning.type,
    // With a collation 'a' may equal 'A' in the engine: nothing that knows a VARCHAR knows such a column.
    sourceType: isText && !isPlain ? 'VARCHAR COLLATE' : type,
    nullable,
    ...(description === undefined ? {} : { description }),
    select: meaning.select,
    decode:
      meaning.type === 'boolean'
        ? (raw) => Number(raw) !== 0
        : (raw) => meaning.decode(raw as string | number | bigint) as Value,
    order,
    bind,
    keyText: asText,
    keyBind: (text): Sent => text,
    markBind: (canonical): Sent => canonical,
    ties: meaning.type === 'json' ? 'unknown' : 'value',
  }
}

/** Texts by their bytes: a collation would order them in a way of its own. */
function orderOf(type: string, field: string): Order {
  if (field === 'text') return { order: (ref) => `encode(cast(${ref} as varchar))`, bind: 'encode(?)' }
  if (field === 'json')
    return { order: (ref) => `encode(cast(to_json(${ref}) as varchar))`, bind: 'encode(?)' }
  if (field === 'binary') return { order: (ref) => ref, bind: 'from_base64(?)' }
  return { order: (ref) => ref, bind: `cast(? as ${type})` }
}
