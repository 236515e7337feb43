import type { Expr, Printed } from '../core/expr.ts'
import { Fate } from '../core/mapping.ts'
import type { ColumnType } from '../core/unified.ts'
import type { CopyQuery, CopySlice } from '../core/warehouse.ts'
import type { SqlDialect, TempTable } from './engine.ts'
import { bug } from './errors.ts'
import { type Merge, temp } from './load.ts'
import { VERSION_COLUMN } from './parts.ts'
import { sharedTables, type Target } from './staging.ts'

/** The text of the statements by which a warehouse copies a slice of a relation. */
export interface CopyText {
  dialect: SqlDialect
  internal: string
  print(expr: Expr): Printed
  query: CopyQuery
  slice: CopySlice
  targets: Target[]
}

/** Rows of the image that fail the guard. */
const LEFT = 9

const integer = { kind: 'integer' } as const
const text = { kind: 'text' } as const
const id = { kind: 'id' } as const

const made = (row: number): string => `made_${row}`
const value = (row: number, column: number): string => `value_${row}_${column}`
const place = (at: number): string => `place_${at}`

const isTrue = (expr: Expr | undefined): boolean =>
  expr === undefined || (expr.op === 'literal' && expr.value === true)

/** Does every row of the relation make all its rows, as long as the guard holds? */
export const makesAll = ({ deletes, where, rows }: CopyQuery): boolean =>
  deletes === undefined && isTrue(where) && rows.every((it) => isTrue(it.made))

function say({ print }: CopyText, expr: Expr): string {
  const it = print(expr)
  if ('not' in it) throw bug(`An expression of a copy cannot be printed: ${it.not}.`)
  return it.sql
}

function typeOf(target: Target, name: string): ColumnType {
  const found = target.table.columns.find((it) => it.name === name)
  if (found === undefined) throw bug(`The table ${target.table.name} has no column ${name}.`)
  return found.type
}

export function targetOf({ targets }: Pick<CopyText, 'targets'>, table: string): Target {
  const target = targets.find((it) => it.table.name === table)
  if (target === undefined) throw bug(`The loader has no part for the table ${table}.`)
  return target
}

/** Of every row of a slice what becomes of it, with all values that it makes: one snapshot for all that is read of it. */
export function imageTable(given: Pick<CopyText, 'query' | 'slice' | 'targets'>): TempTable {
  const { query, slice } = given
  return {
    name: 'polder_image',
    columns: [
      { name: '_row', type: integer },
      { name: 'source_id', type: id },
      { name: 'version', type: text },
      { name: 'fate', type: integer },
      ...slice.order.map((_, at) => ({ name: place(at), type: text })),
      ...query.rows.flatMap(({ table, columns }, row) => [
        { name: made(row), type: integer },
        ...columns.map(({ name }, column) => ({
          name: value(row, column),
          type: typeOf(targetOf(given, table), name),
        })),
      ]),
    ],
  }
}

/** @param first  number of the first row */
export function fillImage(given: CopyText, first: number): string {
  const table = imageTable(given)
  const names = table.columns.map((it) => given.dialect.quote(it.name))
  const branches = [inScope(given), outOfScope(given), leftRows(given)].filter((it) => it !== undefined)
  const rows = `${first} + row_number() over () - 1`
  return (
    `insert into ${given.dialect.temp(given.internal, table.name)} (${names.join(', ')}) ` +
    (branches.length === 1
      ? branches[0]!.replace('select ', `select ${rows}, `)
      : `select ${rows}, u.* from (${branches.join(' union all ')}) as u`)
  )
}

function inScope(given: CopyText): string {
  const { dialect, query, slice } = given
  const values = query.rows.flatMap(({ table, made, columns }) => {
    const target = targetOf(given, table)
    const condition = isTrue(made) ? undefined : say(given, made)
    return [
      condition === undefined ? '1' : `case when ${condition} then 1 else 0 end`,
      ...columns.map(({ name, value }) => {
        const sql = dialect.declared(typeOf(target, name), say(given, value))
        return condition === undefined ? sql : `case when ${condition} then ${sql} end`
      }),
    ]
  })
  const noPlaces = slice.order.map(() => dialect.declared(text, 'null'))
  // Named, since these name the columns of the union.
  const all = [...keyAndVersion(given), String(Fate.load), ...noPlaces, ...values].map(
    (it, at) => `${it} as c${at}`,
  )
  return `select ${all.join(', ')} ${from(given, ...scope(given))}`
}

function outOfScope(given: CopyText): string | undefined {
  const { query, slice } = given
  const { deletes, where } = query
  if (deletes === undefined && isTrue(where)) return undefined
  const fate = deletes
    ? `case when ${say(given, deletes)} then ${Fate.deleted} else ${Fate.filtered} end`
    : `${Fate.filtered}`
  const none = [...slice.order, ...query.rows.flatMap((it) => [it, ...it.columns])].map(() => 'null')
  const inside = scope(given).slice(isTrue(query.guard) ? 0 : 1)
  return `select ${[...keyAndVersion(given), fate, ...none].join(', ')} ${from(given, ...guard(given), `(${inside.join(' and ')}) is not true`)}`
}

function leftRows(given: CopyText): string | undefined {
  const { dialect, query, slice } = given
  if (isTrue(query.guard)) return undefined
  const places = slice.order.map(({ name, stored }) => dialect.placeText(dialect.quote(name), stored))
  const none = query.rows.flatMap((it) => [it, ...it.columns]).map(() => 'null')
  return `select ${['null', 'null', String(LEFT), ...places, ...none].join(', ')} ${from(given, `(${say(given, query.guard)}) is not true`)}`
}

const keyAndVersion = (given: CopyText): string[] => [
  given.dialect.declared(id, say(given, given.query.sourceId)),
  given.dialect.declared(text, given.query.version ? say(given, given.query.version) : 'null'),
]

