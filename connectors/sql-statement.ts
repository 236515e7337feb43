import type { Knex } from 'knex'
import type { Position } from '../sdk/index.ts'
import type { Sent, SqlColumn, SqlEngine, SqlTable, Statement } from './sql-types.ts'

type Keyset = Extract<Position, { kind: 'keyset' }>

/** What one reading of a table is made of. */
export interface Selection {
  table: SqlTable
  /** Columns delivered, in order. */
  columns: SqlColumn[]
  /** Further expressions delivered behind them: equal texts are equal keys. */
  ties: ((quote: Quote) => string)[]
  key: SqlColumn[]
  /** Absent: a full read. */
  mark?: SqlColumn
}

export interface Bounds {
  /** Where to go on; exclusive unless it says otherwise. */
  from?: Keyset
  /** Inclusive. */
  to?: Keyset
}

type Quote = (name: string) => string

const builders = new Map<string, Promise<{ knex: Knex; quote: Quote }>>()

/** knex without a connection: only its text and its quoting. */
function builderFor(client: SqlEngine['builder']) {
  const made = builders.get(client) ?? makeBuilder(client)
  builders.set(client, made)
  return made
}

async function makeBuilder(client: SqlEngine['builder']) {
  // SQLite's dialect warns of inserts, which there are none of, unless it is told about them.
  const knex = (await import('knex')).default({ client, useNullAsDefault: true })
  // The client's own quoting, since `??` would split a name at its dots; `\?` is knex for a question mark.
  const quote: Quote = (name) => knex.client.wrapIdentifier(name, {}).replaceAll('?', '\\?')
  return { knex, quote }
}

const relation = (table: SqlTable, quote: Quote): string => `${quote(table.schema)}.${quote(table.name)} as t`
const reference =
  (quote: Quote): Quote =>
  (name) =>
    `t.${quote(name)}`

/** The rows with whole keys inside the bounds: by key, or by mark and key. */
export async function selectRows(engine: SqlEngine, what: Selection, bounds: Bounds): Promise<Statement> {
  const { query, ref } = await begin(engine, what)
  for (const column of withMark(what)) if (column.nullable) query.whereRaw(`${ref(column.name)} is not null`)
  addBounds(query, engine, what, bounds, ref)
  const order = withMark(what).map((it) => it.order(ref(it.name)))
  if (order.length > 0) query.orderByRaw(order.join(', '))
  return toStatement(query)
}

/** The rows of the same reading whose key holds a NULL: no position can name them. */
export async function selectNullKeys(engine: SqlEngine, what: Selection, bounds: Bounds): Promise<Statement> {
  const { query, ref } = await begin(engine, what)
  const nullable = what.key.filter((it) => it.nullable)
  query.whereRaw(`(${nullable.map((it) => `${ref(it.name)} is null`).join(' or ')})`)
  if (what.mark) addBounds(query, engine, { ...what, key: [] }, bounds, ref)
  return toStatement(query)
}

async function begin(engine: SqlEngine, what: Selection) {
  const { knex, quote } = await builderFor(engine.builder)
  const ref = reference(quote)
  const selected = [...what.columns.map((it) => it.select(ref(it.name))), ...what.ties.map((it) => it(ref))]
  const query = knex.queryBuilder().from(knex.raw(relation(what.table, quote)))
  query.select(selected.map((it) => knex.raw(it)))
  return { query, ref }
}

/** The largest mark, selected as the column itself is; of those not above `limit` (canonical), where there is one. */
export async function selectHighest(
  engine: SqlEngine,
  table: SqlTable,
  mark: SqlColumn,
  limit?: string,
): Promise<Statement> {
  const { knex, quote } = await builderFor(engine.builder)
  const ref = reference(quote)(mark.name)
  const query = knex.queryBuilder().from(knex.raw(relation(table, quote)))
  query.select(knex.raw(mark.select(`max(${ref})`)))
  if (limit !== undefined) query.whereRaw(`${ref} <= ${mark.bind}`, bindings([mark.markBind(limit)]))
  return toStatement(query)
}

/** The smallest and the largest value of a column, each selected as the column itself is. */
export async function selectExtremes(
  engine: SqlEngine,
  table: SqlTable,
  column: SqlColumn,
): Promise<Statement> {
  const { knex, quote } = await builderFor(engine.builder)
  const ref = reference(quote)(column.name)
  const query = knex.queryBuilder().from(knex.raw(relation(table, quote)))
  query.select(['min', 'max'].map((it) => knex.raw(column.select(`${it}(${ref})`))))
  return toStatement(query)
}

