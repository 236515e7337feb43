import type { ColumnFacts, Expr, Verdict } from '../../core/expr.ts'
import type { FieldType } from '../../core/field.ts'
import { binary, compare, concat, integer, length, text, unlessMissing } from './build.ts'
import { columnTerm } from './column-term.ts'
import { asText, cannot, computed, type Term } from './term.ts'
import { NOWHERE, verdictOf } from './verdict.ts'

const LENGTH_DIGITS = 3

/** A change mark as the version of its row: the text that `versionText` makes of it. */
export const sayVersion = (column: ColumnFacts, type: FieldType): Verdict =>
  verdictOf(() => versionTerm(columnTerm(column, NOWHERE), type))

function versionTerm(mark: Term, type: FieldType): Term {
  const { expr } = mark
  if (type === 'integer' || type === 'decimal') return numberVersion(mark)
  if (expr.kind !== type) cannot(`the cursor is a ${type}, and this a ${expr.kind}`, NOWHERE)
  return computed(asText(expr), 'text', NOWHERE, [mark])
}

/** Numbers below zero, whose digits are turned round, are left to JavaScript. */
function numberVersion(mark: Term): Term {
  const { expr } = mark
  if (expr.kind !== 'integer' && expr.kind !== 'decimal') return cannot('the cursor is no number', NOWHERE)
  const digits = asText(expr)
  const whole = expr.kind === 'integer' ? digits : binary('before', digits, text('.'), 'text')
  const size: Expr = {
    op: 'pad',
    item: asText(length(whole)),
    width: LENGTH_DIGITS,
    side: 'left',
    by: '0',
    kind: 'text',
    nullable: expr.nullable,
    ascii: true,
  }
  const zero = { ...integer(0), kind: expr.kind }
  const check = unlessMissing(compare(expr, '>=', zero))
  return computed(concat(text('p'), size, digits), 'text', NOWHERE, [mark], [check])
}
