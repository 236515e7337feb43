import type { ColumnFacts, Expr, ExprFacts, Stored } from '../../core/expr.ts'
import type { Node } from '../ast.ts'
import { noNul, toDouble, unary, unlessMissing } from './build.ts'
import { cannot, computed, type JsKind, type Term } from './term.ts'

const JS: Record<Stored['kind'], JsKind> = {
  text: 'text',
  integer: 'carried',
  decimal: 'carried',
  double: 'number',
  boolean: 'boolean',
  date: 'text',
  datetime: 'text',
  timestamp: 'text',
}

/** A field of the source row by its name. */
export function columnTerm(column: ColumnFacts, node: Node): Term {
  const { stored, name, sourceType, nullable } = column
  if (stored === undefined)
    return cannot(`field "${name}" is ${sourceType}, which has no form in SQL that is proven equal`, node)
  const base: Expr = {
    op: 'column',
    name,
    stored,
    kind: stored.kind,
    nullable,
    ...numberFacts(stored),
    ...(stored.kind === 'text' &&
      stored.length !== undefined && { bytes: (stored.hex ? 1 : 4) * stored.length }),
    ascii: (stored.kind === 'text' && (stored.hex || column.ascii === 'proven')) || undefined,
  }
  const expr = stored.kind === 'double' && stored.single ? toDouble(base) : base
  return computed(expr, JS[stored.kind], node, [], checksOf(column, stored, expr))
}

function checksOf(column: ColumnFacts, stored: Stored, expr: Expr): Expr[] {
  const checks = checksOfType(column, stored, expr)
  return column.sound === undefined ? checks : [soundTest(column.sound), ...checks]
}

const soundTest = (name: string): Expr => ({
  op: 'column',
  name,
  stored: { kind: 'boolean' },
  kind: 'boolean',
  nullable: false,
})

function checksOfType({ nul, finite }: ColumnFacts, stored: Stored, expr: Expr): Expr[] {
  if (stored.kind === 'text') return nul && !expr.ascii ? [noNul(expr)] : []
  const special = 'special' in stored ? stored.special : TIMES.includes(stored.kind)
  return special && !finite ? [unlessMissing(unary('isFinite', expr, 'boolean'))] : []
}

/** Any of these may hold a year that no column of ours takes. */
const TIMES: Stored['kind'][] = ['date', 'datetime', 'timestamp']

function numberFacts(stored: Stored): Partial<ExprFacts> {
  if (stored.kind === 'integer') return { max: Number(stored.max), least: 1, scale: 0 }
  if (stored.kind !== 'decimal' || stored.precision === undefined) return {}
  const { precision, scale = 0 } = stored
  return { max: 10 ** (precision - scale), least: 10 ** -scale, scale }
}