/** The key that stands `step` rows behind `from`, in the key's order. */
export async function selectKeyAt(
  engine: SqlEngine,
  at: { table: SqlTable; key: SqlColumn[]; step: number; from?: Keyset },
): Promise<Statement> {
  const what: Selection = { table: at.table, columns: at.key, ties: [], key: at.key }
  const { query, ref } = await begin(engine, what)
  addBounds(query, engine, what, at.from ? { from: at.from } : {}, ref)
  query.orderByRaw(at.key.map((it) => it.order(ref(it.name))).join(', '))
  return toStatement(query.limit(1).offset(at.step - 1))
}

/** Mark and key of a row of a reading: the one that is so many rows on, or the last. */
export async function selectPlace(
  engine: SqlEngine,
  given: Pick<Selection, 'table' | 'key' | 'mark'>,
  bounds: Bounds,
  at: { step: number } | 'last',
): Promise<Statement> {
  const what: Selection = { ...given, columns: withMark(given), ties: [] }
  const { query, ref } = await begin(engine, what)
  if (what.mark?.nullable) query.whereRaw(`${ref(what.mark.name)} is not null`)
  addBounds(query, engine, what, bounds, ref)
  const backwards = at === 'last' ? ' desc' : ''
  query.orderByRaw(
    withMark(what)
      .map((it) => it.order(ref(it.name)) + backwards)
      .join(', '),
  )
  return toStatement(at === 'last' ? query.limit(1) : query.limit(1).offset(at.step - 1))
}

export async function countNulls(engine: SqlEngine, table: SqlTable, column: SqlColumn): Promise<Statement> {
  const { knex, quote } = await builderFor(engine.builder)
  const query = knex
    .queryBuilder()
    .from(knex.raw(relation(table, quote)))
    .select(knex.raw('count(*)'))
  return toStatement(query.whereRaw(`${reference(quote)(column.name)} is null`))
}

const withMark = ({ mark, key }: Pick<Selection, 'mark' | 'key'>): SqlColumn[] =>
  mark ? [mark, ...key] : key

/** One term of a comparison. */
interface Term {
  left: string
  bind: string
  value: Sent
}

function addBounds(query: Knex.QueryBuilder, engine: SqlEngine, what: Selection, bounds: Bounds, ref: Quote) {
  const { from, to } = bounds
  if (from) {
    const terms = termsOf(what, from, ref)
    if (terms.length > 0) compare(query, engine, terms, '>', from.inclusive)
  }
  if (to) {
    const terms = termsOf(what, to, ref)
    if (terms.length > 0) compare(query, engine, terms, '<', true)
  }
}

function termsOf({ mark, key }: Selection, at: Keyset, ref: Quote): Term[] {
  const terms: Term[] = []
  if (mark && at.mark !== null)
    terms.push({ left: mark.order(ref(mark.name)), bind: mark.bind, value: mark.markBind(at.mark) })
  if (at.key.length === 0) return terms
  const keys = key.map((it, i) => ({
    left: it.order(ref(it.name)),
    bind: it.bind,
    value: it.keyBind(at.key[i]!),
  }))
  return [...terms, ...keys]
}

function compare(
  query: Knex.QueryBuilder,
  engine: SqlEngine,
  terms: Term[],
  than: '>' | '<',
  orEqual: boolean,
) {
  const operator = orEqual ? `${than}=` : than
  if (engine.rowComparison || terms.length === 1) {
    const list = (part: 'left' | 'bind') => {
      const texts = terms.map((it) => it[part]).join(', ')
      return terms.length > 1 ? `(${texts})` : texts
    }
    query.whereRaw(`${list('left')} ${operator} ${list('bind')}`, bindings(terms.map((it) => it.value)))
    return
  }
  // MariaDB reads the whole index for a row comparison, and a range of it for this form.
  const branches = terms.map((term, i) => {
    const equal = terms.slice(0, i).map((it) => `${it.left} = ${it.bind}`)
    const last = i === terms.length - 1 ? operator : than
    return `(${[...equal, `${term.left} ${last} ${term.bind}`].join(' and ')})`
  })
  const binds = terms.flatMap((_, i) => terms.slice(0, i + 1).map((it) => it.value))
  query.whereRaw(`(${branches.join(' or ')})`, bindings(binds))
}

/** knex only hands them through; its types leave bigint out. */
const bindings = (values: Sent[]): Knex.RawBinding[] => values as Knex.RawBinding[]

function toStatement(query: Knex.QueryBuilder): Statement {
  const { sql, bindings } = query.toSQL().toNative()
  return { sql, binds: bindings as Sent[] }
}
