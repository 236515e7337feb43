import { expect, test } from 'vitest'
import { looseText } from '../../core/place.ts'
import { rejectScope } from '../commands/rejects.ts'
import { runOutcome } from '../commands/run.ts'
import * as reports from '../testing/reports.ts'
import { connectTestText, discoverText } from './connect.ts'
import { age, cutTo, duration, findings, some, table } from './format.ts'
import { planText } from './plan.ts'
import { previewText } from './preview.ts'
import { problemPainter, problemText } from './problem.ts'
import { groupRejects, rejectsText } from './rejects.ts'
import { equation, runProblems, runsText, runText } from './run.ts'
import { statusReportText } from './status.ts'
import { testText } from './test.ts'
import { validateText } from './validate.ts'

const paint = reports.plainPaint

test('durations and ages are told in the unit that matters', () => {
  expect([0, 420, 9_949, 9_960, 59_800, 130_000, 3_600_000, 11_400_000, 108_000_000].map(duration)).toEqual([
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '10 s',
    '1 min',
    '2 min 10 s',
    '1 h',
    '3 h 10 min',
    '1 d 6 h',
  ])
  const ages = [
    '2026-11-21T09:20:01Z',
    '2026-11-21T09:19:18Z',
    '2026-11-21T09:11:30Z',
    '2026-11-20T03:00:00Z',
  ]
  expect(ages.map((it) => age(it, paint.now))).toEqual(['now', '42 s', '8 min', '1 d 6 h'])
})

test('columns line up whatever their colours', () => {
  expect(
    table(
      [
        ['\u001b[31ma\u001b[39m', '1'],
        ['bbb', '22'],
      ],
      [1],
    ),
  ).toEqual(['\u001b[31ma\u001b[39m     1', 'bbb  22'])
})

test('lines are cut to the terminal, lists to what is useful', () => {
  expect([cutTo('abcdef', 6), cutTo('abcdef', 4), cutTo('\u001b[31mabcdef\u001b[39m', 3)]).toEqual([
    'abcdef',
    'abc…',
    'ab…',
  ])
  expect([some(['a', 'b'], 2), some(['a', 'b', 'c'], 2)]).toEqual(['a, b', 'a, b and 1 more'])
  expect(findings([reports.placed, reports.warning, reports.warning])).toBe('1 error, 2 warnings')
})

test('a finding names place, code, title, help and where to read more', () => {
  const at = looseText('abc', 'a.yaml').place(1, 2)
  expect(problemText({ ...reports.placed, at, note: 'nothing would run' }, paint.colors)).toBe(
    [
      'a.yaml:1:2  error E301  nothing to do',
      '  No such thing as shop.',
      '  help: Did you mean "ship"?',
      '  note: nothing would run',
      '  more: polder explain E301',
    ].join('\n'),
  )
})

test('validate closes with the count of findings, of files, and of time', () => {
  const text = validateText(reports.validated, 400, paint)
  expect(text).toContain('E301')
  expect(text).toContain('    polder connect discover crm')
  expect(text.split('\n').at(-1)).toBe('✖ 1 error, 1 warning in 1 of 6 files · 0.4 s · nothing was contacted')
})

test('validate of clean files is one line', () => {
  expect(validateText({ files: 4, problems: [], unchecked: [] }, 320, paint)).toBe(
    '✔ 4 files valid · 0.3 s · nothing was contacted',
  )
})

test('plan tells road, key, reading, new parts and DDL, and counts what stays', () => {
  expect(
    planText(reports.planned, { sql: true }, paint),
  ).toBe(`Warehouse duckdb (DuckDB 1.5.5)   schema customer, internal polder

shop.customers  from shop_db public.customers
  road     stream: the source is on another server
  in place no: its table lies on another server
  key      customer_id   cursor updated_at
  reads    incremental from 2026-11-20T23:00:04.118273Z · ≈ 18,400 rows
  deletes  found by the next key scan, due 2026-11-22T00:00:00.000000Z: they stay until then
  fields   2: customer_id, email
  + party  as party__shop__customers: id, given_name
  = 1 table unchanged: identifier
  contract evolve; since the last reading the source has changed:
    + phone added (text): accepted
    – fax removed (text): a warning
  ! 2 rows have no updated_at: only a full read sees them

The warehouse needs 1 change:
  + create part party__shop__customers
      create table p (
        id text)

warning E304  cursor cannot order changes
  Rows come twice.
  more: polder explain E304

! 1 warning · 1 dataset ready · no rows were written`)
})

