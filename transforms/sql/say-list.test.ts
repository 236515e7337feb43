import { describe, expect, test } from 'vitest'
import type { ColumnFacts, Stored } from '../../core/expr.ts'
import type { MappingInput } from '../../core/mapping.ts'
import { looseText } from '../../core/place.ts'
import { isParsed, parseText } from '../parse.ts'
import { type SayContext, say } from './say.ts'
import { LookupList } from './say-list.ts'
import { attempt } from './verdict.ts'

const column = (name: string, stored: Stored | undefined): ColumnFacts => ({
  name,
  stored,
  sourceType: 'some_type',
  nullable: true,
  ascii: 'unknown',
  nul: true,
})
const integer: Stored = { kind: 'integer', max: '2147483648' }

/** What is asked of the list, or why the expression has no form. */
function asked(expression: string, more: Partial<SayContext> = {}): string[] | string {
  const list = new LookupList(
    'items',
    new Map([
      ['qty', column('items.qty', integer)],
      ['price', column('items.price', { kind: 'decimal', precision: 9, scale: 2, special: false })],
      ['huge', column('items.huge', { kind: 'decimal', precision: 38, scale: 2, special: false })],
      ['name', column('items.name', { kind: 'text' })],
      ['weight', column('items.weight', { kind: 'double', single: false, special: false })],
      ['place', column('items.place', undefined)],
    ]),
  )
  const source = looseText(expression)
  const parsed = parseText(source)
  if (!isParsed(parsed)) throw new Error(expression)
  const context: SayContext = {
    source,
    mapping: {} as MappingInput,
    columns: new Map([['qty', column('qty', integer)]]),
    scale: 4,
    variables: new Map(),
    lists: new Map([['items', list]]),
    ...more,
  }
  const said = attempt(() => say(parsed.ast, context))
  return 'failed' in said ? (said.failed as Error).message : list.aggregates.map((it) => it.how)
}

describe('a list of looked-up rows', () => {
  test.each([
    ['$count(items)', ['rows']],
    ['$exists(items)', ['rows']],
    ['$count(items.qty) + $count(items.qty)', ['count']],
    ['$count(items.name)', ['count', 'failures']],
    ['$sum(items.qty)', ['size', 'sum']],
    ['$sum(items.(price > 1 ? qty))', ['size', 'sum']],
    ['$decimal($sum(items.(qty * price)))', ['sum']],
    ['$decimal($sum(items.price) * 2)', ['sum']],
    ['items ~> $count', ['rows']],
  ])('%s asks for %j', (expression, wanted) => expect(asked(expression)).toEqual(wanted))

  test.each([
    ['items.qty', 'is a list of rows'],
    ['items', 'is a list of rows'],
    ['$sum(items.price)', 'another order'],
    ['$sum(items.weight)', 'another order'],
    ['$count(items.(qty > $row.qty ? qty))', 'only columns'],
    ['$count(items.(qty > $$.qty ? qty))', 'a path'],
    ['( $x := qty; $count(items.(qty > $x ? qty)) )', 'whole row'],
    ['$count(items.place)', 'no form'],
    ['$count(items[qty > 1])', 'only all of them'],
    ['$join(items.name, ",")', '$join'],
    ['$max(items.qty)', 'not $max'],
    ['$decimal($sum(items.huge))', 'declare a precision'],
  ])('%s has no form, and says why', (expression, reason) => expect(asked(expression)).toContain(reason))

  test('below each the name means a field of the item', () => {
    expect(asked('$count(items)', { item: new Map() })).not.toEqual(['rows'])
  })
})
