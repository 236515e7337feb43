import { afterEach, describe, expect, test } from 'vitest'
import type { PlanReport } from '../../core/report.ts'
import type { DatasetState } from '../../pipelines/run/mode.ts'
import { PEOPLE, type People, type PeopleAsk, peopleProject, well } from '../support/people.ts'
import { inWarehouse, type TestWarehouse, WAREHOUSES, type WarehouseName } from '../support/warehouse.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function setUp(name: WarehouseName, ask: PeopleAsk): Promise<People> {
  const people = await peopleProject(name, ask)
  undo.push(people.remove)
  return people
}

const planOf = (it: People): Promise<PlanReport> => it.within((polder) => polder.plan([]))

const deletesOf = (report: PlanReport) => report.datasets[0]!.deletes

describe.each(WAREHOUSES)('%s', (name) => {
  test('deletes: scan finds after every incremental reading what is gone', async () => {
    const { source, run, names } = await setUp(name, { settings: '    deletes: scan' })
    well(await run())
    await source.query('delete from people where id = 3')
    await source.query(`insert into people values (7, 'Radia', null, '2026-02-01 00:00:00')`)
    const report = well(await run())
    expect(report.datasets[0]).toMatchObject({ mode: 'incremental', deleted: 1 })
    expect(await names()).toEqual(['Ada', 'Barbara', 'Frances', 'Grace', 'Radia', 'Tony'])
    expect(await names('identifier')).toEqual(['ada@example.org'])
    expect(well(await run()).datasets[0]).toMatchObject({ deleted: 0 })

    // A changed key leaves its old id to the scan; a row that comes back is there again.
    await source.query(`update people set id = 30, updated_at = '2026-02-01 00:00:00' where id = 4`)
    expect(well(await run()).datasets[0]).toMatchObject({ deleted: 1 })
    expect(await names()).toEqual(['Ada', 'Barbara', 'Frances', 'Grace', 'Radia', 'Tony'])
    await source.query(`update people set id = 4, updated_at = '2026-04-01 00:00:00' where id = 30`)
    expect(well(await run()).datasets[0]).toMatchObject({ deleted: 1 })
    expect(await names()).toEqual(['Ada', 'Barbara', 'Frances', 'Grace', 'Radia', 'Tony'])
  })

  test('more than a fifth gone stops the scan and asks; what was read stays read', async () => {
    const { source, run, names } = await setUp(name, { settings: '    deletes: scan' })
    well(await run())
    await source.query(`delete from people where id in (3, 4)`)
    await source.query(`update people set name = 'Ada L.', updated_at = '2026-02-01 00:00:00' where id = 1`)
    const refused = await run()
    expect(refused.datasets[0]).toMatchObject({ status: 'failed', deleted: 0, problem: { code: 'E702' } })
    expect(await names()).toEqual(['Ada L.', 'Barbara', 'Edsger', 'Frances', 'Grace', 'Tony'])
    expect((await run()).datasets[0]).toMatchObject({ problem: { code: 'E702' } })
    expect(well(await run({ allowShrink: true })).datasets[0]).toMatchObject({ deleted: 2 })
    expect(await names()).toEqual(['Ada L.', 'Barbara', 'Frances', 'Grace'])
  })
})

test('with key_scan rows stay until it is due; plan tells when, and the run after that time finds them', async () => {
  const people = await setUp('duckdb', {
    settings: '    deletes: scan\n    key_scan: "0 0 1 1 *"',
  })
  const { source, project, run, names, warehouse } = people
  const plan = () => planOf(people)
  expect(deletesOf(await plan())).toMatchObject({ next: 'full' })
  well(await run())
  await source.query('delete from people where id = 3')
  expect(deletesOf(await plan())).toMatchObject({
    next: 'later',
    scanAt: expect.stringMatching(/^\d{4}-12-31T23:00:00/),
  })
  expect(well(await run()).datasets[0]).toMatchObject({ mode: 'incremental', deleted: 0 })
  expect(await names()).toContain('Edsger')
  await backdate(warehouse)
  expect(deletesOf(await plan())).toMatchObject({ next: 'scan', because: 'a key scan is due' })
  const { stdout } = await project.polder(['plan'])
  expect(stdout).toContain('deletes  found by a key scan after this reading: a key scan is due')
  expect(well(await run()).datasets[0]).toMatchObject({ deleted: 1 })
  expect(await names()).not.toContain('Edsger')
  expect(deletesOf(await plan())).toMatchObject({ next: 'later' })
})