test('plan tells what is looked up, by what and how much of it', () => {
  const [dataset] = reports.planned.datasets
  const city = { name: 'city', from: 'public.cities', on: ['land', 'city'], key: ['land', 'nr'], many: false }
  const visits = { name: 'visits', from: 'visits.csv', on: ['id'], key: ['who'], many: true, fields: ['*'] }
  const lookups = [{ ...city, rows: 1204, fields: ['name'] }, visits]
  const text = planText({ ...reports.planned, datasets: [{ ...dataset!, lookups }] }, { sql: false }, paint)
  expect(text).toContain(
    '  with     city from public.cities on land = land and city = nr · ≈ 1,204 rows · fields 1: name\n' +
      '  with     visits from visits.csv on id = who, many · fields all\n',
  )
})

test('plan keeps its SQL back until it is asked for', () => {
  const text = planText(reports.planned, { sql: false }, paint)
  expect(text).not.toContain('create table')
  expect(text).toContain('--sql')
})

test('plan names at most ten changes of the warehouse', () => {
  const ddl = Array.from({ length: 12 }, (_, i) => ({ name: `step ${i + 1}`, sql: '' }))
  const text = planText({ ...reports.planned, ddl }, { sql: false }, paint)
  expect(text).toContain('  + step 10\n  … and 2 more')
})

test('a changed mapping shows its live parts too', () => {
  const [dataset] = reports.planned.datasets
  const changed = { ...dataset!, mapping: { hash: 'a1b2c3d4e5f6', changed: true } }
  const text = planText({ ...reports.planned, datasets: [changed], ddl: [] }, { sql: false }, paint)
  expect(text).toContain('~ identifier  as identifier__shop__customers: id, value')
  expect(text).toContain('~ mapping changed (now a1b2c3d4)')
  expect(text).toContain('= the warehouse needs no change')
})

test('preview shows each row in and out, and why one makes nothing', () => {
  const lines = previewText(reports.previewed, paint).split('\n')
  expect(lines[0]).toContain('in   {"id":501,')
  expect(lines[1]).toBe('out  party  id "shop:customers:501"')
  expect(lines[2]).toBe('     identifier  value "A@B.NL"')
  expect(lines).toContain('out  – filtered: outside where')
  expect(lines).toContain('out  ✖ rejected: E512  party.birth_date  is no date')
  expect(lines.at(-1)).toBe('! 3 rows read · 1 filtered · 1 rejected · nothing was written')
})

test('the equation adds up on paper; superseded shows only when there is any', () => {
  const { counts } = reports.customers
  expect(equation(counts)).toBe('loaded 20,512 = read 20,541 − unchanged 21 − filtered 4 − rejected 4')
  expect(equation({ ...counts, superseded: 2 })).toContain('− unchanged 21 − superseded 2 − filtered 4')
})

test('a good run ends with totals and the rejects by cause', () => {
  const groups = groupRejects([reports.reject, { ...reports.reject, id: '2' }])
  expect(runText(reports.okRun, groups, paint)).toBe(`run 7f3a  ✔ ok  1.4 s
  ✔ ok  shop.customers  incremental  20,541 rows read  1.4 s  party +20,000 ~512

✔ loaded 20,512 = read 20,541 − unchanged 21 − filtered 4 − rejected 4
✔ cursor of shop.customers moved to 2026-11-21T09:12:44.002915Z
– 3 rows no longer in the source, marked deleted
! 4 rejects (2× E704 too many rejected rows in party.birth_date)   polder rejects list 7f3a`)
})

test('failures come last, one block for one cause', () => {
  const text = runText(reports.failedRun, [], paint)
  expect(text.match(/The lease is held\./g)).toHaveLength(1)
  expect(text.indexOf('✖ shop.orders, shop.lines\n')).toBeGreaterThan(text.indexOf('loaded 20,512'))
  expect(text.trimEnd().endsWith('more: polder explain E701')).toBe(true)
  expect(runProblems(reports.failedRun).map((it) => it.code)).toEqual(['E701', 'E304'])
})

