import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import driver from 'node-sqlite3-wasm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mysql } from '../../connectors/mysql/mysql.ts'
import { postgres } from '../../connectors/postgres/postgres.ts'
import { sqlite } from '../../connectors/sqlite/sqlite.ts'
import type { SourceReader } from '../../core/connector.ts'
import { looseText } from '../../core/place.ts'
import type { DatasetSpec } from '../../core/spec.ts'
import type { Json } from '../../core/value.ts'
import { joined } from '../../pipelines/lookup/join.ts'
import { checkLookups, preparedLookups } from '../../pipelines/lookup/prepare.ts'
import { readLookups } from '../../pipelines/lookup/read.ts'
import { LookupRoom } from '../../pipelines/lookup/room.ts'
import { readBatches } from '../../sdk/contract/reader-contract.ts'
import { freshMysql, freshPostgres } from '../support/databases.ts'

/** What a test does in one engine. */
interface Source {
  reader: SourceReader
  /** Rows of the last statement. */
  query(sql: string): Promise<Record<string, unknown>[]>
  close(): Promise<unknown>
}

const NUMBERS = ['-1', '0', '1', '2', '42', '42.5', '1000000', '9007199254740993']
const TEXTS = ["'a'", "'A'", "'é'", "'42'", "''", "'a|b'", "'b|a'", "'a%7Cb'", "'x:y'"]
const DATES = ["'2024-02-29'", "'1970-01-01'", "'2024-03-01'"]
const INTEGERS = NUMBERS.filter((it) => !it.includes('.'))
const SMALL = INTEGERS.slice(0, -1)
const HALVES = [...SMALL, '42.5', '-0.5']

/** Types of the two sides, and the SQL literals that fit both. */
const ENGINES = [
  {
    name: 'postgres',
    async open(): Promise<Source> {
      const { url, query, drop } = await freshPostgres('joins')
      return {
        reader: postgres.open({ connection: 'shop', root: '/', options: { url } }),
        query,
        close: drop,
      }
    },
    pairs: [
      ['bigint', 'bigint', INTEGERS],
      ['bigint', 'numeric(20, 2)', INTEGERS],
      ['numeric(20, 4)', 'numeric(20, 2)', NUMBERS],
      ['double precision', 'numeric(12, 2)', HALVES],
      ['smallint', 'double precision', SMALL.slice(0, -1)],
      ['text', 'varchar(20)', TEXTS],
      ['date', 'date', DATES],
    ],
  },
  {
    name: 'mysql',
    async open(): Promise<Source> {
      const { url, query, drop } = await freshMysql('joins')
      return { reader: mysql.open({ connection: 'shop', root: '/', options: { url } }), query, close: drop }
    },
    pairs: [
      ['bigint', 'bigint', INTEGERS],
      ['bigint', 'decimal(20, 2)', INTEGERS],
      ['decimal(20, 4)', 'decimal(20, 2)', NUMBERS],
      ['double', 'decimal(12, 2)', HALVES],
      ['varchar(20) collate utf8mb4_bin', 'varchar(30) collate utf8mb4_bin', TEXTS],
      ['date', 'date', DATES],
    ],
  },
  {
    name: 'sqlite',
    async open(): Promise<Source> {
      const root = await mkdtemp(join(tmpdir(), 'polder-joins-'))
      const database = new driver.Database(join(root, 'shop.db'))
      const query = async (sql: string) => {
        const statements = sql.split(';').filter((it) => it.trim() !== '')
        for (const it of statements.slice(0, -1)) database.exec(it)
        return database.all(statements.at(-1)!) as Record<string, unknown>[]
      }
      const close = () => {
        database.close()
        return rm(root, { recursive: true })
      }
      return { reader: sqlite.open({ connection: 'shop', root, options: { path: 'shop.db' } }), query, close }
    },
    pairs: [
      ['integer', 'integer', SMALL],
      ['integer', 'real', SMALL],
      ['text', 'text', TEXTS],
    ],
  },
] as const

const AT = looseText('').place()

const datasetOf = (on: string[], key: string[] | undefined, many: boolean): DatasetSpec => {
  const named = (names: string[]) => names.map((name) => ({ name, at: AT }))
  const place = { at: AT, fromAt: AT }
  const lookup = { name: 'found', from: 'l', on: named(on), ...(key && { key: named(key) }), many, ...place }
  const where = { pipeline: 'shop', connection: 'shop', load: 'auto' as const, targets: [] }
  return { ...where, name: 'd', from: 'd', with: [lookup], ...place }
}

