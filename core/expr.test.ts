import { expect, test } from 'vitest'
import { canRaise, type Expr, earlyPart, sizeOf } from './expr.ts'

const column: Expr = { op: 'column', name: 'a', stored: { kind: 'text' }, kind: 'text', nullable: true }
const literal: Expr = { op: 'literal', value: 'x', kind: 'text', nullable: false }
const present: Expr = { op: 'unary', name: 'isNotNull', item: column, kind: 'boolean', nullable: false }
const castOf = (item: Expr): Expr => ({
  op: 'cast',
  item,
  to: { kind: 'double' },
  kind: 'double',
  nullable: true,
})
const within = (when: Expr, give: Expr): Expr => ({
  op: 'case',
  branches: [{ when, give }],
  otherwise: { op: 'literal', value: null, kind: 'double', nullable: true },
  kind: 'double',
  nullable: true,
})

test('a cast of text can raise, but not in a branch that only proven rows reach', () => {
  expect(canRaise(castOf(column))).toBe(true)
  expect(canRaise(within(present, castOf(column)))).toBe(false)
  expect(canRaise(within({ ...present, item: castOf(column) }, column))).toBe(true)
})

test('a constant that an engine could work out before any row is found, in a branch too', () => {
  expect(earlyPart(within(present, castOf(column)))).toBeUndefined()
  const constant: Expr = {
    op: 'compare',
    operator: '=',
    left: literal,
    right: literal,
    kind: 'boolean',
    nullable: false,
  }
  expect(earlyPart(within(constant, castOf(column)))).toEqual(constant)
})

test('the size counts every place where a part is printed', () => {
  expect(sizeOf(castOf(column))).toBe(2)
  expect(sizeOf(within(present, castOf(column)))).toBe(6)
})
