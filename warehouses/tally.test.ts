import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fate } from '../core/mapping.ts'
import { Tally } from './tally.ts'
import { batch, type SourceRow } from './testing.ts'

const FATES = ['load', 'load', 'load', 'filtered', 'rejected', 'deleted'] as const

const row = fc.record({
  key: fc.oneof(fc.nat(12).map(String), fc.string({ minLength: 1, maxLength: 2 })),
  version: fc.option(fc.constantFrom('a', 'b', 'c')),
  fate: fc.constantFrom(...FATES),
})

/** The newest row by key, by a plain map. */
function expected(rows: SourceRow[]) {
  const winners = new Map<string, SourceRow>()
  let superseded = 0
  for (const row of rows) {
    if (row.fate === 'rejected') continue
    const before = winners.get(row.key)
    if (before) superseded += 1
    if (!before?.version || !row.version || row.version >= before.version) winners.set(row.key, row)
  }
  const of = (fate: string) => [...winners.values()].filter((it) => it.fate === fate).length
  return {
    read: rows.length,
    rejected: rows.filter((it) => it.fate === 'rejected').length,
    superseded,
    filtered: of('filtered'),
    loaded: of('load'),
    unchanged: of('deleted'),
  }
}

const ordered = (rows: SourceRow[]) => rows.map((it, i) => ({ ...it, key: String(i + 8) }))

test('counts are those of the newest row by key, in whatever order and batches keys come', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 12 }),
      fc.array(fc.array(row, { maxLength: 8 })),
      (first, others) => {
        const batches = [ordered(first), ...others]
        const tally = new Tally()
        const kept = batches.map((it) =>
          tally.add(
            batch(
              it.map((row, i) => ({ ...row, rows: { t: row.fate === 'load' ? [{ id: `${i}` }] : [] } })),
              { t: ['id'] },
            ),
          ),
        )
        const counts = tally.counts(new Map())
        expect(counts).toMatchObject(expected(batches.flat()))
        const staged = kept.reduce((sum, it) => sum + it.reduce((a, b) => a + b, 0), 0)
        const { loaded, unchanged, filtered } = counts
        expect(staged - tally.replaced.length).toBe(loaded + unchanged + filtered)
      },
    ),
    { numRuns: 300 },
  )
})

test('a commit whose keys only grow, as texts or as numbers, keeps every row', () => {
  for (const keys of [
    ['9', '10', '11', '100'],
    ['a', 'ab', 'b'],
    ['b', 'a', 'c'],
  ]) {
    const tally = new Tally()
    const rows = keys.map((key) => ({ key, version: null, fate: 'load' as keyof typeof Fate }))
    expect([...tally.add(batch(rows, {}))]).toEqual(keys.map(() => 1))
    expect(tally.add(batch([{ key: keys[1]! }], {}))).toEqual(Uint8Array.of(1))
    expect(tally.replaced).toEqual([1])
  }
})
