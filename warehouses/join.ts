import type { Expr, Printed } from '../core/expr.ts'
import type { Aggregate, JoinAsk } from '../core/reach.ts'
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
  const say = (expr: Expr): string => {
    const printed = print(expr)
    if ('not' in printed) throw bug(`A part of a join cannot be printed: ${printed.not}.`)
    return printed.sql
  }
  const own = columns.map((it) => `b.${quote(it)}`)
  const theirs = lookups.flatMap((it, at) => shownOf(it, `w${at}.`, quote))
  const joins = lookups.map((it, at) => {
    const renamed = it.columns.map(({ name, as }) => `${quote(name)} as ${quote(as)}`)
    const rows = `(select ${renamed.join(', ')} from ${it.relation})`
    const found = it.group ? grouped(dialect, say, rows, it.group) : rows
    const by = it.by.map(({ value, as, type }) => `${dialect.bytewise(say(value), type)} = ${quote(as)}`)
    return ` left join ${found} as w${at} on ${[...by, ...it.on.map(say)].join(' and ')}`
  })
  return `(select ${[...own, ...theirs].join(', ')} from (select * from ${relation}) as b${joins.join('')}) as joined_rows`
}

type Lookup = JoinAsk['lookups'][number]

function shownOf({ columns, group }: Lookup, from: string, quote: SqlDialect['quote']): string[] {
  if (group) return [...group.keys, ...group.aggregates].map(({ as }) => from + quote(as))
  return columns.map(({ as, sound }) => {
    const column = from + quote(as)
    return sound ? `coalesce(${column}, true) as ${quote(as)}` : column
  })
}

function grouped(
  dialect: SqlDialect,
  say: (expr: Expr) => string,
  rows: string,
  { keys, aggregates }: NonNullable<Lookup['group']>,
): string {
  const { quote } = dialect
  const by = keys.map(({ of, as }) => `${say(of)} as ${quote(as)}`)
  const made = aggregates.map((it) => `${aggregate(dialect, say, it)} as ${quote(it.as)}`)
  return `(select ${[...by, ...made].join(', ')} from ${rows} as r group by ${keys.map((it) => say(it.of)).join(', ')})`
}

function aggregate(dialect: SqlDialect, say: (expr: Expr) => string, { how, of }: Aggregate): string {
  if (how === 'rows') return 'count(*)'
  const sql = say(of!)
  if (how === 'count') return `count(${sql})`
  if (how === 'failures') return dialect.cast({ kind: 'integer' }, `sum(case when ${sql} then 0 else 1 end)`)
  const type = { kind: 'decimal', precision: 38, scale: of!.scale ?? 0 } as const
  const wide = dialect.cast(type, sql)
  return dialect.cast(type, `sum(${how === 'size' ? `abs(${wide})` : wide})`)
}