const guard = (given: CopyText): string[] =>
  isTrue(given.query.guard) ? [] : [say(given, given.query.guard)]

/** The guard first. */
function scope(given: CopyText): string[] {
  const { deletes, where } = given.query
  return [
    ...guard(given),
    ...(deletes ? [`(${say(given, deletes)}) is not true`] : []),
    ...(isTrue(where) ? [] : [say(given, where!)]),
  ]
}

function from(given: CopyText, ...conditions: string[]): string {
  const all = [...bounds(given), ...conditions]
  return `from ${given.query.relation} where ${all.join(' and ')}`
}

/** Compared as they are stored, so that an index serves. */
function bounds({ dialect, slice: { order, from, to } }: CopyText): string[] {
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

function compared({ comparesRows }: SqlDialect, terms: Term[], operator: '>' | '>=' | '<='): string {
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

const image = ({ dialect, internal }: Pick<CopyText, 'dialect' | 'internal'>): string =>
  dialect.temp(internal, 'polder_image')

/** By fate: `count`, and `makers` of rows that make at least one. */
export function countImage(given: CopyText): string {
  const some = given.query.rows.map((_, row) => `${made(row)} = 1`)
  const makers = given.dialect.cast(
    integer,
    `sum(case when ${some.join(' or ') || '1 = 0'} then 1 else 0 end)`,
  )
  return `select fate, count(*) as count, ${makers} as makers from ${image(given)} group by fate`
}

export const isLeft = (fate: number): boolean => fate === LEFT

export const selectLeft = (given: CopyText): string =>
  `select ${given.slice.order.map((_, at) => place(at)).join(', ')} from ${image(given)} where fate = ${LEFT}`

/** @param count  of keys to bind */
export const selectAmong = (given: CopyText, count: number): string =>
  `select source_id from ${image(given)} where fate = ${Fate.load} and source_id in (${new Array(count).fill('?').join(', ')})`

/** From the image into the tables that a merge reads. */
export function stageImage(given: CopyText): string[] {
  const { dialect, query } = given
  const names = sharedTables.rows.columns.map((it) => it.name).join(', ')
  return [
    `insert into ${temp(given, sharedTables.rows)} (${names}) select ${names} from ${image(given)} where fate <> ${LEFT}`,
    ...query.rows.map(({ table, columns }, row) => {
      const target = targetOf(given, table)
      const into = ['_row', 'source_id', VERSION_COLUMN, ...columns.map((it) => it.name)].map(dialect.quote)
      const values = ['_row', 'source_id', 'version', ...columns.map((_, at) => value(row, at))]
      return `insert into ${temp(given, target.stage)} (${into.join(', ')}) select ${values.join(', ')} from ${image(given)} where ${made(row)} = 1`
    }),
  ]
}

/**
 * One row of `query.rows`, straight into its part. Where a row of the slice fails the guard the engine refuses the whole
 * statement, since it has no id for such a row: the guard is tested once, and nothing has to be counted for it.
 */
export function insertDirect(given: CopyText, merge: Pick<Merge, 'now' | 'runId'>, row: number): string {
  const { dialect, query } = given
  const { table, made, columns } = query.rows[row]!
  const target = targetOf(given, table)
  const { source } = target.part
  const [sourceId, version] = keyAndVersion(given)
  const [holds] = guard(given)
  const refusal = dialect.refuse(dialect.quote(given.slice.order.at(-1)!.name))
  const value = ({ name, value }: (typeof columns)[number]): string => {
    const sql = dialect.declared(typeOf(target, name), say(given, value))
    return name === 'id' && holds ? `case when ${holds} then ${sql} else ${refusal} end` : sql
  }
  const pairs: [string, string][] = [
    ...(target.slot === undefined ? [] : [['slot', String(target.slot)] as [string, string]]),
    ...columns.map((it): [string, string] => [it.name, value(it)]),
    ['source', dialect.literal(source.pipeline)],
    ['source_object', dialect.literal(source.dataset)],
    ['source_id', sourceId!],
    ['loaded_at', dialect.instant(merge.now)],
    ['run_id', dialect.literal(merge.runId)],
    [VERSION_COLUMN, version!],
  ]
  const conditions = [...scope(given), ...(isTrue(made) ? [] : [say(given, made)])].slice(holds ? 1 : 0)
  // What does not hold of a row that fails the guard may not keep it out of sight.
  const chosen =
    holds && conditions.length > 0
      ? [`case when ${holds} then ${conditions.join(' and ')} else 1 = 1 end`]
      : conditions
  return (
    `insert into ${target.relation} (${pairs.map(([name]) => dialect.quote(name)).join(', ')}) ` +
    `select ${pairs.map(([, sql]) => sql).join(', ')} ${from(given, ...chosen)}`
  )
}

/** One row: `rows_read`, and of them `inside` the scope, `makers`, and `gone` (tombstones). The guard holds of all. */
export function countDirect(given: CopyText): string {
  const { query } = given
  const count = (name: string, conditions: string[]) =>
    conditions.length === 0
      ? `count(*) as ${name}`
      : `coalesce(sum(case when ${conditions.join(' and ')} then 1 else 0 end), 0) as ${name}`
  const inside = scope(given).slice(isTrue(query.guard) ? 0 : 1)
  const some = query.rows.some(({ made }) => isTrue(made))
    ? []
    : [`(${query.rows.map(({ made }) => say(given, made)).join(' or ')})`]
  const gone = query.deletes ? count('gone', [say(given, query.deletes)]) : '0 as gone'
  return `select count(*) as rows_read, ${count('inside', inside)}, ${count('makers', [...inside, ...some])}, ${gone} ${from(given)}`
}
