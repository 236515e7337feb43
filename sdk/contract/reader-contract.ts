import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Batch, type Checkpoint, Op, type Range } from '../../core/batch.ts'
import type { DatasetRequest, SourceReader } from '../../core/connector.ts'
import { ConfigError } from '../../core/errors.ts'
import type { Row, Value } from '../../core/value.ts'

/** A dataset with the rows that a full read must give, in order, all fields. */
export interface KnownDataset {
  dataset: DatasetRequest
  rows: Row[]
}

/** What a connector under test prepares. */
export interface ReaderFixture {
  reader: SourceReader
  /** 10 to 30 rows with a key, stated or the source's own. */
  full: KnownDataset
  /** With a cursor; `rows` in order of (mark, key), several of them with equal marks, none with a NULL mark. */
  incremental?: KnownDataset & { nullMarks: number }
  /** A stated key that is not unique: rows in order, equal keys next to each other in any order. */
  repeated?: KnownDataset
  /** A stated key that is NULL in some rows, which come last. */
  nullKeys?: KnownDataset
  /**
   * Of sources that tell their deletes, asked to: what an incremental reading from `since` gives, in order of its marks;
   * of rows that are gone only the key counts.
   */
  told?: { dataset: DatasetRequest; since: Checkpoint; rows: { row: Row; gone: boolean }[] }
  empty: DatasetRequest
  /** A misspelt dataset, and what its message must propose. */
  misspelt: { dataset: DatasetRequest; nearest: string }
  close(): Promise<void>
}

const PAGE_SIZES = [1, 2, 3, 4, 5, 6, 7, 10_000]
const MAX_BYTES = 8_000_000

export interface ReadSettings {
  fields?: string[]
  maxRows?: number
  signal?: AbortSignal
  from?: Checkpoint | null
  range?: Range
}

/** Reads all batches; the range is `0` without bounds unless given. */
export async function readBatches(
  reader: SourceReader,
  dataset: DatasetRequest,
  settings: ReadSettings = {},
): Promise<Batch[]> {
  const { fields = ['*'], maxRows = 10_000, signal = new AbortController().signal } = settings
  const ask = { fields, maxRows, maxBytes: MAX_BYTES, signal, prefer: ['columns' as const] }
  const batches: Batch[] = []
  for await (const batch of reader.read(dataset, settings.range ?? { id: '0' }, settings.from ?? null, ask))
    batches.push(batch)
  return batches
}

/** The rows of batches as plain objects. */
export function rowsOf(batches: Batch[]): Row[] {
  return batches.flatMap((batch) => {
    if (batch.payload.form !== 'columns') throw new Error('the contract suite reads columns')
    const { columns } = batch.payload
    const fields = batch.schema.fields.map((it, i) => [it.name, columns[i]!] as const)
    return Array.from({ length: batch.rows }, (_, row) =>
      Object.fromEntries(fields.map(([name, values]) => [name, values[row] as Value])),
    )
  })
}

/** Everything that any reader promises, whatever it reads. */
export function readerContract(name: string, prepare: () => Promise<ReaderFixture>): void {
  describe(`${name} keeps the contract of readers:`, () => {
    let it: ReaderFixture
    beforeAll(async () => {
      it = await prepare()
    })
    afterAll(() => it?.close())
    describesItself(() => it)
    readsInFull(() => it)
    readsIncrementally(() => it)
    readsAwkwardKeys(() => it)
    scansKeys(() => it)
    tellsDeletes(() => it)
    stopsWhenTold(() => it)
  })
}

type Get = () => ReaderFixture

