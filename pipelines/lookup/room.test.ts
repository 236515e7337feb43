import { expect, test } from 'vitest'
import type { Batch } from '../../core/batch.ts'
import type { SourceReader } from '../../core/connector.ts'
import type { PreparedLookup } from './prepare.ts'
import { readLookups } from './read.ts'
import { LookupRoom } from './room.ts'

const never = new AbortController().signal

/** A source of `rows` rows whose look-up takes about 170 bytes each; `between` runs before every one of them. */
function sourceOf(rows: number, between: () => Promise<unknown> = async () => {}) {
  const fields = [{ name: 'id', type: 'integer' as const, sourceType: 'int', nullable: false }]
  async function* read(): AsyncGenerator<Batch> {
    for (let id = 0; id < rows; id++) {
      await between()
      const payload = { form: 'columns' as const, columns: [[id]] }
      yield { schema: { fields }, rows: 1, bytes: 8, range: '0', seq: id, payload }
    }
  }
  return { read } as unknown as SourceReader
}

const lookup: PreparedLookup = {
  name: 'city',
  dataset: 'shop.customers',
  request: { ref: 'shop.customers.city', from: 'cities' },
  on: ['city_id'],
  key: ['id'],
  types: ['integer'],
  many: false,
  fields: [],
}

const read = (reader: SourceReader, room: LookupRoom, holder: object, signal = never) =>
  readLookups([lookup], {
    reader,
    room,
    holder,
    signal,
    pull: (open) => open({ maxRows: 1, maxBytes: 1, signal }),
  })

test('more than fits is an error that says how far it came, and its room is free again', async () => {
  const room = new LookupRoom(10_000)
  const first = {}
  await expect(read(sourceOf(1_000), room, first)).rejects.toMatchObject({
    code: 'E731',
    problem: expect.stringMatching(/after \d\d rows of "cities"/),
  })
  expect(room.take({}, 10_000)).toBe(true)
})

test('a dataset that finds no room waits for another one to end, and is then read whole', async () => {
  const room = new LookupRoom(10_000)
  const [first, second] = [{}, {}]
  await read(sourceOf(40), room, first)
  const waiting = read(sourceOf(50), room, second)
  let done = false
  waiting.then(() => {
    done = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(done).toBe(false)
  room.give(first)
  expect((await waiting)![0]!.rows.size).toBe(50)
})

test("two that are in each other's way both come to their end", async () => {
  const room = new LookupRoom(10_000)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const both = [{}, {}].map(async (holder) => {
    const tables = await read(sourceOf(50, turn), room, holder)
    await turn()
    room.give(holder)
    return tables![0]!.rows.size
  })
  expect(await Promise.all(both)).toEqual([50, 50])
})

test('who waits is freed by a stop', async () => {
  const room = new LookupRoom(10_000)
  const stop = new AbortController()
  await read(sourceOf(40), room, {})
  const waiting = read(sourceOf(50), room, {}, stop.signal)
  setTimeout(() => stop.abort(), 10)
  expect(await waiting).toBeUndefined()
})
