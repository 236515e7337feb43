import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../core/value.ts'
import { encodeLines, lineBytes, type Written } from './delimited.ts'
import type { Block } from './engine.ts'

/** What a bulk road sends. `isInstant`: by column, then by constant. */
function sent(blocks: Block[], isInstant: boolean[], written: Written, constants: Value[] = []): Buffer {
  const varying = isInstant.length - constants.length
  const encoded = blocks.map((it) => encodeLines(it, isInstant.slice(0, varying), written))
  return Buffer.concat([...lineBytes(encoded, constants, isInstant.slice(varying), written)])
}

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
      const bytes = sent(blocks, isInstant, { booleans: ['t', 'f'] }, [constant])
      const wanted = rows.map(([words, number, yes]) => [
        words,
        number === null ? null : String(number),
        yes === null ? null : yes ? 't' : 'f',
        constant,
      ])
      expect(read(bytes)).toEqual(wanted)
    }),
  )
})

test('instants are written as the engine wants them', () => {
  const at = '2026-03-29T01:30:00.123456Z'
  const written = { booleans: ['1', '0'] as const, instant: (it: string) => it.slice(0, 10) }
  const bytes = sent([{ columns: [[at], [at]], rows: 1 }], [true, false], written)
  expect(bytes.toString()).toBe(`2026-03-29\t${at}\n`)
})

test('rows that are left out are not sent, and the others are as before', () => {
  const written: Written = { booleans: ['t', 'f'] }
  const lines = encodeLines({ columns: [['a', 'b', null, 'd']], rows: 4 }, [false], written)
  const some = lines.without(Uint8Array.of(1, 0, 0, 1))
  expect(some.rows).toBe(2)
  expect(Buffer.concat([...lineBytes([some], [], [], written)]).toString()).toBe('b\n\\N\n')
  expect(lines.rows).toBe(4)
  const one = some.without(Uint8Array.of(1, 0)).without(Uint8Array.of(0))
  expect(Buffer.concat([...lineBytes([one], [], [], written)]).toString()).toBe('\\N\n')
})
