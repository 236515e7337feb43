import { expect, test } from 'vitest'
import { Borrowed } from './slabs.ts'

const MEGABYTE = 1 << 20
const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)
const isAll = (piece: Uint8Array, value: number) => piece.every((it) => it === value)

test('memory that was given back is lent again, and nothing else', () => {
  const kept = new Borrowed()
  const first = kept.copyOf(bytes(1000, 1))
  const gone = new Borrowed()
  const places = Array.from({ length: 40 }, (_, i) => gone.copyOf(bytes(100_000, i)).buffer)
  gone.giveBack()
  const next = new Borrowed()
  const pieces = Array.from({ length: 80 }, (_, i) => next.copyOf(bytes(100_000, 100 + i)))
  expect(pieces.some((it) => places.includes(it.buffer))).toBe(true)
  expect(pieces.every((it, i) => isAll(it, 100 + i))).toBe(true)
  expect(isAll(first, 1)).toBe(true)
  kept.giveBack()
  next.giveBack()
})

test('what several read stays until the last of them gives it back', () => {
  const memory = new Borrowed()
  const piece = memory.copyOf(bytes(MEGABYTE / 4, 7))
  memory.share()
  memory.giveBack()
  const others = new Borrowed()
  for (let i = 0; i < 100; i++) others.copyOf(bytes(MEGABYTE / 4, 9))
  expect(isAll(piece, 7)).toBe(true)
  memory.giveBack()
  expect(() => memory.share()).toThrow(/given back/)
  others.giveBack()
})

test('a piece that would leave much of a slab unused has memory of its own', () => {
  const memory = new Borrowed()
  const large = memory.copyOf(bytes(MEGABYTE, 3))
  expect(large.buffer.byteLength).toBe(MEGABYTE)
  expect(isAll(large, 3)).toBe(true)
  memory.giveBack()
  new Borrowed().copyOf(bytes(MEGABYTE / 4, 4))
  expect(isAll(large, 3)).toBe(true)
})
