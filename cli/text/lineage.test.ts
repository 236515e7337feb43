import { expect, test } from 'vitest'
import { lineageOutcome } from '../commands/lineage.ts'
import { lineage, placed, plainPaint, warning } from '../testing/reports.ts'

test('a column is shown with every dataset that feeds it', () => {
  expect(lineageOutcome(lineage, false).text(plainPaint)).toBe(
    [
      'party',
      '  id         shop.customers   customer_no',
      '  kind       shop.customers   "person"',
      '  full_name  shop.customers   `Last "Name"`  decided by vip',
      '             crm.people#main  names.*        (names known only when a row is read)',
      '  (rows)     shop.customers                  decided by state',
    ].join('\n'),
  )
})

test('Mermaid gets whole arrows for values and dotted ones for what decides, names escaped', () => {
  expect(lineageOutcome(lineage, true).text(plainPaint).split('\n')).toEqual([
    'flowchart LR',
    '  n0["party.id"]',
    '  n1["shop.customers: customer_no"]',
    '  n1 --> n0',
    '  n2["party.kind"]',
    '  n3["party.full_name"]',
    '  n4["shop.customers: #96;Last #34;Name#34;#96;"]',
    '  n4 --> n3',
    '  n5["shop.customers: vip"]',
    '  n5 -.-> n3',
    '  n6["crm.people: names.*"]',
    '  n6 --> n3',
  ])
})

test('what is looked up is shown with the table that it comes from', () => {
  const [target] = lineage.targets
  const column = { column: 'full_name', data: ['city.name', 'cityname'], control: ['city_id'], open: false }
  const lookups = [{ name: 'city', from: 'public.cities' }]
  const report = { targets: [{ ...target!, rows: ['city'], columns: [column], lookups }], problems: [] }
  const text = lineageOutcome(report, false).text(plainPaint)
  expect(text).toContain('city.name (public.cities), cityname  decided by city_id')
  expect(text).toContain('decided by city (public.cities)')
  expect(lineageOutcome(report, true).text(plainPaint)).toContain('shop.customers: city.name (public.cities)')
})

test('errors are told, since their columns are missing; warnings are for validate', () => {
  const { exitCode, problems, text } = lineageOutcome({ ...lineage, problems: [placed, warning] }, false)
  expect([exitCode, problems]).toEqual([2, [placed]])
  expect(text(plainPaint)).toContain('1 error: their columns are not shown')
})
