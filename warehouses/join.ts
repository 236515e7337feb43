import type { Expr, Printed } from '../core/expr.ts'
import type { JoinAsk } from '../core/reach.ts'
import type { SqlDialect } from './engine.ts'
import { bug } from './errors.ts'

/**
 * A relation with the columns of looked-up tables beside its own, NULL where nothing matches. Keys are compared as
 * everything else is: texts by their bytes.
 */
export function joinedRelation(
  dialect: SqlDialect,
  print: (expr: Expr) => Printed,
  { relation, columns, lookups }: JoinAsk,
): string {
  const { quote } = dialect
  const own = columns.map((it) => `b.${quote(it)}`)
  const theirs = lookups.flatMap((it, at) => it.columns.map(({ as }) => `w${at}.${quote(as)}`))
  const joins = lookups.map((it, at) => {
    const renamed = it.columns.map(({ name, as }) => `${quote(name)} as ${quote(as)}`)
    const on = it.on.map((expr) => {
      const printed = print(expr)
      if ('not' in printed) throw bug(`A condition of a join cannot be printed: ${printed.not}.`)
      return printed.sql
    })
    return ` left join (select ${renamed.join(', ')} from ${it.relation}) as w${at} on ${on.join(' and ')}`
  })
  return `(select ${[...own, ...theirs].join(', ')} from ${relation} as b${joins.join('')}) as joined_rows`
}