function describesItself(get: Get): void {
  test('it says what answered, in one line', async () => {
    expect(await get().reader.test()).toMatch(/^\S[^\n]*$/)
  })

  test('it lists the dataset that it reads, and every name that it lists can be described', async () => {
    const { reader, full } = get()
    const listed = (await reader.datasets()).map(({ from }) => from)
    expect(listed).toContain((await reader.describe(full.dataset)).from)
    const facts = await reader.describe({ ref: 'p.listed', from: listed[0]! })
    expect(facts.schema.fields.length).toBeGreaterThan(0)
  })

  test('its facts name every field once and a key of existing fields', async () => {
    const { reader, full } = get()
    const { schema, key } = await reader.describe(full.dataset)
    const names = schema.fields.map((field) => field.name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(Object.keys(full.rows[0]!))
    expect(names).toEqual(expect.arrayContaining(key))
  })

  test('a misspelt dataset is a ConfigError that proposes the nearest', async () => {
    const { reader, misspelt } = get()
    const failure = await reader.describe(misspelt.dataset).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect((failure as ConfigError).message).toContain(misspelt.nearest)
    await expect(readBatches(reader, misspelt.dataset)).rejects.toBeInstanceOf(ConfigError)
  })
}

function readsInFull(get: Get): void {
  test.each(PAGE_SIZES)('a full read gives every row in order, %i at a time', async (maxRows) => {
    const { reader, full } = get()
    const batches = await readBatches(reader, full.dataset, { maxRows })
    expect(rowsOf(batches)).toEqual(full.rows)
    expect(batches.map(({ seq }) => seq)).toEqual(batches.map((_, i) => i))
    for (const batch of batches) isWellFormed(batch, maxRows)
    expect(batches.at(-1)!.checkpoint).toBeDefined()
  })

  test.each(PAGE_SIZES)('a full read goes on after every checkpoint, %i at a time', async (maxRows) => {
    const { reader, full } = get()
    const batches = await readBatches(reader, full.dataset, { maxRows })
    let read = 0
    for (const { rows, checkpoint } of batches) {
      read += rows
      const rest = await readBatches(reader, full.dataset, { from: stored(checkpoint!) })
      expect(rowsOf(rest)).toEqual(full.rows.slice(read))
    }
  })

  test('two readings at once do not disturb each other', async () => {
    const { reader, full } = get()
    const twice = await Promise.all([1, 3].map((maxRows) => readBatches(reader, full.dataset, { maxRows })))
    expect(twice.map(rowsOf)).toEqual([full.rows, full.rows])
  })

  test('only the fields asked for come, and the key', async () => {
    const { reader, full } = get()
    const key = full.dataset.key ?? (await reader.describe(full.dataset)).key
    const asked = Object.keys(full.rows[0]!).at(-1)!
    const rows = rowsOf(await readBatches(reader, full.dataset, { fields: [asked] }))
    const wanted = Object.keys(full.rows[0]!).filter((field) => field === asked || key.includes(field))
    expect(rows).toEqual(full.rows.map((row) => pick(row, wanted)))
    expect(Object.keys(rows[0]!)).toHaveLength(wanted.length)
  })

  test('an empty dataset ends without a batch', async () => {
    const { reader, empty } = get()
    expect(await readBatches(reader, empty)).toEqual([])
    const { schema, kind } = await reader.describe(empty)
    expect(schema.fields).toBeDefined()
    // Of files it is a fingerprint, which no rows have too.
    if (kind === 'file') return
    expect((await reader.split(empty, { ranges: 1 })).highWater.highWater).toBeUndefined()
  })

  test('the split gives one unbounded full reading on the clock of the source', async () => {
    const { reader, full } = get()
    const { highWater, ranges } = await reader.split(full.dataset, { ranges: 1 })
    expect(highWater).toMatchObject({ v: 1, readStartedAt: expect.stringMatching(/T.*\.\d{6}Z$/) })
    const batches = await readBatches(reader, full.dataset, { range: ranges[0]!, from: highWater })
    expect(rowsOf(batches)).toEqual(full.rows)
    for (const { checkpoint } of batches) expect(checkpoint!.readStartedAt).toBe(highWater.readStartedAt)
  })
}

function readsIncrementally(get: Get): void {
  /** The position `at`, or before all marks. */
  const since = (mark: string, inclusive: boolean): Checkpoint => ({
    v: 1,
    position: { kind: 'keyset', mark, key: [], inclusive },
    readStartedAt: '2026-01-01T00:00:00.000000Z',
  })
  const markOf = (known: KnownDataset, row: Row) => String(row[known.dataset.cursor!])

  test.each(PAGE_SIZES)(
    'fault 18: by cursor it goes on after every checkpoint, %i at a time',
    async (maxRows) => {
      const { reader, incremental } = get()
      if (!incremental) return
      const first = since(markOf(incremental, incremental.rows[0]!), true)
      const batches = await readBatches(reader, incremental.dataset, { maxRows, from: first })
      expect(rowsOf(batches)).toEqual(incremental.rows)
      let read = 0
      for (const { rows, checkpoint, mark } of batches) {
        expect(Array.from(mark!)).toEqual(
          incremental.rows.slice(read, read + rows).map((row) => row[incremental.dataset.cursor!]),
        )
        read += rows
        const rest = await readBatches(reader, incremental.dataset, { from: stored(checkpoint!) })
        expect(rowsOf(rest)).toEqual(incremental.rows.slice(read))
      }
    },
  )

  test('an inclusive start gives the rows of its mark again, an exclusive one does not', async () => {
    const { reader, incremental } = get()
    if (!incremental) return
    const marks = incremental.rows.map((row) => markOf(incremental, row))
    const tied = marks.find((mark, i) => i > 0 && mark === marks[i + 1])!
    for (const inclusive of [true, false]) {
      const batches = await readBatches(reader, incremental.dataset, { from: since(tied, inclusive) })
      const first = inclusive ? marks.indexOf(tied) : marks.lastIndexOf(tied) + 1
      expect(rowsOf(batches)).toEqual(incremental.rows.slice(first))
    }
  })

  test('the split bounds a reading by the largest mark, which is read too', async () => {
    const { reader, incremental } = get()
    if (!incremental) return
    const { highWater, ranges } = await reader.split(incremental.dataset, { ranges: 1 })
    expect(highWater.highWater).toBe(markOf(incremental, incremental.rows.at(-1)!))
    const first = since(markOf(incremental, incremental.rows[0]!), true)
    const all = await readBatches(reader, incremental.dataset, { from: first, range: ranges[0]! })
    expect(rowsOf(all)).toEqual(incremental.rows)
    const middle = markOf(incremental, incremental.rows[3]!)
    const range: Range = { id: '0', to: since(middle, true).position }
    const some = await readBatches(reader, incremental.dataset, { from: first, range })
    expect(rowsOf(some)).toEqual(
      incremental.rows.slice(
        0,
        1 + incremental.rows.findLastIndex((row) => markOf(incremental, row) === middle),
      ),
    )
  })

  test('rows without a mark are counted, read in full and left out by cursor', async () => {
    const { reader, incremental } = get()
    if (!incremental) return
    expect(await reader.countNullMarks!(incremental.dataset)).toBe(incremental.nullMarks)
    const all = await readBatches(reader, incremental.dataset)
    expect(rowsOf(all)).toHaveLength(incremental.rows.length + incremental.nullMarks)
    expect(all.flatMap((batch) => Array.from(batch.mark!)).filter((mark) => mark === null)).toHaveLength(
      incremental.nullMarks,
    )
  })
}

function readsAwkwardKeys(get: Get): void {
  test.each(PAGE_SIZES)(
    'rows with equal keys are never parted by a checkpoint, %i at a time',
    async (maxRows) => {
      const { reader, repeated } = get()
      if (!repeated) return
      const batches = await readBatches(reader, repeated.dataset, { maxRows })
      expect(sorted(rowsOf(batches))).toEqual(sorted(repeated.rows))
      for (const [i, { checkpoint }] of batches.entries()) {
        if (!checkpoint) continue
        const rest = rowsOf(await readBatches(reader, repeated.dataset, { from: stored(checkpoint) }))
        expect(sorted([...rowsOf(batches.slice(0, i + 1)), ...rest])).toEqual(sorted(repeated.rows))
      }
      expect(batches.at(-1)!.checkpoint).toBeDefined()
    },
  )

  test.each(PAGE_SIZES)(
    'fault 21: rows whose key is NULL come once and last, %i at a time',
    async (maxRows) => {
      const { reader, nullKeys } = get()
      if (!nullKeys) return
      const batches = await readBatches(reader, nullKeys.dataset, { maxRows })
      const isNull = (row: Row) => nullKeys.dataset.key!.some((name) => row[name] === null)
      const rows = rowsOf(batches)
      expect(sorted(rows)).toEqual(sorted(nullKeys.rows))
      expect(rows.map(isNull)).toEqual(nullKeys.rows.map(isNull))
      for (const [i, { checkpoint }] of batches.entries()) {
        if (!checkpoint) continue
        const rest = rowsOf(await readBatches(reader, nullKeys.dataset, { from: stored(checkpoint) }))
        const both = [...rowsOf(batches.slice(0, i + 1)), ...rest].filter((row) => !isNull(row))
        expect(sorted(both)).toEqual(sorted(nullKeys.rows.filter((row) => !isNull(row))))
      }
    },
  )
}

function scansKeys(get: Get): void {
  const scan = async ({ reader }: ReaderFixture, dataset: DatasetRequest, maxRows: number) => {
    const ask = { maxRows, maxBytes: MAX_BYTES, signal: new AbortController().signal }
    const batches: Batch[] = []
    for await (const batch of reader.keys!(dataset, { id: '0' }, ask)) batches.push(batch)
    return batches
  }

  test.each(PAGE_SIZES)(
    'a scan gives the key of every row and nothing else, %i at a time',
    async (maxRows) => {
      const it = get()
      if (!it.reader.keys) return
      for (const known of [it.full, it.incremental, it.repeated, it.nullKeys]) {
        if (!known) continue
        const key = known.dataset.key ?? (await it.reader.describe(known.dataset)).key
        const batches = await scan(it, known.dataset, maxRows)
        for (const batch of batches) isWellFormed(batch, maxRows)
        const keys = sorted(known.rows.map((row) => pick(row, key)))
        const unmarked = known === it.incremental ? it.incremental.nullMarks : 0
        const found = sorted(rowsOf(batches).map((row) => pick(row, key)))
        expect(found).toEqual(expect.arrayContaining(keys))
        expect(found).toHaveLength(keys.length + unmarked)
        expect(Object.keys(rowsOf(batches)[0]!).sort()).toEqual([...key].sort())
      }
      expect(await scan(it, it.empty, maxRows)).toEqual([])
    },
  )
}

function tellsDeletes(get: Get): void {
  const seen = (batch: Batch, key: string[]) =>
    rowsOf([batch]).map((row, i) => {
      const gone = batch.ops?.[i] === Op.delete
      return { row: gone ? pick(row, key) : row, gone }
    })

  test.each(PAGE_SIZES)('rows deleted since come too, marked as deleted, %i at a time', async (maxRows) => {
    const { reader, told, full } = get()
    const { tellsDeletes } = await reader.describe(told?.dataset ?? full.dataset)
    expect(tellsDeletes ?? false).toBe(told !== undefined)
    if (!told) return
    const key = told.dataset.key ?? (await reader.describe(told.dataset)).key
    const wanted = told.rows.map(({ row, gone }) => ({ row: gone ? pick(row, key) : row, gone }))
    const batches = await readBatches(reader, told.dataset, { from: told.since, maxRows })
    expect(batches.flatMap((it) => seen(it, key))).toEqual(wanted)
    let read = 0
    for (const { rows, checkpoint } of batches) {
      read += rows
      const rest = await readBatches(reader, told.dataset, { from: stored(checkpoint!), maxRows })
      expect(rest.flatMap((it) => seen(it, key))).toEqual(wanted.slice(read))
    }
  })

  test('who does not ask for deleted rows, and a full read, gets none', async () => {
    const { reader, told } = get()
    if (!told) return
    const { deletes: _, ...unasked } = told.dataset
    const some = await readBatches(reader, unasked, { from: told.since })
    const all = await readBatches(reader, told.dataset)
    for (const { ops } of [...some, ...all]) expect(ops?.includes(Op.delete) ?? false).toBe(false)
  })
}

function stopsWhenTold(get: Get): void {
  test('an abort before or during a reading ends it with the reason given', async () => {
    const { reader, full } = get()
    const reason = new Error('asked to stop')
    await expect(readBatches(reader, full.dataset, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
    const controller = new AbortController()
    const ask = { fields: ['*'], maxRows: 1, maxBytes: MAX_BYTES, prefer: ['columns' as const] }
    const batches = reader.read(full.dataset, { id: '0' }, null, { ...ask, signal: controller.signal })
    const reading = batches[Symbol.asyncIterator]()
    expect((await reading.next()).done).toBe(false)
    controller.abort(reason)
    await expect(reading.next()).rejects.toBe(reason)
  })

  test('a reading left in the middle leaves the reader fit for the next', async () => {
    const { reader, full } = get()
    const ask = { fields: ['*'], maxRows: 1, maxBytes: MAX_BYTES, prefer: ['columns' as const] }
    const { signal } = new AbortController()
    for await (const _ of reader.read(full.dataset, { id: '0' }, null, { ...ask, signal })) break
    expect(rowsOf(await readBatches(reader, full.dataset))).toEqual(full.rows)
  })

  test('closing twice is no error', async () => {
    const { reader } = get()
    await reader.close()
    await reader.close()
  })
}

function isWellFormed(batch: Batch, maxRows: number): void {
  expect(batch.rows).toBeGreaterThan(0)
  expect(batch.rows).toBeLessThanOrEqual(maxRows)
  expect(batch.bytes).toBeGreaterThan(0)
  expect(batch.range).toBe('0')
  if (batch.payload.form !== 'columns') return
  expect(batch.payload.columns).toHaveLength(batch.schema.fields.length)
  for (const column of batch.payload.columns) expect(column).toHaveLength(batch.rows)
}

/** A checkpoint as it comes back from where it was stored. */
const stored = (checkpoint: Checkpoint): Checkpoint => JSON.parse(JSON.stringify(checkpoint)) as Checkpoint

const pick = (row: Row, names: string[]): Row =>
  Object.fromEntries(names.map((field) => [field, row[field] as Value]))

const sorted = (rows: Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort()
