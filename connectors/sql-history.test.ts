import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { earlier } from '../core/instant.ts'
import { rowsOf } from '../sdk/contract/reader-contract.ts'
import type { Checkpoint, Range, Row, SourceReader } from '../sdk/index.ts'
import {
  freshMysql,
  freshPostgres,
  type HeldSession,
  heldSession,
  type TestDatabase,
} from '../tests/support/databases.ts'
import { mysql } from './mysql/mysql.ts'
import { postgres } from './postgres/postgres.ts'

const ENGINES = [
  {
    name: 'postgres',
    connector: postgres,
    fresh: freshPostgres,
    instant: 'timestamptz',
    clock: 'now()',
    isolation: 'set session characteristics as transaction isolation level read committed',
    upsert: (values: string) =>
      `insert into t values (${values}) on conflict (id) do update set mark = excluded.mark, n = excluded.n`,
    numRuns: 15,
  },
  {
    name: 'mysql',
    connector: mysql,
    fresh: freshMysql,
    instant: 'timestamp(6) null',
    clock: 'now(6)',
    isolation: 'set session transaction isolation level read committed',
    upsert: (values: string) =>
      `insert into t values (${values}) on duplicate key update mark = values(mark), n = values(n)`,
    // The server tells when its writers began by the second: a reading beside one takes longer than a second.
    numRuns: 4,
  },
]

const writer = fc.constantFrom<0 | 1>(0, 1)
const slot = fc.integer({ min: 0, max: 5 })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), writer }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), writer }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      writer,
      slot,
      mark: fc.constantFrom('new' as const, 'new' as const, 'new' as const, 'tie' as const, 'null' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), writer, slot }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      maxRows: fc.integer({ min: 1, max: 7 }),
      /** A run that ends after so many batches; the next one goes on. */
      batches: fc.constantFrom(1, 2, 100, 100, 100),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

describe.each(ENGINES)('$name', ({ connector, fresh, instant, clock, upsert, isolation, numRuns }) => {
  let database: TestDatabase
  let reader: SourceReader
  let writers: HeldSession[]
  beforeAll(async () => {
    database = await fresh('history')
    reader = connector.open({ connection: 'shop', root: '/', options: { url: database.url } })
    writers = [await heldSession(database.url), await heldSession(database.url)]
    for (const it of writers) await it.run(isolation)
  })
  afterAll(async () => {
    for (const it of writers ?? []) await it.end()
    await database?.drop()
  })

  test.each(['bigint', instant])(
    'faults 18, 19: whatever was written, whenever it was committed, the readings together give every row: %s',
    async (type) => {
      const isNumber = type === 'bigint'
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }), async (steps) => {
          for (const it of writers) await it.run('rollback')
          await database.query(
            `drop table if exists t; create table t (id int primary key, mark ${type}, n int not null)`,
          )
          const source = new Source(writers, upsert, clock, isNumber)
          const target = new Target(reader, isNumber)
          for (const it of steps) await (it.do === 'read' ? target.read(it) : source.take(it))
          for (const it of writers) await it.run('commit')
          await target.read({ maxRows: 7, batches: 100 })
          await target.read({ maxRows: 7, batches: 100 })
          const rows = await database.query<{ id: unknown; n: unknown }>(
            'select id, n from t where mark is not null order by id',
          )
          const wanted = rows.map(({ id, n }) => [Number(id), Number(n)])
          expect(wanted.map(([id]) => [id, target.rows.get(id!)?.n])).toEqual(wanted)
        }),
        { numRuns },
      )
    },
    300_000,
  )
})

/** Two writers with keys of their own, so that they never wait for each other. */
class Source {
  private readonly writers: HeldSession[]
  private readonly upsert: (values: string) => string
  private readonly isNumber: boolean
  private readonly clock: string
  private readonly open = new Set<number>()
  private last = 1
  private version = 0

  constructor(writers: HeldSession[], upsert: (values: string) => string, clock: string, isNumber: boolean) {
    this.writers = writers
    this.upsert = upsert
    this.clock = clock
    this.isNumber = isNumber
  }

  async take(it: Exclude<Step, { do: 'read' }>): Promise<void> {
    const { run } = this.writers[it.writer]!
    if (it.do === 'put') await run(this.upsert(`${keyOf(it)}, ${this.mark(it.mark)}, ${++this.version}`))
    else if (it.do === 'delete') await run(`delete from t where id = ${keyOf(it)}`)
    else if (it.do !== 'begin' || !this.open.has(it.writer)) await run(it.do)
    if (it.do === 'begin') this.open.add(it.writer)
    if (it.do === 'commit' || it.do === 'rollback') this.open.delete(it.writer)
  }

  private mark(kind: 'new' | 'tie' | 'null'): string {
    if (kind === 'null') return 'null'
    if (!this.isNumber) return this.clock
    if (kind === 'new') this.last += 1
    return String(this.last)
  }
}

const keyOf = ({ writer, slot }: { writer: number; slot: number }): number => slot * 2 + writer

/** What a pipeline keeps between its runs: the last complete reading, and one under way. */
class Target {
  readonly rows = new Map<number, { mark: Row[string]; n: number }>()
  private readonly reader: SourceReader
  private readonly isNumber: boolean
  private complete?: Checkpoint
  private scan?: { highWater: Checkpoint; range: Range; from: Checkpoint | null }

  constructor(reader: SourceReader, isNumber: boolean) {
    this.reader = reader
    this.isNumber = isNumber
  }

  async read({ maxRows, batches }: { maxRows: number; batches: number }): Promise<void> {
    const dataset = { ref: 'p.t', from: 't', cursor: 'mark' }
    this.scan ??= await this.begin(dataset)
    const { scan } = this
    const { signal } = new AbortController()
    const ask = { fields: ['*'], maxRows, maxBytes: 8_000_000, signal, prefer: ['columns' as const] }
    let count = 0
    for await (const batch of this.reader.read(dataset, scan.range, scan.from ?? scan.highWater, ask)) {
      for (const row of rowsOf([batch])) this.keep(row)
      if (batch.checkpoint) scan.from = JSON.parse(JSON.stringify(batch.checkpoint)) as Checkpoint
      if (++count === batches && batch.checkpoint) return
    }
    this.complete = scan.highWater
    this.scan = undefined
  }

  private async begin(dataset: { ref: string; from: string; cursor: string }) {
    const { highWater } = await this.reader.split(dataset, {
      ranges: 1,
      ...(this.complete ? { earlier: this.complete } : {}),
    })
    const mark = this.start()
    const position = { kind: 'keyset' as const, mark: mark ?? null, key: [], inclusive: true }
    const range: Range = mark === undefined ? { id: '0' } : { id: '0', from: position }
    return { highWater, range, from: mark === undefined ? null : { ...highWater, position } }
  }

  /** Without any lookback: what the source knows must do. */
  private start(): string | undefined {
    const { highWater, readStartedAt } = this.complete ?? {}
    if (highWater === undefined) return undefined
    return this.isNumber ? highWater : earlier(highWater, readStartedAt!)
  }

  /** Newer is never overwritten by older. */
  private keep({ id, mark = null, n }: Row): void {
    const before = this.rows.get(Number(id))
    if (mark === null || (before && before.mark !== null && before.mark > mark)) return
    this.rows.set(Number(id), { mark, n: Number(n) })
  }
}
