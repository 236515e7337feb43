import { expect, test } from 'vitest'
import { shapeOf } from './shape.ts'

test('a shape has names, kinds and counts, and no value', () => {
  const shape = shapeOf([
    { email: 'ada@x.example', tags: ['a', 1.5] },
    null,
    { email: null, tags: [], lines: [{ sku: 'K' }, { sku: null }] },
    7,
  ])
  expect(shape).toEqual({
    count: 3,
    kinds: ['integer', 'object'],
    objects: 2,
    fields: {
      email: { count: 1, kinds: ['text'] },
      tags: { count: 2, kinds: ['list'], items: { count: 2, kinds: ['decimal', 'text'] } },
      lines: {
        count: 1,
        kinds: ['list'],
        items: {
          count: 2,
          kinds: ['object'],
          objects: 2,
          fields: { sku: { count: 1, kinds: ['text'] } },
        },
      },
    },
  })
  expect(JSON.stringify(shape)).not.toContain('ada')
})

test('an object of very many names is a map: its names are data and are not kept', () => {
  const rows = Array.from({ length: 120 }, (_, at) => ({ [`ada${at}@x.example`]: at }))
  expect(shapeOf(rows)).toEqual({ count: 120, kinds: ['object'] })
})

test('names that objects have by nature are names like others, and depth has an end', () => {
  const odd = JSON.parse('{"__proto__": 1, "constructor": 2}')
  expect(Object.keys(shapeOf([odd]).fields!)).toEqual(['__proto__', 'constructor'])
  let deep: object = {}
  for (let at = 0; at < 5_000; at++) deep = { deep }
  expect(() => shapeOf([deep as never])).not.toThrow()
})
