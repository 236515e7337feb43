import { expect, test } from 'vitest'
import { mapRows, own, type Short, table } from './testing/mapping.ts'

const note = table('note', [
  own('one', { kind: 'text' }),
  own('two', { kind: 'text' }),
  own('count', { kind: 'integer' }),
])

const short: Short = {
  tables: [note],
  to: {
    note: [
      { as: 'a', one: 'one', count: 'n' },
      { as: 'b', two: 'two', count: 'm' },
    ],
  },
}

test('entries that fill different columns of a table leave NULL in those of each other', async () => {
  const rows = [
    { id: 1, one: 'x', two: 'y', n: 1, m: 1 },
    // Its last value is refused: what it had made so far goes.
    { id: 2, one: 'stale', two: 'stale', n: 2, m: 'none' },
    { id: 3, one: 'z', two: null, n: 3, m: null },
    { id: 4, one: 'stale', two: 'stale', n: 'none', m: 4 },
  ]
  const mapped = await mapRows(short, rows)
  const part = mapped.parts[0]!
  const column = (name: string) => Array.from(part.columns[part.names.indexOf(name)]!)
  expect([...part.sourceRow]).toEqual([0, 0, 2, 2])
  expect(column('one')).toStrictEqual(['x', null, 'z', null])
  expect(column('two')).toStrictEqual([null, 'y', null, null])
  expect(column('count')).toStrictEqual([1, 1, 3, null])
  expect(column('id')).toHaveLength(4)
  expect(mapped.rejects.map((it) => it.sourceRow)).toEqual([1, 3])
})
