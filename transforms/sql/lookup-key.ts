import type { ColumnFacts, Expr } from '../../core/expr.ts'
import type { FieldType } from '../../core/field.ts'
import { and, concat, text, unary } from './build.ts'
import { columnTerm } from './column-term.ts'
import { escaped, keyText } from './key.ts'
import type { Term } from './term.ts'
import { attempt, NOWHERE } from './verdict.ts'

/** How a row's key is said, by which it finds what it looks up. */
export interface SaidLookupKey {
  as: 'integer' | 'hash'
  /** The whole number, or the SHA-256 of the key's canonical text, as `keyReader` gives it. */
  expr: Expr
  /** False or NULL: the row meets nothing. */
  holds: Expr
}

const KINDS: Partial<Record<FieldType, Expr['kind'][]>> = {
  integer: ['integer'],
  decimal: ['integer', 'decimal'],
  text: ['text'],
}

/**
 * The key of a look-up in SQL.
 * @param types  as what each part is compared
 * @returns undefined where its text has no form in SQL
 */
export function sayLookupKey(columns: ColumnFacts[], types: FieldType[]): SaidLookupKey | undefined {
  const said = attempt(() => columns.map((it) => columnTerm(it, NOWHERE)))
  if ('failed' in said) return undefined
  const terms = said.done
  if (!terms.every((it, at) => KINDS[types[at]!]?.includes(it.expr.kind))) return undefined
  const holds = (of: Term[]) => and(...of.flatMap((it) => it.checks))
  const [only] = terms
  if (terms.length === 1 && types[0] === 'integer')
    return { as: 'integer', expr: only!.expr, holds: holds(terms) }
  const texts = terms.map((it, at) => keyText(it, types[at]))
  const parts = texts.length === 1 ? [texts[0]!.expr] : texts.map((it) => escaped(it.expr))
  const whole = concat(...parts.flatMap((it, at) => (at === 0 ? [it] : [text('|'), it])))
  return { as: 'hash', expr: unary('sha256', whole, 'text', { ascii: true }), holds: holds(texts) }
}
