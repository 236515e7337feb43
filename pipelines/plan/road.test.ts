import { expect, test } from 'vitest'
import { chooseRoad, type RoadFacts } from './road.ts'

const NEAR: RoadFacts = {
  load: 'auto',
  reached: { how: 'database', because: 'it is here', relation: '"public"."t"' },
  unsaid: [],
  unviewable: [],
  unpushable: [],
  isView: false,
  unionPushdown: true,
}
const obstacle = { what: 'party.email', because: 'it has no form in SQL' }
const away = { how: 'none', because: 'its table lies on another server' } as const
const linked = { how: 'link', because: 'it is read through a link', relation: '"l"."t"' } as const

test.each<[string, Partial<RoadFacts>, string]>([
  ['a near table that SQL says is mapped in place', {}, 'view'],
  ['a copy that is wanted is made by the warehouse', { load: 'copy' }, 'pushdown'],
  ['a copy that the warehouse cannot make is streamed', { load: 'copy', unpushable: [obstacle] }, 'stream'],
  ['one expression that SQL does not say sends all through JavaScript', { unsaid: [obstacle] }, 'stream'],
  ['what a copy joins in another way is copied', { unsaid: [obstacle], uncopied: [] }, 'pushdown'],
  ['what a copy cannot join is streamed', { load: 'copy', uncopied: [obstacle] }, 'stream'],
  ['what only a view cannot have is copied inside the warehouse', { unviewable: [obstacle] }, 'pushdown'],
  ['a source out of reach is streamed', { reached: away }, 'stream'],
  ['a link is only used for a view that is asked for', { reached: linked }, 'pushdown'],
  ['a link carries a view that is asked for', { reached: linked, load: 'direct' }, 'view'],
  ['where a union is worked out whole, a view must be asked for', { unionPushdown: false }, 'pushdown'],
  ['and then it is made', { unionPushdown: false, load: 'direct' }, 'view'],
  ['rows that would be left out are copied', { leftOut: 3 }, 'pushdown'],
  ['rows that are left out since change no road', { leftOut: 3, isView: true }, 'view'],
  ['load: direct takes no other road', { load: 'direct', unsaid: [obstacle] }, 'stream'],
])('%s', (_, facts, road) => expect(chooseRoad({ ...NEAR, ...facts }).road).toBe(road))

test('every road but the view says what stands in the way of one', () => {
  expect(chooseRoad(NEAR).obstacles).toEqual([])
  expect(chooseRoad({ ...NEAR, leftOut: 1 }).obstacles).toEqual([
    { what: 'rows', because: '1 row would be left out: in place only with load: direct' },
  ])
  expect(chooseRoad({ ...NEAR, reached: { ...away, remedy: 'grant it' } }).obstacles).toEqual([
    { what: 'reach', because: 'its table lies on another server (grant it)' },
  ])
})

test('the stream says what keeps the warehouse from copying by itself, where the view does not say it', () => {
  const key = { what: 'key', because: 'it comes twice' }
  const told = (facts: Partial<RoadFacts>) => chooseRoad({ ...NEAR, ...facts }).because[1]
  expect(told({ load: 'copy', unsaid: [obstacle], unpushable: [key] })).toBe(
    'the warehouse cannot copy them by itself: party.email: it has no form in SQL (and 1 more)',
  )
  expect(told({ unionPushdown: false, unpushable: [key] })).toBe(
    'the warehouse cannot copy them by itself: key: it comes twice',
  )
  expect(told({ unsaid: [obstacle], uncopied: [obstacle, key] })).toBe(
    'the warehouse cannot copy them by itself: key: it comes twice',
  )
  expect(told({ load: 'direct', unsaid: [obstacle] })).toBeUndefined()
  expect(told({ reached: away })).toBeUndefined()
})
