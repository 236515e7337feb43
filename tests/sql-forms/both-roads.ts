import fc from 'fast-check'
import { expect } from 'vitest'
import type { SourceReader } from '../../core/connector.ts'
import type { Reached } from '../../core/reach.ts'
import type { Value } from '../../core/value.ts'
import { readBatches } from '../../sdk/contract/reader-contract.ts'
import { reach } from '../../warehouses/duckdb/reach.ts'
import type { Servers } from '../../warehouses/duckdb/servers.ts'
import {
  COLUMN_NAMES,
  differences,
  inHostileSession,
  inJavaScript,
  inSql,
  type Said,
  said,
} from './compare.ts'
import type { emptyEngine, TestEngine } from './engines.ts'
import { expressions } from './grammar.ts'
import { COLUMNS, type TestColumn } from './pools.ts'

export const SEED = Number(process.env['SQL_FORMS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
export const RUNS = Number(process.env['SQL_FORMS_RUNS'] ?? 60)
export const ROWS = 60
const PER_STATEMENT = 5

export type Empty = Awaited<ReturnType<typeof emptyEngine>>

/** The number of a row. */
export const rn: TestColumn = { ...COLUMNS[0]!, name: 'rn', pool: [] }

export type Rows = (string | null)[][]

export const randomRows = (columns: TestColumn[], seed: number): Rows => {
  const cells = columns.map(({ name, pool }) =>
    fc.constantFrom(...(name === 'id' ? pool.slice(0, -1) : pool)),
  )
  return (fc.sample(fc.tuple(...cells), { numRuns: ROWS, seed }) as Rows).map((row, i) => [String(i), ...row])
}

export interface Delivered {
  reached: Reached
  /** In the order of `columns`. */
  data: Value[][]
}

/**
 * What the connector delivers, and where the warehouse reads the same.
 * @param servers  where it is read by DuckDB's extensions for servers
 */
export async function delivered(
  engine: Empty,
  reader: SourceReader,
  from: string,
  columns: TestColumn[],
  servers?: Servers,
): Promise<Delivered> {
  const dataset = { ref: 'p.d', from }
  const { schema } = await reader.describe(dataset)
  const batches = await readBatches(reader, dataset)
  const at = (name: string) => schema.fields.findIndex((it) => it.name === name)
  const data = columns.map(({ name }) =>
    batches.flatMap(({ payload }) =>
      payload.form === 'columns' ? Array.from(payload.columns[at(name)]! as ArrayLike<Value>) : [],
    ),
  )
  const address = await reader.address!(dataset)
  const ask = {
    connection: 'c',
    address: address!,
    fields: schema.fields,
    links: !servers,
    thorough: !servers,
    dataset: 'p.d',
  }
  return { reached: await reach(engine.connection, ask, servers), data: inOrder(data) }
}

/** By `rn`, the first column. */
function inOrder([numbers, ...columns]: Value[][]): Value[][] {
  const order = numbers!.map((it, i) => [Number(it), i] as const).sort(([a], [b]) => a - b)
  return [numbers!, ...columns].map((column) => order.map(([, i]) => column[i]!))
}

/** Expressions over columns of other types than the grammar thinks of: most are refused, the others must hold. */
const cases = fc
  .tuple(fc.constantFrom(...COLUMN_NAMES), fc.constantFrom('text', 'number', 'boolean', 'time', 'any'))
  .chain(([column, kind]) => expressions[kind as 'text'].map((expression) => ({ column, expression })))

export async function sameOnBothRoads(
  engine: Empty,
  { reached, data }: Delivered,
  columns: TestColumn[],
  seed: number,
): Promise<number> {
  expect(reached.relation, reached.because).toBeDefined()
  await engine.connection.run(
    `create or replace temporary view src as select * replace (cast(rn as bigint) as rn) from ${reached.relation}`,
  )
  const test: TestEngine = { ...engine, facts: reached.columns! }
  const single = columns.slice(1).map(({ name, type }) => ({
    column:
      {
        integer: 'integer',
        decimal: 'decimal',
        float: 'double',
        boolean: 'boolean',
        date: 'date',
        timestamp: 'timestamp',
      }[type as string] ?? 'text',
    expression: `\`${name}\``,
  }))
  const tried: { it: (typeof single)[number]; said: Said }[] = []
  const outcomes = []
  for (const it of [...single, ...fc.sample(cases, { numRuns: RUNS, seed })]) {
    const outcome = await inJavaScript(it, columns, data)
    const found = said(it, columns, test)
    if (!outcome || found.value === undefined || found.verdict.verdict === 'close') continue
    tried.push({ it, said: found })
    outcomes.push(outcome)
  }
  const wrong: string[] = []
  for (let at = 0; at < tried.length; at += PER_STATEMENT) {
    const some = tried.slice(at, at + PER_STATEMENT)
    for (const run of [inSql, inHostileSession]) {
      const answers = await run(some, test)
      for (const [i, { it, said }] of some.entries()) {
        const found = differences(outcomes[at + i]!, answers[i]!)
        if (found.length > 0)
          wrong.push(
            [`${it.column} <- ${it.expression}`, said.value, said.guard, ...found.slice(0, 3)].join('\n'),
          )
      }
    }
  }
  expect(wrong.slice(0, 5).join('\n\n')).toBe('')
  return tried.length
}
