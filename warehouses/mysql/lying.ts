import type { Expr, Stored } from '../../core/expr.ts'
import type { ColumnType } from '../../core/unified.ts'
import { liesOf } from '../stored.ts'

/**
 * The column of a link that holds what `value` gives, in the type that a column of this type has: to be taken bare, since
 * behind a cast no index is seen. A narrower decimal will do: in a union it takes the type of the others.
 */
export function lyingColumn(type: ColumnType, value: Expr): (Expr & { op: 'column' }) | undefined {
  const from = value.op === 'cast' && value.to.kind === type.kind ? value.item : value
  if (from.op !== 'column') return undefined
  return liesOf(from.stored) && isSame(type, from.stored) ? from : undefined
}

function isSame(type: ColumnType, stored: Stored): boolean {
  if (type.kind === 'decimal') return stored.kind === 'decimal' && fits(type, stored)
  // The clock of UTC is an instant as it is.
  if (type.kind === 'timestamp') return stored.kind === 'timestamp' || stored.kind === 'datetime'
  return (type.kind === 'integer' || type.kind === 'date') && type.kind === stored.kind
}

const fits = (type: { precision: number; scale: number }, { precision, scale = 0 }: Decimal): boolean =>
  precision !== undefined && scale <= type.scale && precision - scale <= type.precision - type.scale

type Decimal = Stored & { kind: 'decimal' }
