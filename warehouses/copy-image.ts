import { Fate } from '../core/mapping.ts'
import {
  type CopyText,
  from,
  guard,
  isTrue,
  keyAndVersion,
  say,
  scope,
  targetOf,
  typeOf,
} from './copy-slice.ts'
import type { TempTable } from './engine.ts'
import { temp } from './load.ts'
import { VERSION_COLUMN } from './parts.ts'
import { sharedTables } from './staging.ts'

/** Rows of the image that fail the guard. */
const LEFT = 9

const integer = { kind: 'integer' } as const
const text = { kind: 'text' } as const
const id = { kind: 'id' } as const

const made = (row: number): string => `made_${row}`
const value = (row: number, column: number): string => `value_${row}_${column}`
const place = (at: number): string => `place_${at}`

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