test('a run that was stopped says how to go on', () => {
  const outcome = runOutcome({ ...reports.okRun, status: 'interrupted', exitCode: 5 }, [], 'polder run shop')
  expect(outcome.text(paint)).toMatch(/Go on with: polder run shop$/)
})

test('status has a word and a shape per dataset, and the cause under a failure', () => {
  expect(statusReportText(reports.statuses, paint)).toBe(
    `DATASET         LAST RUN  ENDED        FRESH    READ  REJECTS  SCHEDULE
shop.customers  ✔ ok      8 min ago    8 min  20,541        4  */15 * * * *
sap.orders      ✖ failed  1 d 6 h ago  –           0        0  –
  └ held by worker-1
  └ E401 The token was revoked.
    do: polder connect test sap
crm.deals       · never                –                    0  –`,
  )
})

test('rejects are grouped by code and column before they are listed', () => {
  const other = { ...reports.reject, id: '3', code: 'E703', column: undefined }
  const rejects = [other, reports.reject, { ...reports.reject, id: '2' }]
  expect(groupRejects(rejects)).toEqual([
    { code: 'E704', table: 'party', column: 'birth_date', count: 2 },
    { code: 'E703', table: 'party', column: null, count: 1 },
  ])
  const text = rejectsText(rejects, { reveal: false, limit: 3 }, paint)
  expect(text).toContain(
    'E704  party.birth_date  shop.customers 501  7 min ago · run 7f3a\n  The text is no date.',
  )
  expect(text).toContain('--limit')
  expect(text).toContain('--reveal')
  expect(rejectsText(rejects, { reveal: true, limit: 50 }, paint)).not.toMatch(/--reveal|--limit/)
})

test('what is asked of rejects is a selection where the project knows the name, else a run', () => {
  const project = { pipelines: [{ name: 'shop' }] }
  expect(rejectScope(undefined, project)).toEqual({ selection: [] })
  expect(rejectScope('shop', project)).toEqual({ selection: ['shop'] })
  expect(rejectScope('shop.customers', project)).toEqual({ selection: ['shop.customers'] })
  expect(rejectScope('shp.customers', project)).toEqual({ selection: ['shp.customers'] })
  expect(rejectScope('7f3a', project)).toEqual({ selection: [], runId: '7f3a' })
})

test('past runs are one line each', () => {
  const [head, line] = runsText([reports.okRun], paint).split('\n')
  expect(head).toMatch(/^RUN +STATUS +STARTED \(UTC\)/)
  expect(line).toMatch(/^7f3a +✔ ok +2026-11-21 09:12:43 +1\.4 s +20,541 +20,512 +4 +shop\.customers$/)
})

test('failed tests come last with their differences', () => {
  const text = testText(reports.tested, paint)
  expect(text.indexOf('✔ shop: good one')).toBeLessThan(text.indexOf('✖ shop: bad one'))
  expect(text).toContain('    party: expected 1 row, found 2')
  expect(text.split('\n').at(-1)).toBe('✖ 1 test failed, 1 passed')
})

test('connections that answer come first, reasons last', () => {
  const [first, second] = connectTestText(reports.connections, paint).split('\n')
  expect(first).toBe('✔ shop_db  postgres  PostgreSQL 15.18  12 ms')
  expect(second).toBe('✖ sap      http      failed            30 ms')
})

test('discover lists fields with type, source type, and whether the key is proven', () => {
  const text = discoverText(
    {
      connection: 'exports',
      dataset: {
        from: 'customers.csv',
        schema: { fields: [{ name: 'id', type: 'text', sourceType: 'csv', nullable: false }] },
        key: ['id'],
        keyProven: false,
        kind: 'file',
      },
    },
    paint,
  )
  expect(text).toContain('key     id (not enforced by the source)')
  expect(text).toMatch(/^id +text +csv +not null$/m)
})

test('a finding out of the warehouse, which has no text of its file, is told without lines', async () => {
  const at = { ...reports.placed.at!, file: { path: 'pipelines/shop.yaml', text: '' } }
  const paintStored = await problemPainter([{ ...reports.placed, at }], paint.colors)
  expect(paintStored([{ ...reports.placed, at }])).toContain('pipelines/shop.yaml:1:11  error E301')
})
