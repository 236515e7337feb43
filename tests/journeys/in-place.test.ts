import { afterEach, describe, expect, test } from 'vitest'
import type { PlanReport, RunReport, StatusReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { NEAR, NEAR_TARGETS, type NearShop, nearSchema, nearShop } from '../support/near-shop.ts'
import type { TestProject } from '../support/project.ts'
import { runReport, runsWell } from '../support/report.ts'
import { inWarehouse } from '../support/warehouse.ts'

const TABLES = {
  postgres: `
create table shop.customers (
  customer_id integer primary key, first_name text, last_name varchar(40) not null, email text, born date,
  state char(1), region text, updated_at timestamptz not null
);`,
  mysql: `
create table customers (
  customer_id integer primary key, first_name text, last_name varchar(40) not null, email text, born date,
  state char(1), region text, updated_at timestamp(6) not null
);`,
}

const ROWS = `values
(1, 'Ada', 'Lovelace', 'ada@example.org', '1815-12-10', 'A', 'EU', '2026-01-01 00:00:00'),
(2, 'Grace', 'Hopper ', null, null, 'L', 'US', '2026-01-02 00:00:00.123456'),
(3, null, 'Čapek', 'KAREL@EXAMPLE.ORG', '1890-01-09', null, 'EU', '2026-01-03 00:00:00'),
(4, '', 'van ''t Hek', 'x@example.org', '0999-03-04', 'A', 'EU', '2026-01-04 00:00:00'),
(5, 'Out', 'Of Scope', 'o@example.org', '1990-01-01', 'A', 'AF', '2026-01-05 00:00:00')`

const pipeline = (load: string, from: string, more = '') => `pipeline: shop
connection: shop_db
datasets:
  customers:
    from: ${from}
    load: ${load}
    where: region = "EU" or region = "US"
${more}${NEAR_TARGETS}`

describe.each(NEAR)('%s', (name) => {
  const customers = `${nearSchema(name)}customers`
  let shop: NearShop
  let project: TestProject
  const load = (word: string) => shop.rewrite(pipeline(word, customers))

  async function setUp(): Promise<void> {
    const tables = `${TABLES[name]} insert into ${customers} ${ROWS}`
    shop = await nearShop(name, { tables, pipeline: pipeline('direct', customers) })
    project = shop.project
  }
  afterEach(() => shop?.remove())

  const shown = async (): Promise<Record<string, Row[]>> => ({
    party: await shop.show('party'),
    identifier: await shop.show('identifier'),
  })
  const modes = (report: RunReport) => report.datasets.map((it) => it.mode)

  test('a copy goes in place and back, and shows the same rows under the same ids', async () => {
    await setUp()
    await load('copy')
    // The year 999 is in no warehouse.
    expect((await runReport(project)).exitCode).toBe(3)
    const copied = await shown()
    expect(copied['party']).toHaveLength(3)

    await load('direct')
    const plan = await project.json<PlanReport>(['plan'])
    expect(plan.result.datasets).toMatchObject([{ road: 'view', roadWas: expect.any(String) }])
    expect(modes((await runsWell(project)).result)).toEqual(['view'])
    expect(await shown()).toEqual(copied)
    await shop.says(`update ${customers} set first_name = 'Augusta' where customer_id = 1`)
    const changed = await shown()
    expect(changed['party']!.map((it) => it['given_name'])).toContain('Augusta')

    await shop.says(`delete from ${customers} where customer_id = 2`)
    await load('copy')
    expect(modes((await runReport(project)).result)).toEqual(['full'])
    const again = await shown()
    expect(again['party']).toHaveLength(2)
    expect(again['party']).toEqual(changed['party']!.filter((it) => it['source_id'] !== '2'))
  })

  test('what is looked up is joined in the view, and gives what a copy gives', async () => {
    await setUp()
    const states = `${nearSchema(name)}states`
    await shop.says(
      `create table ${states} (code varchar(3) primary key, title text); insert into ${states} values ('A', 'Mrs'), ('X', 'Dr')`,
    )
    const joined = (word: string) =>
      pipeline(word, customers, `    with:\n      kind: { from: ${states}, on: state }\n`).replace(
        'family_name: last_name',
        'family_name: last_name\n        job_title: kind.title & "/" & $string($exists(kind.title))',
      )
    await shop.rewrite(joined('copy'))
    await runReport(project)
    const copied = await shown()
    expect(copied['party']!.map((it) => it['job_title'])).toContain('Mrs/true')
    await shop.rewrite(joined('direct'))
    const plan = await project.json<PlanReport>(['plan'])
    expect(plan.result.datasets, JSON.stringify(plan.problems)).toMatchObject([{ road: 'view' }])
    await runsWell(project)
    expect(await shown()).toEqual(copied)
  })

  test('rows that a guard leaves out are listed, counted and no reason to stop', async () => {
    await setUp()
    const report = await runsWell(project)
    const { result } = await project.json<StatusReport>(['status'])
    expect(result.datasets).toMatchObject([{ inPlace: true, openRejects: 1 }])
    expect(report.problems.map((it) => it.code)).toContain('E341')
    const left = await inWarehouse(shop.warehouse, (session) =>
      session.query(
        `select source_id, table_name, column_name from ${session.dialect.relation(session.internal, 'shop__customers__rejects')}`,
      ),
    )
    expect(left).toEqual([{ source_id: '4', table_name: 'party', column_name: 'birth_date' }])
  })

  if (name === 'postgres')
    test('what a constraint proves is not tested, and a row that comes after the constraint went is told', async () => {
      await setUp()
      await shop.says(
        `delete from shop.customers where born < '1000-01-01'; ` +
          `alter table shop.customers add constraint years check (born between '1800-01-01' and '2100-01-01')`,
      )
      await runsWell(project)
      const before = await shown()
      const tested = () =>
        inWarehouse(shop.warehouse, async (session) => {
          const [row] = await session.query<{ text: string }>(
            `select definition as text from pg_views where viewname = 'party__shop__customers__view'`,
          )
          return row!.text.includes('9999-12-31')
        })
      expect(await tested()).toBe(false)

      await shop.says(
        `alter table shop.customers drop constraint years; update shop.customers set born = 'infinity' where customer_id = 1`,
      )
      const { result } = await project.json<StatusReport>(['status'])
      expect(result.datasets).toMatchObject([{ inPlace: true, openRejects: 1 }])
      const plan = await project.json<PlanReport>(['plan'])
      expect(plan.problems.map((it) => it.code)).toContain('E341')
      expect((await runsWell(project)).problems.map((it) => it.code)).toContain('E341')
      expect(await tested()).toBe(true)
      expect((await shown())['party']).toEqual(before['party']!.filter((it) => it['source_id'] !== '1'))
    })

  if (name === 'mysql')
    test('what constraints say is not tested while no row is left out, whoever may switch them off', async () => {
      await setUp()
      await shop.says(`delete from customers where born < '1000-01-01'`)
      await shop.says(
        `alter table customers add check (born >= '1000-01-01' and born <=> born + interval 0 day)`,
      )
      await runsWell(project)
      const before = await shown()
      const tested = () =>
        inWarehouse(shop.warehouse, async (session) => {
          const [row] = await session.query<{ text: string }>(
            `select view_definition as text from information_schema.views where table_name = 'party__shop__customers__view' ` +
              `and table_schema = '${session.internal}'`,
          )
          return row!.text.includes('to_days')
        })
      expect(await tested()).toBe(false)

      await shop.says(
        `set statement check_constraint_checks = 0, sql_mode = 'ALLOW_INVALID_DATES' for ` +
          `update customers set born = '2024-02-31' where customer_id = 1`,
      )
      const { result } = await project.json<StatusReport>(['status'])
      expect(result.datasets).toMatchObject([{ inPlace: true, openRejects: 1 }])
      expect((await runsWell(project)).problems.map((it) => it.code)).toContain('E341')
      expect(await tested()).toBe(true)
      expect((await shown())['party']).toEqual(before['party']!.filter((it) => it['source_id'] !== '1'))
    })

  if (name === 'mysql')
    test('a column that gets another character set breaks the view, until the next run says it anew', async () => {
      await setUp()
      await runsWell(project)
      const before = await shown()
      await shop.says('alter table customers modify first_name text character set ucs2')
      const { result } = await project.json<StatusReport>(['status'])
      expect(result.datasets).toMatchObject([{ inPlace: true, broken: { code: 'E342' } }])
      await runsWell(project)
      expect(await shown()).toEqual(before)
    })

  test('a column that gets another type is told by status, plan and run, and shows what a copy shows', async () => {
    await setUp()
    await runsWell(project)
    const before = await shown()
    const retyped = (column: string, type: string) =>
      shop.says(
        name === 'mysql'
          ? `alter table customers modify ${column} ${type}`
          : `alter table ${customers} alter column ${column} type ${type}`,
      )
    if (name === 'postgres') {
      await expect(retyped('born', 'text')).rejects.toThrow(/used by a view/)
      return
    }
    await retyped('born', 'varchar(20)')
    const was = {
      code: 'E322',
      line: 5,
      problem: expect.stringContaining('"born" was date and is varchar(20)'),
    }
    const { result, problems } = await project.json<StatusReport>(['status'])
    expect(result.datasets).toMatchObject([
      { inPlace: true, drift: { ...was, remedy: 'Make its views anew: polder run shop.customers' } },
    ])
    expect(problems).toMatchObject([was])
    const told = expect.arrayContaining([expect.objectContaining(was)])
    expect((await project.json<PlanReport>(['plan'])).problems).toEqual(told)
    expect((await runsWell(project)).result.datasets[0]!.warnings).toEqual(told)
    expect(await shown()).toEqual(before)
    const healed = await project.json<StatusReport>(['status'])
    expect(healed.result.datasets[0]!.drift).toBeUndefined()
    expect(healed.result.datasets).toMatchObject([{ openRejects: 1 }])
    // Text that is no date has no place in the warehouse either.
    await shop.says(`update customers set born = 'soon' where customer_id = 1`)
    expect((await project.json<StatusReport>(['status'])).result.datasets).toMatchObject([{ openRejects: 2 }])
  })

  if (name === 'postgres')
    test('columns whose names differ only in case stay apart', async () => {
      const tables = `create table shop.pairs (id integer primary key, name text, "Name" text, "NAME" text);
        insert into shop.pairs values (1, 'low', 'Title', 'UP'), (2, null, 'Title', null)`
      const text = (word: string) => `pipeline: shop
connection: shop_db
datasets:
  pairs:
    from: shop.pairs
    load: ${word}
    to:
      party: { kind: { is: person }, given_name: name, family_name: Name, full_name: NAME }
`
      shop = await nearShop(name, { tables, pipeline: text('direct') })
      project = shop.project
      const names = async () =>
        (await shop.show('party')).map((it) => [it['given_name'], it['family_name'], it['full_name']])
      expect(modes((await runsWell(project)).result)).toEqual(['view'])
      const direct = await names()
      expect(direct).toEqual([
        ['low', 'Title', 'UP'],
        [null, 'Title', null],
      ])
      await shop.rewrite(text('copy'))
      await runsWell(project)
      expect(await names()).toEqual(direct)
    })

  test('what cannot be said in SQL is named with its place, and load: direct is refused', async () => {
    await setUp()
    await shop.rewrite(
      pipeline('direct', customers).replace(
        'given_name: first_name',
        'given_name: $split(first_name, " ")[0]',
      ),
    )
    const plan = await project.json<PlanReport>(['plan'])
    expect(plan.problems).toMatchObject([{ code: 'E340', line: 11 }])
    const run = await runReport(project)
    expect(run.exitCode).not.toBe(0)
    expect(run.result.datasets[0]!.problem).toMatchObject({ code: 'E340' })
  })

  test('a column that is gone from the source is an error of the run, not of the analyst', async () => {
    await setUp()
    await runsWell(project)
    await shop.says(`alter table ${customers} add column nickname text`)
    expect(modes((await runsWell(project)).result)).toEqual(['view'])
    if (name === 'postgres') {
      await expect(shop.says(`alter table ${customers} drop column born`)).rejects.toThrow(/depend/)
      return
    }
    await shop.says(`alter table ${customers} drop column born`)
    const plan = await project.json<PlanReport>(['plan'])
    expect(plan.ok).toBe(false)
    const status = await project.json<StatusReport>(['status'])
    expect(status.result.datasets).toMatchObject([{ inPlace: true, broken: { code: 'E342' } }])
    const run = await runReport(project)
    expect(run.exitCode).not.toBe(0)
    expect(JSON.stringify(run)).toContain('born')
  })
})
