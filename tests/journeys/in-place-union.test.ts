import { afterEach, describe, expect, test } from 'vitest'
import type { PlanReport } from '../../core/report.ts'
import type { Row } from '../../core/value.ts'
import { NEAR, type NearShop, nearSchema, nearShop } from '../support/near-shop.ts'
import { runReport, runsWell } from '../support/report.ts'
import { inWarehouse } from '../support/warehouse.ts'

const dataset = (name: string, from: string, load: string, givenName: string) => `
  ${name}:
    from: ${from}
    load: ${load}
    to:
      party:
        kind: { is: person }
        given_name: ${givenName}
        birth_date: born
        industry: { is: 'it''s \\ 100% ?' }
`

describe.each(NEAR)('a unified view of two datasets on %s', (name) => {
  const schema = nearSchema(name)
  let shop: NearShop
  afterEach(() => shop?.remove())

  const pipeline = (...datasets: string[]) =>
    `pipeline: shop\nconnection: shop_db\ndatasets:${datasets.join('')}`
  const customers = (load = 'direct', given = 'first_name') =>
    dataset('customers', `${schema}customers`, load, given)
  const leads = (load = 'direct', given = 'nick') => dataset('leads', `${schema}leads`, load, given)

  async function setUp(): Promise<void> {
    const columns = 'id integer primary key, born date, first_name varchar(40), last_name varchar(40)'
    const tables =
      `create table ${schema}customers (${columns}); create table ${schema}leads (id integer primary key, born date, nick varchar(40)); ` +
      `insert into ${schema}customers values (1, '1815-12-10', 'Ada', 'Lovelace'), (2, '0999-12-31', 'Nobody', 'Old'); ` +
      `insert into ${schema}leads values (1, '1906-12-09', 'Amazing Grace')`
    shop = await nearShop(name, { tables, pipeline: pipeline(customers(), leads()) })
  }
  const run = (dataset: string) => runsWell(shop.project, [`shop.${dataset}`])
  const names = async () => (await shop.show('party')).map((it: Row) => it['given_name']).sort()
  const ddl = async () => (await shop.project.json<PlanReport>(['plan'])).result.ddl.map((it) => it.name)

  test('follows each of its parts, whichever is run, and is made anew only then', async () => {
    await setUp()
    await runsWell(shop.project)
    expect(await names()).toEqual(['Ada', 'Amazing Grace'])
    expect(await ddl()).toEqual([])

    await shop.rewrite(pipeline(customers('direct', 'last_name'), leads()))
    await run('leads')
    expect(await names()).toEqual(['Ada', 'Amazing Grace'])
    await run('customers')
    expect(await names()).toEqual(['Amazing Grace', 'Lovelace'])
    expect(await ddl()).toEqual([])
  })

  if (name === 'mysql') {
    test('shows a copy beside a view, and either again in place of the other', async () => {
      await setUp()
      await run('customers')
      expect(await names()).toEqual(['Ada'])
      await shop.rewrite(pipeline(customers(), leads('copy')))
      await run('leads')
      await shop.says(`update ${schema}customers set first_name = 'Augusta' where id = 1`)
      await shop.says(`update ${schema}leads set nick = 'Grace' where id = 1`)
      expect(await names()).toEqual(['Amazing Grace', 'Augusta'])

      await shop.rewrite(pipeline(customers('copy'), leads()))
      // The year 999 is in no warehouse.
      expect((await runReport(shop.project)).exitCode).toBe(3)
      await shop.says(`update ${schema}customers set first_name = 'Ada' where id = 1`)
      expect(await names()).toEqual(['Augusta', 'Grace'])
      expect(await ddl()).toEqual([])
    })

    test('stays as it is while a view under it is broken, and is whole again behind it', async () => {
      await setUp()
      await runsWell(shop.project)
      await shop.says('alter table leads change nick alias varchar(40)')
      await shop.rewrite(pipeline(customers('direct', 'last_name'), leads()))
      await runReport(shop.project, ['shop.customers'])
      await expect(shop.show('party')).rejects.toMatchObject({ code: 'E690' })

      await shop.says('alter table leads change alias nick varchar(40)')
      expect(await names()).toEqual(['Ada', 'Amazing Grace'])
      await run('customers')
      expect(await names()).toEqual(['Amazing Grace', 'Lovelace'])
    })

    test('says itself what its part views select, or reads them where a warehouse does not know that', async () => {
      await setUp()
      await runsWell(shop.project)
      const { schema, internal } = shop.warehouse
      const text = () =>
        inWarehouse(shop.warehouse, async (session) => {
          const [view] = await session.query<{ text: string }>(
            `select view_definition as text from information_schema.views where table_schema = '${schema}' and table_name = 'party'`,
          )
          return view!.text
        })
      expect(await text()).not.toContain(internal)

      // As a version before this one left it.
      await shop.says(`drop table ${internal}.part_selects`)
      await run('leads')
      expect(await text()).toContain('party__shop__customers__view')
      expect(await names()).toEqual(['Ada', 'Amazing Grace'])
      await run('customers')
      expect(await text()).not.toContain(internal)
      expect(await names()).toEqual(['Ada', 'Amazing Grace'])

      await shop.rewrite(pipeline(customers(), leads('copy')))
      await run('leads')
      const kept = await shop.says(`select name from ${internal}.part_selects`)
      expect(kept).toEqual([{ name: 'party__shop__customers__view' }])
    })
  }
})
