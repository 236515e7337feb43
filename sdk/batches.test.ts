import { expect, test } from 'vitest'
import { RowError } from '../core/errors.ts'
import { batches, excerptOf, MAX_ROW_BYTES, type RowsOf } from './batches.ts'

interface Thing {
  key: number
  size?: number
  broken?: boolean
  unreadable?: boolean
}

const things: RowsOf<Thing> = {
  size: (row) => row.size ?? 1,
  broken: (row) => (row.broken ? { code: 'E440', reason: 'ragged', row: 'x' } : undefined),
  excerpt: (row) => ({ row: { key: row.key }, place: `line ${row.key}` }),
  decode(rows) {
    const at = rows.findIndex((it) => it.unreadable)
    if (at >= 0) throw new RowError('E444', at, { problem: 'unreadable' })
    const fields = [{ name: 'key', type: 'integer' as const, sourceType: 'int', nullable: false }]
    return { schema: { fields }, columns: [rows.map((it) => it.key)] }
  },
  samePlace: (a, b) => a.key === b.key,
  checkpoint: ({ key }) => ({ v: 1, position: { kind: 'token', data: key }, readStartedAt: 't' }),
}

async function gather(rows: Thing[], ask: { maxRows?: number; maxBytes?: number } = {}) {
  const signal = new AbortController().signal
  const limits = { maxRows: 10_000, maxBytes: 8_000_000, signal, ...ask }
  const found = []
  for await (const it of batches(portions(rows), things, { id: 'r' }, limits)) found.push(it)
  return found
}

async function* portions(rows: Thing[]) {
  for (let i = 0; i < rows.length; i += 3) yield rows.slice(i, i + 3)
}

const keys = (...all: number[]): Thing[] => all.map((key) => ({ key }))

test('a batch ends at the row limit, with a checkpoint at its last row', async () => {
  const found = await gather(keys(1, 2, 3, 4, 5), { maxRows: 2 })
  expect(found.map((it) => [it.seq, it.rows, it.checkpoint?.position])).toEqual([
    [0, 2, { kind: 'token', data: 2 }],
    [1, 2, { kind: 'token', data: 4 }],
    [2, 1, { kind: 'token', data: 5 }],
  ])
  expect(found[0]).toMatchObject({ range: 'r', payload: { form: 'columns', columns: [[1, 2]] } })
})

test('a checkpoint waits until the key changes', async () => {
  const found = await gather(keys(1, 1, 1, 1, 2), { maxRows: 2 })
  expect(found.map((it) => it.checkpoint?.position)).toEqual([
    undefined,
    { kind: 'token', data: 1 },
    { kind: 'token', data: 2 },
  ])
})

test('a batch ends at the byte limit, and a row above it stands alone', async () => {
  const found = await gather(
    [4, 4, 4, 30, 4].map((size, i) => ({ key: i, size })),
    { maxBytes: 10 },
  )
  expect(found.map((it) => [it.rows, it.bytes])).toEqual([
    [2, 8],
    [1, 4],
    [1, 30],
    [1, 4],
  ])
})

test('limits above what a batch may hold are lowered to it', async () => {
  const many = Array.from({ length: 10_001 }, (_, key) => ({ key }))
  expect((await gather(many, { maxRows: 1_000_000 })).map((it) => it.rows)).toEqual([10_000, 1])
  const large = [5_000_000, 5_000_000].map((size, key) => ({ key, size }))
  expect((await gather(large, { maxBytes: 1e12 })).map((it) => it.rows)).toEqual([1, 1])
})

test('rows that are broken, too large or unreadable are set aside with where they are', async () => {
  const rows = [
    { key: 1 },
    { key: 2, broken: true },
    { key: 3, size: MAX_ROW_BYTES + 1 },
    { key: 4, unreadable: true },
  ]
  const found = await gather(rows)
  expect(found.flatMap((it) => it.broken ?? []).map((it) => [it.code, it.place])).toEqual([
    ['E440', undefined],
    ['E443', 'line 3'],
    ['E444', 'line 4'],
  ])
  expect(found.reduce((sum, it) => sum + it.rows, 0)).toBe(1)
})

test('broken rows alone still make a batch, so that they are counted', async () => {
  const [only, ...others] = await gather([{ key: 1, broken: true }])
  expect(others).toEqual([])
  expect(only).toMatchObject({ rows: 0, broken: [{ code: 'E440' }], checkpoint: { v: 1 } })
})

test('no rows make no batch', async () => {
  expect(await gather([])).toEqual([])
})

test('an excerpt cuts long texts at every depth', () => {
  const cut = excerptOf({ a: 'x'.repeat(1000), b: [{ c: 'y'.repeat(1000) }], d: 1 }) as {
    a: string
    b: [{ c: string }]
  }
  expect([cut.a.length, cut.b[0].c.length]).toEqual([201, 201])
})
