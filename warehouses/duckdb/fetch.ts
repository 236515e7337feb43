import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { Stored } from '../../core/expr.ts'
import type { Fetched } from '../../core/reach.ts'
import type { CopySlice } from '../../core/warehouse.ts'
import { quote } from '../ansi.ts'
import { FETCHED } from '../copy.ts'
import { bounds } from '../copy-slice.ts'
import type { DuckConnection } from './connection.ts'
import { duckdb } from './dialect.ts'
import { serverWords } from './faults.ts'
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
): Promise<Fetched> {
  await connection.run(`create or replace temporary table ${table} (${declared(plan).join(', ')})`)
  let failure: string | undefined
  async function* chunks(from: DuckDBConnection): AsyncGenerator<DuckDBDataChunk> {
    try {
      const result = await from.stream(selectSlice(plan, slice))
      for (let it = await result.fetchChunk(); it?.rowCount; it = await result.fetchChunk()) yield it
    } catch (error) {
      failure = serverWords(error)
    }
  }
  await servers.use((from) => connection.take(FETCHED, chunks(from)))
  if (failure !== undefined) return { whole: false, failure }
  const [row] = await connection.query(proof(slice))
  const [ends, plain] = [Number(row!['ends']) === 1, Number(row!['odd']) === 0]
  if (ends) return { whole: plain }
  const lost = await lastIsThere(servers, plan, slice)
  return { whole: false, ...(lost !== undefined && { failure: lost }) }
}

/** Was the result broken off, or was its last row changed meanwhile? @returns words where it was broken off */
async function lastIsThere(
  servers: Servers,
  { kind, server, relation }: FetchPlan,
  { order, to }: CopySlice,
): Promise<string | undefined> {
  const last = order.map(({ name, stored }, at) => `${kind.quote(name)} = ${kind.place(stored, to[at]!)}`)
  const sql = `select 1 as one from ${relation} where ${last.join(' and ')}`
  try {
    const found = await servers.use((from) => from.runAndReadAll(`select * from ${kind.query(server, sql)}`))
    return found.currentRowCount > 0 ? `its ${kind.extension} gave only some of the rows` : undefined
  } catch (error) {
    return serverWords(error)
  }
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
