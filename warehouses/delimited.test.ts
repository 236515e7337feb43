import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../core/value.ts'
import { delimitedBytes } from './delimited.ts'

const letters: Record<string, string> = { t: '\t', n: '\n', r: '\r' }

/** As the servers read it. */
const read = (bytes: Buffer): (string | null)[][] =>
  bytes
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      line
        .split('\t')
        .map((it) => (it === '\\N' ? null : it.replace(/\\(.)/gs, (_, c: string) => letters[c] ?? c))),
    )

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('\\', '\t', '\n', '\r', 'a', 'é', '😀', '\\N'), { maxLength: 400 })
    .map((it) => it.join('')),
)

const row = fc.tuple(fc.option(text), fc.option(fc.maxSafeInteger()), fc.option(fc.boolean()))

test('every text, number and boolean can be read back from the bytes, wherever a chunk ends', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 50 }), text, fc.nat(40), (some, constant, times) => {
      const rows = Array.from({ length: times + 1 }, () => some).flat()
      const columns = [0, 1, 2].map((i) => rows.map((it): Value => it[i]!))
      const cut = Math.min(times, rows.length)
      const blocks = [
        { columns: columns.map((it) => it.slice(0, cut)), rows: cut },
        { columns: columns.map((it) => it.slice(cut)), rows: rows.length - cut },
      ]
      const isInstant = [false, false, false, false]
      const chunks = delimitedBytes(blocks, isInstant, { booleans: ['t', 'f'] }, [constant])
      const wanted = rows.map(([words, number, yes]) => [
        words,
        number === null ? null : String(number),
        yes === null ? null : yes ? 't' : 'f',
        constant,
      ])
      expect(read(Buffer.concat([...chunks]))).toEqual(wanted)
    }),
  )
})

test('instants are written as the engine wants them', () => {
  const at = '2026-03-29T01:30:00.123456Z'
  const written = { booleans: ['1', '0'] as const, instant: (it: string) => it.slice(0, 10) }
  const bytes = Buffer.concat([
    ...delimitedBytes([{ columns: [[at], [at]], rows: 1 }], [true, false], written),
  ])
  expect(bytes.toString()).toBe(`2026-03-29\t${at}\n`)
})
