import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { Stored } from '../../core/expr.ts'
import type { CopySlice } from '../../core/warehouse.ts'
import { quote } from '../ansi.ts'
import { FETCHED } from '../copy.ts'
import { bounds } from '../copy-slice.ts'
import type { DuckConnection } from './connection.ts'
import { duckdb } from './dialect.ts'
import type { Form, ServerKind } from './server-kind.ts'
import type { Servers } from './servers.ts'

/** Where rows come from, and the columns that come. */
export interface FetchPlan {
  kind: ServerKind
  server: string
  /** Quoted, as the source has it. */
  relation: string
  columns: FetchedColumn[]
}

export interface FetchedColumn {
  name: string
  form: Form
  /** The column beside it that tells where it gives what the source holds. */
  sound?: string
}

export const table = duckdb.temp('', FETCHED)

/**
 * The rows of a slice, by one statement of the source, in their order.
 *
 * A result that breaks off looks like one that is whole: the driver tells no error of a stream, and PostgreSQL's protocol ends
 * a COPY that failed as one that did not. So the last row of the slice has to be among those that came: all others came
 * before it. Where it was changed meanwhile it is not, and the slice is read in the other way as well.
 */
export async function fetchSlice(
  servers: Servers,
  plan: FetchPlan,
  connection: DuckConnection,
  slice: CopySlice,
): Promise<boolean> {
  await connection.run(`create or replace temporary table ${table} (${declared(plan).join(', ')})`)
  let isBroken = false
  async function* chunks(from: DuckDBConnection): AsyncGenerator<DuckDBDataChunk> {
    try {
      const result = await from.stream(selectSlice(plan, slice))
      for (let it = await result.fetchChunk(); it?.rowCount; it = await result.fetchChunk()) yield it
    } catch {
      // It may show values; the other way of reading meets what is behind it.
      isBroken = true
    }
  }
  await servers.use((from) => connection.take(FETCHED, chunks(from)))
  if (isBroken) return false
  const [row] = await connection.query(proof(slice))
  return Number(row!['ends']) === 1 && Number(row!['odd']) === 0
}

const declared = ({ columns }: FetchPlan): string[] =>
  columns.flatMap(({ name, form, sound }) => [
    `${quote(name)} ${form.type}`,
    ...(sound === undefined ? [] : [`${quote(sound)} boolean`]),
  ])

export function selectSlice({ kind, server, relation, columns }: FetchPlan, slice: CopySlice): string {
  const there = columns.map(({ name, form }, at) => `${form.there(kind.quote(name))} as c${at}`)
  const order = slice.order.map(({ name }) => kind.quote(name)).join(', ')
  const conditions = [...kind.holds, ...bounds(kind, slice)].join(' and ')
  const sql = `select ${there.join(', ')} from ${relation} where ${conditions} order by ${order}`
  const here = columns.flatMap(({ form, sound }, at) => {
    const value = form.here?.(`c${at}`) ?? `c${at}`
    return [value, ...(sound === undefined ? [] : [`c${at} is null or (${value}) is not null`])]
  })
  return `select ${here.join(', ')} from ${kind.query(server, sql)}`
}

/** `ends`: the last row is there. `odd`: a place that is written otherwise here than at the source. */
function proof({ order, to }: CopySlice): string {
  const last = order.map(({ name, stored }, at) => `${quote(name)} = ${duckdb.place(stored, to[at]!)}`)
  const odd = order.map(({ name, stored }) => `(${isPlain(quote(name), stored)}) is not true`)
  const flag = (condition: string) => `coalesce(max(case when ${condition} then 1 else 0 end), 0)`
  return `select ${flag(last.join(' and '))} as ends, ${flag(odd.join(' or '))} as odd from ${table}`
}

const TIMES: Stored['kind'][] = ['date', 'datetime', 'timestamp']

const isPlain = (column: string, { kind }: Stored): string =>
  TIMES.includes(kind)
    ? `cast(${column} as timestamp) between timestamp '1000-01-01' and timestamp '9999-12-31'`
    : `${column} is not null`
