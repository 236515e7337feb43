import { expect, test } from 'vitest'
import { placeText } from '../core/place.ts'
import { checkFiles } from './testing/project.ts'

const pipeline = (expression: string) => `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: public.customers
    to:
      party:
        kind: { is: person }
        given_name: ${expression}
`
const nameOf = (expression: string, transforms: Record<string, string>) => {
  const { project, partial, problems } = checkFiles({
    'pipelines/shop.yaml': pipeline(expression),
    ...transforms,
  })
  const target = (project ?? partial)!.pipelines[0]!.datasets[0]!.targets[0]!
  const value = target.columns.find((it) => it.column === 'given_name')!.value as {
    expression: { text: string; begin?: number; place(from?: number, to?: number): never }
  }
  return { source: value.expression, problems }
}

test('an expression brings the functions that it calls, and those that they call, and no other', () => {
  const { source, problems } = nameOf('$full(first, last)', {
    'transforms/full.jsonata': 'function($a, $b) { $tidy($a) & " " & $tidy($b) }\n',
    'transforms/tidy.jsonata': '/* no blanks */ function($t) { $trim($t) }',
    'transforms/other.jsonata': 'function($x) { $x }',
  })
  expect(problems).toEqual([])
  expect(source.text).toBe(
    '( $tidy := /* no blanks */ function($t) { $trim($t) }; $full := function($a, $b) { $tidy($a) & " " & $tidy($b) }; $full(first, last) )',
  )
  expect(source.text.slice(source.begin)).toBe('$full(first, last) )')
})

test('an expression without them stays as it is', () => {
  expect(nameOf('$fuller(first)', { 'transforms/full.jsonata': 'function($a) { $a }' }).source.text).toBe(
    '$fuller(first)',
  )
})

test('a place leads to the file where it was written', () => {
  const { source } = nameOf('$full(first)', {
    'transforms/full.jsonata': 'function($a) {\n  $nothing($a)\n}',
  })
  const at = source.text.indexOf('$nothing')
  expect(placeText(source.place(at, at + 8))).toBe('transforms/full.jsonata:2:3')
  const call = source.text.lastIndexOf('first')
  expect(placeText(source.place(call, call + 5))).toBe('pipelines/shop.yaml:9:27')
})

test.each([
  ['transforms/full name.jsonata', 'function($a) { $a }', 'no name for a function'],
  ['transforms/sum.jsonata', 'function($a) { $a }', 'There is a function $sum already'],
  ['transforms/full.jsonata', '$uppercase(name)', 'does not begin with a function'],
  ['transforms/full.jsonata', '', 'does not begin with a function'],
])('%s holding %j is E164', (path, text, words) => {
  const { problems } = checkFiles({ [path]: text })
  expect(problems).toMatchObject([{ code: 'E164', at: { file: { path } } }])
  expect(problems[0]!.problem).toContain(words)
})

test('functions that call each other do not go round for ever', () => {
  const { source } = nameOf('$even(n)', {
    'transforms/even.jsonata': 'function($n) { $n = 0 ? true : $odd($n - 1) }',
    'transforms/odd.jsonata': 'function($n) { $n = 0 ? false : $even($n - 1) }',
  })
  expect(source.text).toMatch(/^\( \$odd := .*; \$even := .*; \$even\(n\) \)$/)
})
