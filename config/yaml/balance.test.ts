import { expect, test } from 'vitest'
import { balanceOf, wantsMore } from './balance.ts'

test.each([
  ['$f(a, "(", \'[\', `{`)', undefined],
  ['$f(a, "', '"'],
  ['$f(a', '('],
  ['a[b = {"x": (1', '('],
  ['"it\\"s" & `a"b`', undefined],
  ['$replace(a, /[(]/, "")', undefined],
  ['a / (b / c)', undefined],
  ['/* ( */ a', undefined],
  ['a /* why', '/*'],
  ['a ~> /(/', undefined],
  ["it's", "'"],
])('what is open at the end of %s is %s', (text, open) => {
  expect(balanceOf(text).open?.character).toBe(open)
})

test('a closing bracket that nothing opened is found', () => {
  expect(balanceOf('a, b)').stray).toEqual({ character: ')', at: 4 })
  expect(balanceOf('(a]').stray).toEqual({ character: ']', at: 2 })
})

test('an expression that ends in an operator wants more', () => {
  for (const text of ['a &', 'a.', 'a = ', 'a and', 'x ? y :', 'a,']) expect(wantsMore(text), text).toBe(true)
  for (const text of ['a', 'a.*', 'band', 'a.%', 'f(x)']) expect(wantsMore(text), text).toBe(false)
})
