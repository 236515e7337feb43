import type { Expr } from '../../core/expr.ts'

/** Some characters of a text, counted from 1; all from there on without `length`. */
export const piece = (item: Expr, from: number, length?: number): Expr => ({
  op: 'substring',
  item,
  from,
  length,
  kind: 'text',
  nullable: item.nullable,
  ascii: item.ascii,
})