/** As if the last full read had been two years ago. */
const backdate = (warehouse: TestWarehouse): Promise<void> =>
  inWarehouse(warehouse, async (session) => {
    const checkpoints = session.dialect.relation(session.internal, 'checkpoints')
    const [row] = await session.query<{ state: string }>(`select state from ${checkpoints}`)
    const state = JSON.parse(row!.state) as DatasetState
    state.complete!.fullAt = '2020-01-01T00:00:00.000000Z'
    await session.transaction((tx) => tx.run(`update ${checkpoints} set state = ?`, [JSON.stringify(state)]))
  })

test('without deletes: a deleted row and the old id of a changed key stay until a full read, and plan says so', async () => {
  const people = await setUp('duckdb', { settings: '    lookback: 1m' })
  const { source, run, names } = people
  well(await run())
  await source.query(`update people set id = 30, updated_at = '2026-02-01 00:00:00' where id = 3`)
  well(await run())
  expect((await names()).filter((it) => it === 'Edsger')).toHaveLength(2)
  expect(deletesOf(await planOf(people))).toMatchObject({
    next: 'none',
    because: expect.stringContaining('old ids of changed keys'),
  })
})

test('a row outside of where, or rejected when it was last read, is not taken for gone', async () => {
  const { source, run, names } = await setUp('duckdb', {
    settings: '    where: name != "Nobody"\n    deletes: scan',
    targets: `      party:\n        kind: { is: person }\n        given_name: name\n        birth_date: email`,
    people: PEOPLE.replaceAll(/'\w+@example.org'/g, 'null'),
  })
  well(await run())
  await source.query(`update people set email = 'no date', updated_at = '2026-02-01 00:00:00' where id = 1;
    update people set name = 'Nobody', updated_at = '2026-02-01 00:00:00' where id = 2`)
  const report = well(await run())
  expect(report.counts).toMatchObject({ rejected: 1, filtered: 1 })
  expect(report.datasets[0]).toMatchObject({ deleted: 0 })
  expect(await names()).toEqual(['Ada', 'Barbara', 'Edsger', 'Frances', 'Tony'])
  await source.query('delete from people where id = 1')
  expect(well(await run()).datasets[0]).toMatchObject({ deleted: 1 })
  expect(await names()).toEqual(['Barbara', 'Edsger', 'Frances', 'Tony'])
})

test('a table that only grows keeps the rows of sources that are gone', async () => {
  const targets = `      event:\n        type: { is: visit }\n        channel: name\n        occurred_at: updated_at`
  const { source, run, names } = await setUp('duckdb', { settings: '    deletes: scan', targets })
  well(await run())
  await source.query('delete from people where id = 3')
  expect(well(await run()).datasets[0]).toMatchObject({ deleted: 0 })
  expect(await names('event')).toContain('Edsger')
})

const LONG = 'x'.repeat(150)

/** Keys of many types, with everything in them that ids escape, shorten or write in their own way. */
const KEYS = {
  postgres: `a numeric(30,4), b text, c date, d timestamp, e timestamptz, f boolean, g uuid, h double precision`,
  mysql: `a decimal(30,4), b varchar(180) collate utf8mb4_bin, c date, d datetime(3), e timestamp(6) not null, f boolean, g bigint unsigned, h double`,
}

