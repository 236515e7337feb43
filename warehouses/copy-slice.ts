import type { Expr, Printed } from '../core/expr.ts'
import type { ColumnType } from '../core/unified.ts'
import type { CopyQuery, CopySlice } from '../core/warehouse.ts'
import type { SqlDialect } from './engine.ts'
import { bug } from './errors.ts'
import type { Target } from './staging.ts'

const text = { kind: 'text' } as const
const id = { kind: 'id' } as const

/** The text of the statements by which a warehouse copies a slice of a relation. */
export interface CopyText {
  dialect: SqlDialect
  internal: string
  print(expr: Expr): Printed
  query: CopyQuery
  slice: CopySlice
  targets: Target[]
}

export const isTrue = (expr: Expr | undefined): boolean =>
  expr === undefined || (expr.op === 'literal' && expr.value === true)

/** Does every row of the relation make all its rows, as long as the guard holds? */
export const makesAll = ({ deletes, where, rows }: CopyQuery): boolean =>
  deletes === undefined && isTrue(where) && rows.every((it) => isTrue(it.made))

export function say({ print }: CopyText, expr: Expr): string {
  const it = print(expr)
  if ('not' in it) throw bug(`An expression of a copy cannot be printed: ${it.not}.`)
  return it.sql
}

export function typeOf(target: Target, name: string): ColumnType {
  const found = target.table.columns.find((it) => it.name === name)
  if (found === undefined) throw bug(`The table ${target.table.name} has no column ${name}.`)
  return found.type
}

export function targetOf({ targets }: Pick<CopyText, 'targets'>, table: string): Target {
  const target = targets.find((it) => it.table.name === table)
  if (target === undefined) throw bug(`The loader has no part for the table ${table}.`)
  return target
}

export const keyAndVersion = (given: CopyText): string[] => [
  given.dialect.declared(id, say(given, given.query.sourceId)),
  given.dialect.declared(text, given.query.version ? say(given, given.query.version) : 'null'),
]

export const guard = (given: CopyText): string[] =>
  isTrue(given.query.guard) ? [] : [say(given, given.query.guard)]

/** The guard first. */
export function scope(given: CopyText): string[] {
  const { deletes, where } = given.query
  return [
    ...guard(given),
    ...(deletes ? [`(${say(given, deletes)}) is not true`] : []),
    ...(isTrue(where) ? [] : [say(given, where!)]),
  ]
}

export function from(given: CopyText, ...conditions: string[]): string {
  // What was fetched for the slice is its rows and no others.
  const all = [...(given.query.fetch ? ['1 = 1'] : bounds(given.dialect, given.slice)), ...conditions]
  return `from ${given.query.relation} where ${all.join(' and ')}`
}

type BoundsDialect = Pick<SqlDialect, 'quote' | 'place' | 'comparesRows'>

/** Compared as they are stored, so that an index serves. */
export function bounds(dialect: BoundsDialect, { order, from, to }: CopySlice): string[] {
  const terms = (values: string[]): Term[] =>
    values.map((it, at) => ({
      column: dialect.quote(order[at]!.name),
      value: dialect.place(order[at]!.stored, it),
    }))
  return [
    ...(from && from.values.length > 0
      ? [compared(dialect, terms(from.values), from.inclusive ? '>=' : '>')]
      : []),
    compared(dialect, terms(to), '<='),
  ]
}

interface Term {
  column: string
  value: string
}

function compared({ comparesRows }: BoundsDialect, terms: Term[], operator: '>' | '>=' | '<='): string {
  const last = terms.length - 1
  if (last === 0) return `${terms[0]!.column} ${operator} ${terms[0]!.value}`
  const list = (of: keyof Term) => `(${terms.map((it) => it[of]).join(', ')})`
  if (comparesRows) return `${list('column')} ${operator} ${list('value')}`
  // Read as a range of the index, where a comparison of rows is not. The first term alone bounds it.
  const branches = terms.map(({ column, value }, at) => {
    const equal = terms.slice(0, at).map((it) => `${it.column} = ${it.value}`)
    return `(${[...equal, `${column} ${at === last ? operator : operator[0]} ${value}`].join(' and ')})`
  })
  const outer = operator[0] === '>' ? '>=' : '<='
  return `${terms[0]!.column} ${outer} ${terms[0]!.value} and (${branches.join(' or ')})`
}