/** What each row of `d` finds, by its id: the joined field of every row, batches cut anywhere. */
async function found(
  reader: SourceReader,
  dataset: DatasetSpec,
  maxRows: number,
): Promise<Map<number, Json>> {
  const facts = await reader.describe({ ref: 'shop.d', from: 'd' })
  const lookedUp = new Map([['found', await reader.describe({ ref: 'shop.d.found', from: 'l' })]])
  expect(checkLookups(dataset, facts, lookedUp)).toEqual([])
  const lookups = preparedLookups(dataset, facts, lookedUp, { found: ['n', 'v'] })
  const signal = new AbortController().signal
  const ask = { maxRows, maxBytes: 4_000_000, signal }
  const tables = await readLookups(lookups, {
    reader,
    room: new LookupRoom(),
    holder: {},
    signal,
    pull: (open) => open(ask),
  })
  const rows = new Map<number, Json>()
  for (const it of await readBatches(reader, { ref: 'shop.d', from: 'd' }, { maxRows })) {
    if (it.payload.form !== 'columns') throw new Error('Not decoded.')
    const { batch, columns } = joined(it, it.payload.columns, tables!)
    const at = (name: string) => columns[batch.schema.fields.findIndex((field) => field.name === name)]!
    for (let row = 0; row < batch.rows; row++) rows.set(Number(at('id')[row]), at('found')[row]!)
  }
  return rows
}

/** The same by a join that the source itself makes. */
async function wanted({ query }: Source, pairs: string[], many: boolean): Promise<Map<number, Json>> {
  const on = pairs.map((it) => `d.${it} = l.${it}`).join(' and ')
  const rows = await query(`select d.id, l.n, l.v from d left join l on ${on} order by d.id, l.n`)
  const all = new Map<number, Json>()
  for (const { id, n, v } of rows) {
    const row = { n: Number(n), ...(v !== null && { v: String(v) }) }
    if (n === null) all.set(Number(id), null)
    else if (!many) all.set(Number(id), row)
    else all.set(Number(id), [...((all.get(Number(id)) as Json[]) ?? []), row])
  }
  return all
}

describe.each(ENGINES)('$name', ({ open, pairs }) => {
  let source: Source
  beforeAll(async () => {
    source = await open()
  })
  afterAll(() => source?.close())

  /** One or two key columns of any of the types, rows whose keys repeat and are NULL, and values that may be NULL. */
  const shape = fc
    .record({
      types: fc.array(fc.constantFrom(...pairs), { minLength: 1, maxLength: 2 }),
      many: fc.boolean(),
      maxRows: fc.constantFrom(1, 3, 10_000),
    })
    .chain(({ types, many, maxRows }) => {
      const key = fc.tuple(
        ...types.map(([, , values]) =>
          fc.option(fc.constantFrom(...(values as readonly string[])), { nil: 'null', freq: 4 }),
        ),
      )
      const value = fc.option(fc.constantFrom("'x'", "'y'"), { nil: 'null' })
      const rows = fc.array(fc.tuple(key, value), { maxLength: 12 })
      const one = fc.uniqueArray(fc.tuple(key, value), {
        maxLength: 12,
        selector: ([it]) => it.join(),
        comparator: (a, b) => a === b && !a.includes('null'),
      })
      return fc.record({
        types: fc.constant(types),
        many: fc.constant(many),
        maxRows: fc.constant(maxRows),
        left: fc.array(key, { minLength: 1, maxLength: 12 }),
        right: many ? rows : one,
      })
    })

  test('what rows find is what a join at the source finds', async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ types, many, maxRows, left, right }) => {
        const names = types.map((_, at) => `k${at}`)
        const columns = (side: 0 | 1) => types.map((it, at) => `k${at} ${it[side]}`).join(', ')
        const d = left.map((key, at) => `(${[at, ...key].join(', ')})`)
        const l = right.map(([key, value], at) => `(${[at, value, ...key].join(', ')})`)
        await source.query(`drop table if exists d; drop table if exists l;
          create table d (id int primary key, ${columns(0)}); create table l (n int primary key, v varchar(9), ${columns(1)});
          insert into d values ${d.join(', ')}; ${l.length > 0 ? `insert into l values ${l.join(', ')};` : ''} select 1`)
        const all = await found(source.reader, datasetOf(names, names, many), maxRows)
        expect(all).toEqual(await wanted(source, names, many))
      }),
      { numRuns: 40 },
    )
  })

  test('two rows of one key are an error, unless both keys are NULL', async () => {
    const make = (keys: string) =>
      source.query(`drop table if exists d; drop table if exists l;
        create table d (id int primary key, k0 int); create table l (n int primary key, v varchar(9), k0 int);
        insert into d values (1, 1); insert into l values ${keys}; select 1`)
    await make("(1, 'x', null), (2, 'y', null), (3, 'z', 1)")
    expect((await found(source.reader, datasetOf(['k0'], ['k0'], false), 1)).get(1)).toEqual({ n: 3, v: 'z' })
    await make("(1, 'x', 7), (2, 'x', 7)")
    await expect(found(source.reader, datasetOf(['k0'], ['k0'], false), 1)).rejects.toMatchObject({
      code: 'E730',
      problem: expect.not.stringContaining('7'),
    })
  })
})