const ROWS = {
  postgres: (
    n: number,
  ) => `(${n}.50, '${texts[n]}', '2024-02-29', '2024-03-31 02:30:00.5', '2024-01-01 00:00:00.000001+02',
    ${n % 2 === 0}, '6f9619ff-8b86-d011-b42d-00cf4fc964ff', ${n}.1)`,
  mysql: (
    n: number,
  ) => `(${n}.50, '${texts[n]}', '2024-02-29', '2024-03-31 02:30:00.5', '2024-01-01 00:00:00.000001',
    ${n % 2 === 0}, 9223372036854775807, ${n}.1)`,
}

const texts = ['', ' ', 'a:b#c|d%e', 'é😀', `${LONG}1`, `${LONG}2`, 'A', 'a', 'a ', '007', 'null']

test.each(['postgres', 'mysql'] as const)(
  '%s: keys of every type are the same in a scan as in a reading',
  async (source) => {
    const columns = KEYS[source]
    const names = columns
      .split(', ')
      .filter((it) => /^[a-h] /.test(it))
      .map((it) => it[0])
    const rows = texts.map((_, n) => ROWS[source](n).replace(/\)$/, ", 'x', null, '2024-01-01 00:00:00')"))
    const people = `create table people (${columns}, name text, email text, updated_at timestamp(6) null, primary key (${names.join(', ')}));
      insert into people values ${rows.join(', ')}`
    const it = await setUp('duckdb', { settings: '    deletes: scan', source, people })
    well(await it.run())
    expect(await it.names()).toHaveLength(texts.length)
    expect(well(await it.run({ allowShrink: true })).datasets[0]).toMatchObject({
      mode: 'incremental',
      deleted: 0,
    })
    await it.source.query('delete from people where a in (0.5, 4.5)')
    expect(well(await it.run({ allowShrink: true })).datasets[0]).toMatchObject({ deleted: 2 })
    expect(await it.names()).toHaveLength(texts.length - 2)
  },
)

test('a key that has changed its type is not compared', async () => {
  const people = `create table people (id varchar(9) primary key, name text, email text, updated_at timestamp);
    insert into people select '00' || n, 'Name', null, timestamp '2024-01-01' + n * interval '1 day' from generate_series(1, 9) n`
  const { source, run, names } = await setUp('duckdb', { settings: '    deletes: scan', people })
  well(await run())
  await source.query('alter table people alter id type integer using id::integer')
  const refused = (await run({ allowShrink: true })).datasets[0]
  expect(refused).toMatchObject({ status: 'failed', deleted: 0, problem: { code: 'E708' } })
  // The newest row is read again, under its new id.
  expect(await names()).toHaveLength(10)
})

test('deletes: source is refused where the source does not tell them', async () => {
  const { problems } = await planOf(await setUp('duckdb', { settings: '    deletes: source' }))
  expect(problems.map((it) => it.code)).toEqual(['E313'])
  expect(problems[0]!.remedy).toContain('deletes: scan')
})

test('a test of a pipeline sees what its key scan finds, and what its source tells', async () => {
  for (const [settings, expected] of [
    ['    deletes: scan', '[]'],
    ['    deletes: source', '[]'],
    ['    lookback: 1m', '[ { given_name: Ada } ]'],
  ] as const) {
    const { project } = await setUp('duckdb', {
      settings: `    key: id\n${settings}`,
      tests: TESTS(expected),
    })
    const answer = await project.json<{ failed: number }>(['test'])
    expect(answer.result, `${settings}: ${JSON.stringify(answer.problems)}`).toMatchObject({
      passed: 1,
      failed: 0,
    })
  }
})

const TESTS = (expected: string) => `tests:
  - name: who is gone
    steps:
      - given:
          people: [ { id: 1, name: Ada, updated_at: "2024-01-01T00:00:00Z" }, { id: 2, name: Bo, updated_at: "2024-01-02T00:00:00Z" } ]
        expect: { party: [ { given_name: Ada }, { given_name: Bo } ] }
      - given:
          people: [ { id: 2, name: Bo, updated_at: "2024-01-02T00:00:00Z" } ]
        expect: { party: ${expected.replace(']', '').trim()}${expected === '[]' ? ' ' : ', '}{ given_name: Bo } ] }
`
